"""`make demo`: the main job on real input, in a clone so that nothing of yours is touched.

Shows what a newcomer wants to see: the index, the dream's commit, why one fact stands, a revert, and the next dream leaving it out.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

KAIROS = [sys.executable, "-P", "-m", "kairos_git"]


def say(text: str) -> None:
    """A heading of the demo."""
    print(f"\n\033[1m# {text}\033[0m" if sys.stdout.isatty() else f"\n# {text}", flush=True)


def run(folder: Path, *words: str, shown: str = "", lines: int = 0) -> str:
    """Run a command, print what was typed and what it answered (at most `lines` lines)."""
    command = [*KAIROS, *words[1:]] if words[0] == "kairos-git" else list(words)
    print(f"\n$ {shown or shlex.join(words)}", flush=True)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    out = (done.stdout + done.stderr).rstrip().splitlines()
    print(
        "\n".join(out[:lines] if lines else out) + (f"\n… ({len(out) - lines} more lines)" if lines and len(out) > lines else "")
    )
    if done.returncode:
        raise SystemExit(f"the demo stopped: {shlex.join(words)} answered {done.returncode}")
    return done.stdout


def ask(folder: Path, *words: str) -> list[dict[str, str]]:
    """A command's JSON, silently."""
    done = subprocess.run([*KAIROS, *words, "--json"], cwd=folder, capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout))


def main() -> None:
    """The demo on the project named as the argument, this checkout by default."""
    source = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    if subprocess.run(["git", "-C", str(source), "rev-parse", "--git-dir"], capture_output=True, check=False).returncode:
        raise SystemExit(f"{source} is not a git repository: make demo PROJECT=path")
    with tempfile.TemporaryDirectory(prefix="kairos-demo-") as folder:
        here = Path(folder)
        name = source.name.removesuffix(".git") or "project"
        say(f"A memory beside a clone of {name}: history read, tree surveyed, first dream landed")
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(source), str(here / name)], check=True)
        email = subprocess.run(
            ["git", "-C", str(source), "log", "-1", "--format=%ae"], capture_output=True, text=True, check=True
        ).stdout.strip()
        project, memory = here / name, here / f"{name}.memory"
        for key, value in (("user.name", "You"), ("user.email", email or "you@example.org")):
            subprocess.run(["git", "-C", str(project), "config", key, value], check=True)
        os.environ["HOME"] = folder
        show(project, memory)


def show(project: Path, memory: Path) -> None:
    """The tour. What is told in it is true of no project, and so contradicts nothing that the survey found."""
    git = ("git", "-C", str(memory))
    typed = f"git -C ../{memory.name}"
    run(project, "kairos-git", "init")
    say("The index an agent starts with")
    run(project, "cat", str(memory / "MEMORY.md"), shown=f"cat ../{memory.name}/MEMORY.md", lines=40)
    say("Why does it believe the first of its commands? Because of a place in the tree, which every dream reads again")
    read = [f["id"] for f in ask(project, "facts", "--state", "confirmed") if f["slot"].endswith(".command")]
    if read:
        run(project, "kairos-git", "why", read[0])
    else:
        print("\n(its files name none)")
    say("You tell it two things; the next dream is one commit")
    run(project, "kairos-git", "observe", "The staging host is `stage-7`")
    run(project, "kairos-git", "observe", "Releases are cut from the branch `stable`")
    run(project, "kairos-git", "dream")
    dream = ask(project, "dreams")[0]["dream"]
    shown = ("log", "-1", "-p", "--format=%h %an %s%n%n%b")
    run(project, *git, *shown, "--", "topics", shown=f"{typed} log -1 -p -- topics", lines=45)
    fact = next(f["id"] for f in ask(project, "facts") if "stage-7" in f["text"])
    run(project, "kairos-git", "why", fact)
    say("Something is learned later; then you revert the earlier dream, with git alone")
    run(project, "kairos-git", "observe", "Never force-push to a shared branch")
    run(project, "kairos-git", "dream")
    run(project, *git, "revert", "--no-edit", dream, shown=f"{typed} revert --no-edit {dream[:12]}")
    say("An agent repeats what was undone; the next dream leaves it out, and keeps what was learned later")
    run(project, "kairos-git", "observe", "The staging host is `stage-7`", "--src", "agent", "--session", "echo")
    run(project, "kairos-git", "dream")
    run(project, "kairos-git", "facts", "--all", "--topic", "notes")
    run(project, "kairos-git", "facts", "--topic", "rules")
    run(project, "kairos-git", "why", fact)
    say("The diary, and the check anyone can run")
    run(project, *git, "log", "--oneline", shown=f"{typed} log --oneline")
    run(project, "kairos-git", "fsck")


if __name__ == "__main__":
    main()
