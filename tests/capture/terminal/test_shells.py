"""What real shells on a real terminal write down of what is typed, and what they leave alone."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from conftest import Place, git, run
from kairos_git.capture.terminal.lines import Activity, parse_activity
from kairos_git.capture.terminal.shell import SHELLS, shell_init

START = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}
PROMPT = {
    "bash": "PS1='@@ '\nPS2=''\nHISTCONTROL=ignoreboth\n",
    "zsh": "PS1='@@ '\nPS2=''\nunsetopt prompt_sp\n",
    "fish": "set -g fish_greeting\nfunction fish_prompt; echo -n '@@ '; end\n",
}


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    """Each shell that is installed here."""
    return there(str(request.param))


def there(name: str) -> str:
    """The shell, or a skip where it is not installed."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    return name


@pytest.fixture
def spool(place: Place) -> Path:
    """The spool of a memory that the project is linked to."""
    folder = place.memory / ".git" / "kairos" / "spool"
    folder.mkdir(parents=True)
    place.git("config", "kairos.memory", str(place.memory))
    (place.root / "src").mkdir()
    return folder


def type_in(shell: str, folder: Path, lines: list[str], before: str = "", after: str = "", **env: str) -> str:
    """Type lines into an interactive shell on a terminal of its own; everything it printed."""
    home = Path(os.environ["HOME"])
    file = home / START[shell]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(PROMPT[shell] + before + shell_init(shell) + "\n" + after)
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "TERM": "dumb", "LANG": "C.UTF-8", **env}
    pid, terminal = pty.fork()
    if pid == 0:  # pragma: no cover - the shell
        os.chdir(folder)
        os.execvpe(shell, [shell, "-i"], environment)
    said, end, sent = b"", time.monotonic() + 60, False
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 0.05)[0]:
            if b"@@" in said and not sent:
                os.write(terminal, "".join(f"{line}\r" for line in [*lines, "exit 0"]).encode())
                sent = True
            continue
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # the shell closed its side
            break
        if not chunk:
            break
        said += chunk
    os.close(terminal)
    assert os.waitpid(pid, 0)[1] in (0, 256), said
    return said.decode(errors="replace")


def noted(spool: Path) -> list[Activity]:
    """What stands in the raw file; every line must be whole."""
    file = spool / "terminal"
    lines = file.read_text().split("\n")[:-1] if file.exists() else []
    found = [parse_activity(line) for line in lines]
    assert None not in found, lines
    return [a for a in found if a is not None]


def commands(spool: Path) -> list[str]:
    return [a.command for a in noted(spool) if not a.command.startswith("exit")]


def test_command_folder_exit_code_duration_and_time_are_noted(shell: str, place: Place, spool: Path) -> None:
    """A command belongs to the folder it was typed in; nothing that it printed is kept; the file is the owner's alone."""
    start = int(time.time())
    said = type_in(shell, place.root, ["true", "sh -c 'exit 3'", "cd src", "sleep 0.3", "echo printed-$HOME"])

    found = {a.command: a for a in noted(spool)}
    assert [found["true"].code, found["sh -c 'exit 3'"].code] == [0, 3]
    assert found["cd src"].folder == str(place.root)
    assert found["sleep 0.3"].folder == str(place.root / "src")
    assert 0.3 <= found["sleep 0.3"].took < 30
    assert start - 2 <= found["true"].began <= time.time() + 1
    assert f"printed-{os.environ['HOME']}" in said
    assert "printed-/" not in (spool / "terminal").read_text()
    assert (spool / "terminal").stat().st_mode & 0o777 == 0o600


def test_nothing_is_said_and_the_exit_code_stays(shell: str, place: Place, spool: Path) -> None:
    """The shell prints what it would print without us, and `$?` is that of the command."""
    status = "$status" if shell == "fish" else "$?"
    said = type_in(shell, place.root, ["sh -c 'exit 5'", f"echo code={status}"])

    assert "code=5" in said
    assert "kairos" not in said.replace(str(place.root), "")


def test_what_is_to_be_left_out_is_left_out(shell: str, place: Place, spool: Path) -> None:
    """A leading space, and what looks like a secret or sets a variable for others."""
    hidden = ["echo my-PassWord", "export A=b" if shell != "fish" else "set -gx A b", "echo token", "echo https://a:b@c.example"]
    type_in(shell, place.root, ["echo one", " echo hidden", *hidden, "echo two", "echo two"])

    assert commands(spool) == ["echo one", "echo two", "echo two"]


@pytest.mark.parametrize("kept", ["", "ignorespace", "ignoredups", "erasedups"])
def test_bash_leaves_out_a_leading_space_whatever_its_history_keeps(kept: str, place: Place, spool: Path) -> None:
    """And a command that is typed again is noted again."""
    lines = ["echo one", " echo hidden", "echo two", "echo two", "echo one"]
    type_in(there("bash"), place.root, lines, before=f"HISTCONTROL={kept}\n")

    assert commands(spool) == ["echo one", "echo two", "echo two", "echo one"]


def test_the_owners_patterns_take_the_place_of_ours(shell: str, place: Place, spool: Path) -> None:
    """KAIROS_IGNORE is a list of globs, in any case; what is not in it is noted."""
    type_in(shell, place.root, ["echo token", "Echo-no x", "echo NONE"], KAIROS_IGNORE="echo-*:*None*")

    assert commands(spool) == ["echo token"]


def test_a_command_of_many_lines_is_one_line(shell: str, place: Place, spool: Path) -> None:
    """Line breaks, tabs and backslashes come back as they were typed; what is longer than 500 characters is cut and marked."""
    type_in(shell, place.root, ['echo "one\rtwo \\\\ three"', "echo ü日本", "echo " + "x" * 600])

    first, second, third = [a for a in noted(spool) if a.command.startswith("echo")]
    assert first.command == 'echo "one\ntwo \\\\ three"'
    assert (second.command, second.cut) == ("echo ü日本", False)
    assert (len(third.command), third.cut) == (500, True)


def test_what_is_typed_elsewhere_is_nobodys_business(shell: str, place: Place, spool: Path, tmp_path: Path) -> None:
    """Outside a project with a memory nothing is written, and nothing in the project but its own git config ever was."""
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    before = sorted(str(p) for p in tmp_path.rglob("*") if p.parent != spool)
    type_in(shell, other, ["echo elsewhere", f"cd {place.root}", "echo here", f"cd {tmp_path}", "echo out"])

    assert commands(spool) == ["echo here", f"cd {tmp_path}"]
    assert sorted(str(p) for p in tmp_path.rglob("*") if p.parent != spool) == before


def test_a_second_time_is_harmless(shell: str, place: Place, spool: Path) -> None:
    """A command is noted once, however often the functions were taken in."""
    type_in(shell, place.root, ["echo once"], after=shell_init(shell))

    assert commands(spool) == ["echo once"]


def test_a_memory_made_meanwhile_is_found(shell: str, place: Place, spool: Path) -> None:
    """After a command of ours the link is looked up again."""
    place.git("config", "--unset", "kairos.memory")
    link = f"git config kairos.memory {place.memory}"
    type_in(shell, place.root, ["echo before", link, "true kairos-git", "echo after"])

    assert commands(spool)[-1] == "echo after"
    assert "echo before" not in commands(spool)


@pytest.mark.parametrize("options", ["set -u", "set -e", "set -o noclobber", "PROMPT_COMMAND='echo mine $?'", "trap 'x=1' DEBUG",
                                     "PROMPT_COMMAND=('echo mine $?')", "PS0='go '"])  # fmt: skip
def test_bash_keeps_what_its_owner_set(options: str, place: Place, spool: Path) -> None:
    """Strict options, a prompt command as text or list, a DEBUG trap and a PS0 go on working, and so do we."""
    said = type_in(there("bash"), place.root, ["echo a", "! true", "echo b $?"], before=f"{options}\n")

    assert commands(spool) == ["echo a", "! true", "echo b $?"]
    assert "b 1" in said
    assert ("mine 1" in said) == ("mine" in options)
    assert ("go" in said) == ("PS0" in options)
    assert "unbound" not in said


def test_bash_preexec_is_used_where_it_is(place: Place, spool: Path) -> None:
    """Where its arrays are, nothing else is touched: its own hooks hand over the command and the exit code."""
    hooks = "bash_preexec_imported=defined\npreexec_functions=()\nprecmd_functions=()\n"
    there("bash")
    said = type_in(
        "bash",
        place.root,
        ["declare -p PS0 PROMPT_COMMAND; kairos_precmd; kairos_preexec 'echo x'; (exit 4); kairos_precmd"],
        before=hooks,
    )

    assert [(a.command, a.code) for a in noted(spool)] == [("echo x", 4)]
    assert "kairos_prompt" not in said


@pytest.mark.parametrize("options", ["setopt ksh_arrays sh_word_split", "set -u", "setopt no_clobber err_return", "precmd() { echo mine $? }",
                                     "setopt hist_ignore_space hist_ignore_all_dups"])  # fmt: skip
def test_zsh_keeps_what_its_owner_set(options: str, place: Place, spool: Path) -> None:
    """Options that change the language, and a precmd of their own."""
    said = type_in(there("zsh"), place.root, ["echo a", "(exit 1)", "echo b $?", " echo c"], before=f"{options}\n")

    assert commands(spool) == ["echo a", "(exit 1)", "echo b $?"]
    assert "b 1" in said
    assert ("mine 1" in said) == ("mine" in options)


def test_after_the_first_command_no_process_is_started(place: Place, spool: Path) -> None:
    """One `git config` for a project, and from then on not so much as a fork."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    trace, script = place.root.parent / "trace", place.root.parent / "typed"
    script.write_text(shell_init(there("bash")) + "\n:\n: one\necho MARK\n: two\n: three\n")
    words = ["strace", "-f", "-e", "trace=clone,clone3,fork,vfork,execve,write", "-o", str(trace), "bash", "--norc", "-i"]
    done = subprocess.run(words, cwd=place.root, input=script.read_bytes(), capture_output=True, check=False)
    if not trace.exists() or "MARK" not in trace.read_text():
        pytest.skip(f"strace may not trace here: {done.stderr[-200:]!r}")
    calls = trace.read_text()

    assert commands(spool)[-2:] == [": two", ": three"]
    assert calls.count("/git") >= 1
    assert not [line for line in calls.partition("MARK")[2].split("\n") if "clone" in line or "fork" in line or "execve" in line]


def test_a_pipe_or_link_in_the_spools_place_is_left_alone(shell: str, place: Place, spool: Path) -> None:
    """Opening a pipe would hang the prompt; a link could lead anywhere."""
    os.mkfifo(spool / "terminal")
    type_in(shell, place.root, ["echo a"])
    (spool / "terminal").unlink()
    (spool / "terminal").symlink_to(place.root / "elsewhere")
    type_in(shell, place.root, ["echo b"])

    assert not (place.root / "elsewhere").exists()


def test_the_command_prints_it_and_refuses_other_shells(place: Place) -> None:
    """`eval "$(kairos-git shell-init bash)"` takes in exactly the template with our patterns."""
    for name in SHELLS:
        out = run(place.root, "shell-init", name).out
        assert out == shell_init(name)
        assert "@IGNORE@" not in out
    assert "tcsh" in run(place.root, "shell-init", "tcsh", code=2).err
