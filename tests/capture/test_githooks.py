"""Hook stubs in a project's git, run by real git: what they note, what they leave alone, how they come and go."""

from __future__ import annotations

import os
import resource
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kairos_git.capture import hookfiles
from kairos_git.capture.githooks import EVENTS, STAMP, HookState, install, status, uninstall
from kairos_git.errors import NotFound, NotWritable
from kairos_git.gitrun import version

SHELLS = [shell for shell in ("dash", "bash") if shutil.which(shell)]
NEW_GIT = os.environ.get("KAIROS_NEW_GIT", "")
old_git = pytest.mark.skipif(version() >= (2, 54), reason="this git takes its hooks from the config")
as_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
SECRET = "https://ada:hunter2@example.org/x.git"


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("GIT_", "KAIROS_", "CLAUDE")):
            monkeypatch.delenv(name)
    settings = {
        "HOME": str(tmp_path / "home"), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_AUTHOR_DATE": "2026-11-21T12:00:00+01:00",
        "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
        "GIT_COMMITTER_DATE": "2026-11-21T12:00:00+01:00", "GIT_SEQUENCE_EDITOR": ":", "GIT_EDITOR": ":",
    }  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "home").mkdir()


class Project:
    """A project and the spool of the memory beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.memory = folder.with_name(folder.name + ".memory")
        self.spool = self.memory / ".git" / "kairos" / "spool"
        self.spool.mkdir(parents=True)
        self.hooks = folder / ".git" / "hooks"

    def git(self, *args: str, cwd: Path | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = ["git", *args]
        return subprocess.run(command, cwd=cwd or self.folder, check=check, capture_output=True, text=True, timeout=60)

    def install(self, *drain: str) -> dict[str, HookState]:
        return {state.event: state for state in install(str(self.folder), str(self.spool), drain)}

    def status(self, *drain: str) -> dict[str, HookState]:
        return {state.event: state for state in status(str(self.folder), str(self.spool), drain)}

    def uninstall(self) -> dict[str, HookState]:
        return {state.event: state for state in uninstall(str(self.folder))}

    def commit(self, name: str = "a", text: str = "1") -> str:
        (self.folder / name).write_text(text)
        self.git("add", name)
        self.git("commit", "-q", "-m", f"write {name}")
        return self.head()

    def head(self) -> str:
        return self.git("rev-parse", "HEAD").stdout.strip()

    def pointers(self, times: bool = False) -> list[list[str]]:
        """Every pointer so far, as its fields, the time replaced by `-` unless asked for; the file is emptied."""
        file = self.spool / "pointers"
        if not file.exists():
            return []
        lines = file.read_text().split("\n")
        file.unlink()
        assert lines.pop() == ""
        pointers = [line.split("\t") for line in lines]
        assert all(fields[2] == "-" or fields[2].isdigit() for fields in pointers)
        return pointers if times else [[*fields[:2], "-", *fields[3:]] for fields in pointers]

    def events(self) -> list[str]:
        return [fields[1] for fields in self.pointers()]

    def hook(self, event: str, text: str, mode: int = 0o755) -> Path:
        self.hooks.mkdir(exist_ok=True)
        path = self.hooks / event
        path.write_text(text)
        path.chmod(mode)
        return path

    def run(self, shell: str, event: str, *args: str, **kwargs: object) -> subprocess.CompletedProcess[str]:
        """One stub as git would start it, but in a chosen shell."""
        command = [shell, f".git/hooks/{event}", *args]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=20, **kwargs)  # type: ignore[call-overload,no-any-return]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "app").mkdir()
    made = Project(tmp_path / "app")
    made.git("init", "-q", "-b", "main")
    return made


def snapshot(folder: Path) -> dict[str, object]:
    """Every file of a tree with its mode and bytes; every link with its target."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        mode = stat.S_IMODE(path.lstat().st_mode)
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = os.readlink(path)
        else:
            found[name] = (mode, path.read_bytes() if path.is_file() else "folder")
    return found


def states(found: dict[str, HookState]) -> set[str]:
    return {state.state for state in found.values()}


def opens(gate: Path) -> bool:
    """Let whoever reads a FIFO through; false as long as nobody does."""
    try:
        descriptor = os.open(gate, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return False
    os.write(descriptor, b"through\n")
    os.close(descriptor)
    return True


def eventually(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60
    while not (now := true()) and time.monotonic() < end:
        time.sleep(0.01)
    return now


@old_git
def test_a_commit_leaves_one_pointer_with_its_branch_and_id(project: Project) -> None:
    """A pointer names the event, the branch and the commit, in six fields."""
    project.install()
    commit = project.commit()
    assert project.pointers() == [["v1", "post-commit", "-", "refs/heads/main", commit, ""]]


def _merge(project: Project) -> None:
    project.git("checkout", "-q", "-b", "side")
    project.commit("side")
    project.git("checkout", "-q", "main")
    project.git("merge", "-q", "side")


def _rebase(project: Project) -> None:
    project.git("checkout", "-q", "-b", "side", "HEAD~1")
    project.commit("side")
    project.commit("more")
    project.git("rebase", "-q", "-i", "main")


def _pick(project: Project) -> None:
    project.git("checkout", "-q", "-b", "side")
    commit = project.commit("side")
    project.git("checkout", "-q", "main")
    project.commit("c")
    project.git("cherry-pick", commit)


def _push(project: Project) -> None:
    project.git("init", "-q", "--bare", "../remote.git")
    project.git("remote", "add", "origin", "../remote.git")
    project.git("push", "-q", "origin", "main")


def _commit_all(project: Project) -> None:
    (project.folder / "a").write_text("changed")
    project.git("commit", "-q", "-a", "-m", "change")


ACTIONS: dict[str, tuple[Callable[[Project], object], list[str]]] = {
    "commit": (lambda p: p.commit("c"), ["post-commit"]),
    "commit -a": (_commit_all, ["post-commit"]),
    "amend": (lambda p: p.git("commit", "-q", "--amend", "-m", "better"), ["post-commit", "post-rewrite"]),
    "checkout": (lambda p: p.git("checkout", "-q", "HEAD~1"), ["post-checkout"]),
    "merge": (_merge, ["post-checkout", "post-commit", "post-checkout", "post-merge"]),
    "rebase": (_rebase, [*["post-checkout", "post-commit", "post-commit"] * 2, "post-rewrite"]),
    "cherry-pick": (_pick, ["post-checkout", "post-commit", "post-checkout", "post-commit", "post-commit"]),
    "push": (_push, ["pre-push"]),
}  # fmt: skip


@old_git
@pytest.mark.parametrize("name", ACTIONS)
def test_each_action_leaves_the_pointers_of_its_events(project: Project, name: str) -> None:
    """Commits, merges, rewrites, checkouts and pushes each leave the pointers of the events git fires."""
    action, expected = ACTIONS[name]
    project.commit("a")
    project.commit("b")
    project.install()
    action(project)
    assert project.events() == expected


@old_git
@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("drain", [(), ("/bin/true",)], ids=["quiet", "draining"])
def test_git_sees_no_difference(tmp_path: Path, name: str, drain: tuple[str, ...]) -> None:
    """The same action ends in the same HEAD, index entries, status and refs with the stubs as without."""
    seen = []
    for kind in ("with", "without"):
        (tmp_path / kind / "app").mkdir(parents=True)
        project = Project(tmp_path / kind / "app")
        project.git("init", "-q", "-b", "main")
        project.commit("a")
        project.commit("b")
        if kind == "with":
            project.install(*drain)
        ACTIONS[name][0](project)
        questions = (["rev-parse", "HEAD"], ["ls-files", "-s"], ["status", "--porcelain"], ["for-each-ref"])
        seen.append([project.git(*question).stdout for question in questions])
    assert seen[0] == seen[1]


@old_git
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("event", EVENTS)
def test_a_stub_writes_to_the_spool_and_nowhere_else(project: Project, shell: str, event: str) -> None:
    """Running a stub leaves every byte of the project's git directory and work tree as it was, and prints nothing."""
    project.commit()
    project.install()
    before = snapshot(project.folder)
    done = project.run(shell, event, "origin", SECRET)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert snapshot(project.folder) == before
    assert project.events() == [event]


@old_git
@pytest.mark.parametrize("shell", SHELLS)
def test_the_time_is_there_where_the_shell_knows_it(project: Project, shell: str) -> None:
    """The time is seconds since the epoch where a shell has EPOCHSECONDS, else `-`, and nothing else it may hold."""
    known = subprocess.run([shell, "-c", "echo $EPOCHSECONDS"], capture_output=True, text=True).stdout.strip()
    project.install()
    project.run(shell, "post-commit")
    [[_, _, now, *_]] = project.pointers(times=True)
    assert abs(int(now) - int(known)) < 60 if known else now == "-"
    if not known:  # there it is a variable like any other
        project.run(shell, "post-commit", env={**os.environ, "EPOCHSECONDS": "1\t2"})
        assert project.pointers(times=True)[0][2] == "-"


@old_git
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("args", "noted"),
    [
        (("origin", SECRET), "origin"),
        ((SECRET, SECRET), "?"),
        (("../dir", "../dir"), "?"),
        ((SECRET, "other"), "?"),
        ((), "?"),
    ],
)
def test_no_url_is_written_down(project: Project, shell: str, args: tuple[str, ...], noted: str) -> None:
    """Of a push only the remote's name is noted; where it has none, its URL is not noted either."""
    project.install()
    project.run(shell, "pre-push", *args)
    assert project.pointers()[0][5] == noted


@old_git
@pytest.mark.parametrize("shell", SHELLS)
def test_arguments_that_are_no_plain_words_become_a_question_mark(project: Project, shell: str) -> None:
    """Spaces, tabs, newlines, letters beyond ASCII, emptiness and great length cannot break a pointer's line."""
    project.install()
    project.run(shell, "post-checkout", "a-b_c./9", "x y", "x\ty", "x\ny", "é", "", "$(id)", "x" * 201)
    assert project.pointers()[0][5] == "a-b_c./9" + " ?" * 7


@old_git
@pytest.mark.parametrize("shell", SHELLS)
def test_head_is_read_from_its_files(project: Project, shell: str) -> None:
    """A detached HEAD has an id and no branch; a packed branch has a name and no id; nonsense has neither."""
    commit = project.commit()
    project.install()
    head = project.folder / ".git" / "HEAD"
    project.git("pack-refs", "--all")
    for content in (commit, "ref: refs/heads/main", "ref: refs/heads/a\tb", "garbage", "", "ref: refs/heads/.invalid"):
        head.write_text(content + "\n")
        project.run(shell, "post-commit")
    assert [fields[3:5] for fields in project.pointers()] == [
        ["-", commit], ["refs/heads/main", "-"], ["-", "-"], ["-", "-"], ["-", "-"], ["-", "-"],
    ]  # fmt: skip


@old_git
@pytest.mark.parametrize("shell", SHELLS)
def test_our_own_git_is_not_noted_and_still_chains(project: Project, shell: str) -> None:
    """Under KAIROS_GIT_INSIDE nothing is recorded or started, and the hook behind runs all the same."""
    project.hook("post-commit", "#!/bin/sh\necho behind\nexit 3\n")
    ran = project.folder.with_name("ran")
    project.install("/usr/bin/touch", str(ran))
    done = project.run(shell, "post-commit", env={**os.environ, "KAIROS_GIT_INSIDE": "1"})
    assert (done.returncode, done.stdout) == (3, "behind\n")
    time.sleep(0.2)
    assert project.pointers() == [] and not ran.exists()


@old_git
@pytest.mark.parametrize("name", ["a b", "it's", 'say "x"', "new\nline", "$HOME `id` \\n @SPOOL@", "é"])
def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    """Spaces, quotes, newlines, dollars and our own placeholders in a path reach the spool as they are."""
    (tmp_path / name).mkdir()
    project = Project(tmp_path / name)
    project.git("init", "-q", "-b", "main")
    assert states(project.install("/bin/echo", name)) == {"installed"}
    commit = project.commit()
    assert project.pointers() == [["v1", "post-commit", "-", "refs/heads/main", commit, ""]]
    assert states(project.status("/bin/echo", name)) == {"installed"}
    assert states(project.uninstall()) == {"missing"}


@old_git
def test_linked_worktrees_share_the_stubs(project: Project, tmp_path: Path) -> None:
    """A commit in a linked worktree is noted with that worktree's branch, wherever the stubs were installed from."""
    project.commit()
    project.git("worktree", "add", "-q", "-b", "side", "../side")
    assert {s.state for s in install(str(tmp_path / "side"), str(project.spool), ())} == {"installed"}
    project.git("commit", "-q", "--allow-empty", "-m", "x", cwd=tmp_path / "side")
    commit = project.git("rev-parse", "side").stdout.strip()
    assert project.pointers() == [["v1", "post-commit", "-", "refs/heads/side", commit, ""]]
    project.git("worktree", "add", "-q", "-b", "third", "../third")  # here git runs the hook without GIT_DIR
    [[_, event, _, branch, noted, _]] = project.pointers()
    assert (event, branch, noted) == ("post-checkout", "refs/heads/third", project.head())


@old_git
def test_a_submodule_has_hooks_of_its_own(project: Project, tmp_path: Path) -> None:
    """Stubs installed in a submodule note its commits and not its superproject's."""
    project.commit()
    (tmp_path / "super").mkdir()
    outer = Project(tmp_path / "super")
    outer.git("init", "-q", "-b", "main")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(project.folder), "sub")
    install(str(tmp_path / "super" / "sub"), str(outer.spool), ())
    outer.git("commit", "-q", "-m", "outer")
    assert outer.pointers() == []
    outer.git("commit", "-q", "--allow-empty", "-m", "inner", cwd=tmp_path / "super" / "sub")
    commit = outer.git("rev-parse", "HEAD", cwd=tmp_path / "super" / "sub").stdout.strip()
    assert outer.pointers() == [["v1", "post-commit", "-", "refs/heads/main", commit, ""]]
    assert {s.state for s in uninstall(str(tmp_path / "super" / "sub"))} == {"missing"}


@old_git
def test_a_bare_repository_notes_its_pushes(project: Project, tmp_path: Path) -> None:
    """In a bare repository a push is noted with the branch HEAD names."""
    commit = project.commit()
    project.git("clone", "-q", "--bare", ".", "../bare.git")
    project.git("init", "-q", "--bare", "../remote.git")
    bare = tmp_path / "bare.git"
    assert {s.state for s in install(str(bare), str(project.spool), ())} == {"installed"}
    (bare / "refs" / "heads" / "main").write_text(commit + "\n")
    project.git("remote", "add", "there", "../remote.git", cwd=bare)
    project.git("push", "-q", "there", "main", cwd=bare)
    assert project.pointers() == [["v1", "pre-push", "-", "refs/heads/main", commit, "there"]]


@old_git
def test_a_separate_git_directory_is_followed(tmp_path: Path) -> None:
    """`git init --separate-git-dir` puts the stubs in that directory, and commits are noted."""
    (tmp_path / "app").mkdir()
    project = Project(tmp_path / "app")
    project.git("init", "-q", "-b", "main", "--separate-git-dir", "../elsewhere.git")
    project.install()
    assert hookfiles.read(str(tmp_path / "elsewhere.git" / "hooks" / "post-commit"))
    commit = project.commit()
    assert project.pointers() == [["v1", "post-commit", "-", "refs/heads/main", commit, ""]]


@old_git
def test_a_git_directory_named_on_the_command_line_is_followed(project: Project, tmp_path: Path) -> None:
    """With --git-dir and --work-tree apart, HEAD is read from where git says and not from the work tree."""
    project.install()
    (tmp_path / "tree").mkdir()
    apart = ("--git-dir=../app/.git", "--work-tree=.")
    project.git(*apart, "commit", "-q", "--allow-empty", "-m", "x", cwd=tmp_path / "tree")
    assert project.pointers() == [["v1", "post-commit", "-", "refs/heads/main", project.head(), ""]]


@old_git
def test_a_subfolder_stands_for_its_project(project: Project) -> None:
    """Installing from inside a subfolder of the project is installing in the project."""
    (project.folder / "deep" / "er").mkdir(parents=True)
    found = install(str(project.folder / "deep" / "er"), str(project.spool), ())
    assert {os.path.dirname(state.path) for state in found} == {str(project.hooks)}


def test_what_is_no_git_repository_is_not_found(tmp_path: Path) -> None:
    """A folder without git, and no folder at all, are NotFound with what to do."""
    for path in (tmp_path / "home", tmp_path / "nowhere"):
        for attempt in (lambda p: install(p, "s", ()), lambda p: status(p, "s", ()), uninstall):
            with pytest.raises(NotFound, match=str(path)):
                attempt(str(path))


def test_a_drain_is_named_by_its_whole_path(project: Project) -> None:
    """A drain that would be searched on a commit's PATH is refused."""
    with pytest.raises(ValueError, match="kairos-git"):
        project.install("kairos-git", "drain")


@old_git
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_no_program_is_started_without_a_drain(project: Project, shell: str, event: str) -> None:
    """With the drain turned off the shell starts nothing and does not even fork; with it, the drain alone."""
    project.commit()
    trace = project.folder.with_name("trace")
    calls = "trace=execve,execveat,fork,vfork,clone,clone3"
    for drain, programs, forks in (((), 1, 0), (("/bin/true",), 2, 1)):
        project.install(*drain)
        command = f"strace -f -qq -e {calls} -e signal=none -o {trace} {shell} .git/hooks/{event} x".split()
        done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, timeout=60)
        if "PTRACE" in done.stderr:
            pytest.skip("strace may not trace here")
        lines = [line for line in trace.read_text().splitlines() if "resumed" not in line]
        assert sum(" exec" in line for line in lines) == programs, lines
        assert sum("fork(" in line or "clone" in line for line in lines) == forks, lines
    assert project.events() == [event, event]


@old_git
@pytest.mark.parametrize("behind", ["", "#!/bin/sh\nwait\n"], ids=["alone", "before a hook that waits"])
def test_a_drain_keeps_nobody_waiting(project: Project, tmp_path: Path, behind: str) -> None:
    """A commit is over, and its pipes are at their end, while the drain it started still runs."""
    if behind:
        project.hook("post-commit", behind)
    gate, pipe, done = tmp_path / "gate", tmp_path / "pipe", tmp_path / "done"
    os.mkfifo(gate)
    os.mkfifo(pipe)
    project.install("/bin/sh", "-c", f"read x <'{gate}'; echo $x >'{done}'")
    read = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    def ended() -> bool:
        try:
            return os.read(read, 1) == b""
        except BlockingIOError:  # the drain has been forked, and closes its descriptors next
            return False

    command = ["sh", "-c", f"exec 3>'{pipe}'; git commit -q --allow-empty -m x"]
    subprocess.run(command, cwd=project.folder, check=True, capture_output=True, timeout=20)
    assert eventually(ended)
    os.close(read)
    assert not done.exists()
    assert eventually(lambda: opens(gate))
    assert eventually(lambda: done.exists() and done.read_text() == "through\n")


@old_git
def test_a_rebase_starts_one_drain_at_its_end(project: Project, tmp_path: Path) -> None:
    """The commits a rebase makes on its way start no drain; its checkout and its end do."""
    project.commit("a")
    project.commit("b")
    project.git("checkout", "-q", "-b", "side", "HEAD~1")
    for name in ("c", "d", "e"):
        project.commit(name)
    log = tmp_path / "log"
    project.install("/bin/sh", "-c", f"echo drained >>'{log}'")
    project.git("rebase", "-q", "-i", "main")
    assert project.events() == ["post-checkout", "post-commit", "post-commit", "post-commit", "post-rewrite"]
    assert eventually(lambda: log.exists() and log.read_text() == "drained\n" * 2)
    time.sleep(0.1)
    assert log.read_text() == "drained\n" * 2


@old_git
def test_a_drain_that_is_gone_is_nobody_s_business(project: Project) -> None:
    """A drain whose program was uninstalled leaves the commit as it is, and silent."""
    project.install("/nowhere/kairos-git", "drain", "--quiet")
    done = project.git("commit", "-q", "--allow-empty", "-m", "x")
    assert (done.stdout, done.stderr) == ("", "")


def _no_memory(spool: Path) -> None:
    shutil.rmtree(spool.parent.parent.parent)


def _fifo_for_folder(spool: Path) -> None:
    spool.rmdir()
    os.mkfifo(spool)


SPOOLS: dict[str, Callable[[Path], object]] = {
    "the memory is gone": _no_memory,
    "the spool is gone": lambda spool: spool.rmdir(),
    "the spool is a FIFO": _fifo_for_folder,
    "the pointers are a FIFO": lambda spool: os.mkfifo(spool / "pointers"),
    "the pointers are a folder": lambda spool: (spool / "pointers").mkdir(),
    "the pointers are a full device": lambda spool: (spool / "pointers").symlink_to("/dev/full"),
    "the pointers are a link to nowhere": lambda spool: (spool / "pointers").symlink_to("/nowhere/x"),
}


@old_git
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", SPOOLS)
@pytest.mark.parametrize("behind", [True, False], ids=["chained", "alone"])
def test_a_spool_that_takes_nothing_is_passed_over(project: Project, shell: str, name: str, behind: bool) -> None:
    """Whatever has become of the spool, the stub neither waits nor speaks nor fails, and the hook behind it runs."""
    if behind:
        project.hook("pre-push", "#!/bin/sh\ncat\nexit 7\n")
    project.install("/bin/true")
    SPOOLS[name](project.spool)
    done = project.run(shell, "pre-push", "origin", "url", input="refs")
    assert (done.returncode, done.stdout, done.stderr) == ((7, "refs", "") if behind else (0, "", ""))


@old_git
@as_user
@pytest.mark.parametrize("shell", SHELLS)
def test_a_read_only_spool_is_passed_over(project: Project, shell: str) -> None:
    """A spool that may not be written to leaves the commit as it is, and silent."""
    project.install()
    project.spool.chmod(0o500)
    done = project.run(shell, "post-commit")
    project.spool.chmod(0o700)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


SOURCED = '#!/bin/sh\nprintf "%s|%s|%s\\n" "${0##*/}" "$#" "$*" >>../seen\ncat >>../seen\nexit ${CODE:-0}\n'
EXECUTED = SOURCED.replace("#!/bin/sh", "#!/bin/sh -e").replace("${0##*/}", "$0")
PYTHON = f"#!{sys.executable}\nimport sys\nopen('../seen', 'a').write(repr(sys.argv[1:]) + sys.stdin.read())\n"


@old_git
@pytest.mark.parametrize(("text", "name"), [(SOURCED, "pre-push"), (EXECUTED, ".git/hooks/pre-push.kairos-chained")])
def test_a_pre_push_hook_behind_ours_still_decides(project: Project, tmp_path: Path, text: str, name: str) -> None:
    """A former pre-push hook sees its arguments and its stdin, and a push it refuses is refused."""
    project.hook("pre-push", text.replace("CODE:-0", "CODE:-1"))
    commit = project.commit()
    assert project.install()["pre-push"].state == "chained"
    project.git("init", "-q", "--bare", "../remote.git")
    refused = project.git("push", "-q", "../remote.git", "main", check=False)
    assert refused.returncode == 1
    assert project.git("ls-remote", "../remote.git").stdout == ""
    zeros = "0" * 40
    # bash makes a path whole before it executes it
    seen = f"{name}|2|../remote.git ../remote.git\nrefs/heads/main {commit} refs/heads/main {zeros}\n"
    assert (tmp_path / "seen").read_text().removeprefix(f"{project.folder}/") == seen
    os.environ["CODE"] = "0"
    project.git("push", "-q", "../remote.git", "main")
    del os.environ["CODE"]
    assert project.git("ls-remote", "../remote.git", "main").stdout.startswith(commit)
    assert project.events() == ["pre-push", "pre-push"]


@old_git
def test_a_checkout_s_exit_code_is_its_hook_s(project: Project) -> None:
    """A post-checkout hook that fails makes the checkout fail, and does so through our stub."""
    project.commit()
    project.hook("post-checkout", "#!/bin/sh\nexit 5\n")
    without = project.git("checkout", "-q", "-b", "one", check=False).returncode
    project.install()
    assert project.git("checkout", "-q", "-b", "two", check=False).returncode == without != 0


@old_git
def test_a_hook_in_another_language_is_executed(project: Project, tmp_path: Path) -> None:
    """A former hook that is no shell script gets its arguments and stdin as before."""
    project.commit()
    project.hook("post-rewrite", PYTHON)
    project.install()
    project.git("commit", "-q", "--amend", "-m", "better")
    seen = (tmp_path / "seen").read_text()
    assert seen.startswith("['amend']") and seen.endswith(f" {project.head()}\n")


@old_git
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("text", ["#!/bin/sh\necho x", "#!/bin/bash\necho x", "echo x", "#!/bin/sh\nset -e\nfalse\n:"])
def test_a_hook_behind_ours_speaks_and_fails_as_before(project: Project, shell: str, text: str) -> None:
    """Output and exit code of a former hook are the same through the stub, whatever its first and last line."""
    hook = project.hook("post-merge", text)
    plain = subprocess.run(["sh", "-c", f"'{hook}' 0"], capture_output=True, text=True)
    project.install()
    done = project.run(shell, "post-merge", "0")
    assert (done.returncode, done.stdout, done.stderr) == (plain.returncode, plain.stdout, plain.stderr)


@old_git
def test_a_hook_that_was_turned_off_stays_off(project: Project) -> None:
    """A former hook without its executable bit is not run, as git would not, and keeps its mode."""
    project.hook("post-commit", "#!/bin/sh\ntouch ../ran\n", 0o644)
    project.install()
    project.commit()
    assert not project.folder.with_name("ran").exists()
    project.uninstall()
    assert stat.S_IMODE((project.hooks / "post-commit").stat().st_mode) == 0o644


@old_git
def test_a_linked_hook_is_chained_and_comes_back_as_a_link(project: Project) -> None:
    """A hook that is a symbolic link runs behind ours and is the same link afterwards."""
    script = project.folder / "script"
    script.write_text("#!/bin/sh\necho ran >>../seen\n")
    script.chmod(0o755)
    (project.hooks / "post-commit").symlink_to("../../script")
    assert project.install()["post-commit"].state == "chained"
    project.git("commit", "-q", "--allow-empty", "-m", "x")
    assert project.folder.with_name("seen").read_text() == "ran\n"
    assert project.uninstall()["post-commit"].state == "foreign"
    assert os.readlink(project.hooks / "post-commit") == "../../script"


@old_git
@pytest.mark.parametrize(
    "text",
    [
        "#!/usr/bin/env ruby\nhook_type = File.basename($0)\n",
        "#!/bin/bash\nname=${0##*/}\n",
        "#!/usr/bin/python3\nPath(sys.argv[0]).name\n",
    ],
)
def test_a_hook_that_asks_for_its_name_is_left_in_place(project: Project, text: str) -> None:
    """A script that learns from its file name which hook it is, and that no shell can source, is not renamed."""
    hook = project.hook("pre-push", text)
    state = project.install()["pre-push"]
    assert (state.state, hook.read_text()) == ("unsupported", text)
    assert "name" in state.note and "kairos.memory" in state.note
    assert project.status()["pre-push"] == state
    assert project.status()["post-commit"].state == "installed"
    assert project.uninstall()["pre-push"].state == "foreign"


@old_git
@pytest.mark.parametrize("shell", SHELLS)
def test_a_copy_of_the_stub_behind_the_stub_ends(project: Project, shell: str) -> None:
    """A stub that finds a copy of itself behind it runs once, and the next install removes the copy."""
    project.install()
    copy = project.hooks / "post-commit.kairos-chained"
    shutil.copy2(project.hooks / "post-commit", copy)
    assert project.run(shell, "post-commit").returncode == 0
    assert project.events() == ["post-commit"]
    assert project.status()["post-commit"].state == "installed"
    assert project.install()["post-commit"].state == "installed"
    assert not copy.exists()


HUSKY = '#!/usr/bin/env sh\n. "${0%/*}/h"'
HUSKY_H = """#!/usr/bin/env sh
n=$(basename "$0")
s=$(dirname "$(dirname "$0")")/$n
[ ! -f "$s" ] && exit 0
sh -e "$s" "$@"
"""


def husky(project: Project) -> Path:
    """What husky 9 does: a tracked folder for the owner's hooks, and an ignored one inside it that git is sent to."""
    inner = project.folder / ".husky" / "_"
    inner.mkdir(parents=True, exist_ok=True)
    (inner / ".gitignore").write_text("*")
    (inner / "h").write_text(HUSKY_H)
    for event in EVENTS:
        (inner / event).write_text(HUSKY)
        (inner / event).chmod(0o755)
    project.git("config", "core.hooksPath", ".husky/_")
    return inner


@old_git
def test_husky_runs_behind_ours(project: Project) -> None:
    """In husky's ignored folder ours come first, husky knows by its own name which hook to run, and nothing is lost."""
    inner = husky(project)
    (project.folder / ".husky" / "pre-push").write_text('echo "pre-push $1" >>../seen\nexit 9\n')
    before, config = snapshot(inner), (project.folder / ".git" / "config").read_bytes()
    assert states(project.install()) == {"chained"}
    project.commit()
    project.git("init", "-q", "--bare", "../remote.git")
    assert project.git("push", "../remote.git", "main", check=False).returncode == 1
    assert project.folder.with_name("seen").read_text() == "pre-push ../remote.git\n"
    assert project.events() == ["post-commit", "pre-push"]
    husky(project)  # every `npm install` writes its hooks anew, over ours
    assert states(project.status()) == {"foreign"}
    assert states(project.install()) == {"chained"}
    assert states(project.uninstall()) == {"foreign"}
    assert snapshot(inner) == before
    assert (project.folder / ".git" / "config").read_bytes() == config


@old_git
def test_husky_that_overwrote_ours_is_itself_after_uninstall(project: Project) -> None:
    """Where another tool has put its own hook back over ours, uninstall removes only the copy behind."""
    inner = husky(project)
    before = snapshot(inner)
    project.install()
    husky(project)
    project.uninstall()
    assert snapshot(inner) == before


def precommit(project: Project, event: str, version: str = "4") -> None:
    """What pre-commit's install does: a hook that is not its own becomes `<event>.legacy`, which its script runs."""
    path = project.hooks / event
    mark = "# File generated by pre-commit: https://pre-commit.com"
    if path.exists() and mark not in path.read_text():
        path.rename(path.with_name(event + ".legacy"))
    script = f"""#!/usr/bin/env bash
{mark}
# ID: 138fd403232d2ddd5efb44317e38bf03
# version {version}
if [ -n "$PRE_COMMIT_RUNNING_LEGACY" ]; then echo "installed in migration mode" >&2; exit 1; fi
export PRE_COMMIT_RUNNING_LEGACY=1
ending=acy # the real script leaves this name to its Python half
legacy="$(cd "$(dirname "$0")" && pwd)/{event}.leg$ending"
[ ! -x "$legacy" ] || "$legacy" "$@" || exit 1
echo checks >>../seen
"""
    path.write_text(script)
    path.chmod(0o755)


def forget_precommit(project: Project, event: str) -> None:
    """What pre-commit's uninstall does."""
    (project.hooks / event).unlink()
    legacy = project.hooks / f"{event}.legacy"
    if legacy.exists():
        legacy.rename(project.hooks / event)


def _pushes(project: Project) -> list[str]:
    """What one push ran and noted; it must go through."""
    seen = project.folder.with_name("seen")
    seen.write_text("")
    project.git("push", "-q", "-f", "../remote.git", "HEAD:refs/heads/main")
    project.git("commit", "-q", "--amend", "--allow-empty", "-m", f"push {time.monotonic()}")
    return seen.read_text().split() + [e for e in project.events() if e == "pre-push"]


@pytest.fixture
def pushing(project: Project) -> Project:
    project.commit()
    project.git("init", "-q", "--bare", "../remote.git")
    return project


@old_git
def test_pre_commit_installed_after_ours_runs_ours(pushing: Project) -> None:
    """Moved to `.legacy` ours still runs once, is known as moved, stays there, and leaves without a trace."""
    pushing.install()
    precommit(pushing, "pre-push")
    assert pushing.status()["pre-push"].state == "moved"
    assert pushing.install()["pre-push"].state == "moved"
    assert _pushes(pushing) == ["checks", "pre-push"]
    assert pushing.install("/bin/true")["pre-push"].state == "moved"
    assert pushing.status()["pre-push"].note != "" and pushing.status("/bin/true")["pre-push"].note == ""
    assert pushing.uninstall()["pre-push"].state == "foreign"
    assert not (pushing.hooks / "pre-push.legacy").exists()
    assert _pushes(pushing) == ["checks"]


@old_git
def test_pre_commit_installed_before_ours_leaves_when_it_is_uninstalled(pushing: Project) -> None:
    """Ours takes the place that pre-commit's script runs, so its uninstall finds its own hook, and ours goes on."""
    precommit(pushing, "pre-push")
    before = snapshot(pushing.hooks)
    assert pushing.install()["pre-push"].state == "moved"
    assert _pushes(pushing) == ["checks", "pre-push"]
    precommit(pushing, "pre-push")
    assert _pushes(pushing) == ["checks", "pre-push"]
    pushing.uninstall()
    assert snapshot(pushing.hooks) == before
    pushing.install()
    forget_precommit(pushing, "pre-push")
    assert pushing.status()["pre-push"].state == "installed"
    assert _pushes(pushing) == ["pre-push"]


@old_git
def test_pre_commit_with_a_hook_of_its_own_behind_it_runs_behind_ours(pushing: Project) -> None:
    """Where the place that its script runs is taken, ours stands in front; installed again, pre-commit blocks no push."""
    pushing.hook("pre-push.legacy", "#!/bin/sh\necho mine >>../seen\n")
    precommit(pushing, "pre-push")
    assert pushing.install()["pre-push"].state == "chained"
    assert _pushes(pushing) == ["mine", "checks", "pre-push"]
    pushing.uninstall()
    assert _pushes(pushing) == ["mine", "checks"]


@old_git
def test_pre_commit_behind_ours_and_again_before_it_runs_once(pushing: Project) -> None:
    """As older versions of ours left it: pre-commit behind ours and, installed again, in front of it."""
    pushing.install()
    precommit(pushing, "pre-push")
    (pushing.hooks / "pre-push").rename(pushing.hooks / "pre-push.kairos-chained")
    (pushing.hooks / "pre-push.legacy").rename(pushing.hooks / "pre-push")
    assert _pushes(pushing) == ["checks", "pre-push"]
    precommit(pushing, "pre-push", version="5")
    assert pushing.status()["pre-push"].state == "moved"
    assert _pushes(pushing) == ["checks", "pre-push"]
    pushing.uninstall()
    assert _pushes(pushing) == ["checks"]


@old_git
def test_a_third_hook_keeps_its_place_behind_pre_commit(pushing: Project) -> None:
    """A hook behind ours, which pre-commit moved, becomes pre-commit's legacy when ours goes."""
    pushing.hook("pre-push", "#!/bin/sh\necho mine >>../seen\n")
    pushing.install()
    precommit(pushing, "pre-push")
    assert _pushes(pushing) == ["mine", "checks", "pre-push"]
    pushing.uninstall()
    assert _pushes(pushing) == ["mine", "checks"]
    forget_precommit(pushing, "pre-push")
    assert (pushing.hooks / "pre-push").read_text() == "#!/bin/sh\necho mine >>../seen\n"


@old_git
def test_pre_commit_uninstalled_gives_ours_its_place_back(pushing: Project) -> None:
    """After pre-commit has left, the stub it had moved is an installed one again."""
    pushing.install()
    precommit(pushing, "pre-push")
    forget_precommit(pushing, "pre-push")
    assert pushing.status()["pre-push"].state == "installed"


@old_git
def test_a_stub_called_by_name_is_moved_and_not_doubled(project: Project) -> None:
    """Where the hook in front names the file our stub was moved to, ours counts as run and no second one is written."""
    project.install()
    (project.hooks / "post-commit").rename(project.hooks / "post-commit.before")
    project.hook("post-commit", '#!/bin/sh\n"$0.before" "$@"\n')
    before = snapshot(project.hooks)
    assert project.install()["post-commit"].state == "moved"
    assert snapshot(project.hooks) == before
    project.git("commit", "-q", "--allow-empty", "-m", "x")
    assert project.events() == ["post-commit"]


def lefthook(project: Project, event: str, text: str = "#!/bin/sh\necho lefthook >>../seen\n") -> None:
    """What lefthook's install does: what is not its own becomes `<event>.old`, which nobody runs."""
    path = project.hooks / event
    if path.exists() and "lefthook" not in path.read_text():
        path.rename(path.with_name(event + ".old"))
    path.write_text(text)
    path.chmod(0o755)


@old_git
def test_lefthook_installed_over_ours_is_chained_again(pushing: Project) -> None:
    """A stub that another tool put aside, where nobody runs it, is replaced by one before that tool's hook."""
    pushing.install()
    lefthook(pushing, "pre-push")
    assert pushing.status()["pre-push"].state == "foreign"
    assert pushing.install()["pre-push"].state == "chained"
    assert not (pushing.hooks / "pre-push.old").exists()
    lefthook(pushing, "pre-push")
    assert pushing.install()["pre-push"].state == "chained"
    assert _pushes(pushing) == ["lefthook", "pre-push"]
    assert pushing.uninstall()["pre-push"].state == "foreign"
    assert [p.name for p in pushing.hooks.glob("pre-push*") if p.suffix != ".sample"] == ["pre-push"]


@old_git
def test_two_different_hooks_are_never_one(pushing: Project) -> None:
    """Where a tool wrote its hook after another had been put behind ours, install refuses and loses neither."""
    pushing.hook("pre-push", "#!/bin/sh\necho mine >>../seen\n")
    pushing.install()
    lefthook(pushing, "pre-push")
    before = snapshot(pushing.hooks)
    for attempt in (pushing.install, pushing.status):
        state = attempt()["pre-push"]
        assert state.state == "foreign" and "two different hooks" in state.note
        assert snapshot(pushing.hooks) == before
    (pushing.hooks / "pre-push.old").unlink()
    state = pushing.uninstall()["pre-push"]
    assert (state.state, "two different hooks" in state.note) == ("foreign", True)
    assert (pushing.hooks / "pre-push.kairos-chained").read_text() == "#!/bin/sh\necho mine >>../seen\n"


@old_git
@pytest.mark.parametrize("linked", [False, True], ids=["core.hooksPath", "a linked hooks folder"])
def test_tracked_hooks_are_left_alone(project: Project, linked: bool) -> None:
    """A hooks folder under version control gets no file, and the line proposed for it by hand notes a commit."""
    (project.folder / ".githooks").mkdir()
    (project.folder / ".githooks" / "pre-push").write_text("#!/bin/sh\n")
    if linked:
        shutil.rmtree(project.hooks)
        project.hooks.symlink_to("../.githooks")
    else:
        project.git("config", "core.hooksPath", ".githooks")
    before = snapshot(project.folder)
    found = project.install()
    assert states(found) == states(project.status()) == {"unsupported"}
    assert snapshot(project.folder) == before
    note = found["post-commit"].note
    assert ".githooks" in note and "read from history" in note
    hook = project.folder / ".githooks" / "post-commit"
    hook.write_text("#!/bin/sh\nset -e\n" + note.partition(f"{hook}: ")[2] + "\n")
    hook.chmod(0o755)
    assert project.git("commit", "-q", "--allow-empty", "-m", "x").stderr == ""
    assert project.pointers() == []  # the project has no memory yet
    project.git("config", "kairos.memory", str(project.memory))
    project.git("commit", "-q", "--allow-empty", "-m", "x")
    assert project.pointers() == [["v1", "post-commit", "-", "-", "-", ""]]


@old_git
@pytest.mark.parametrize("value", ["/dev/null", "not/there", ""])
def test_a_hooks_path_that_is_no_folder_is_said_to_be_none(project: Project, value: str) -> None:
    """Where core.hooksPath turns hooks off or leads nowhere, nothing is written and the note says so."""
    project.git("config", "core.hooksPath", value)
    before = snapshot(project.folder)
    assert states(project.install()) == {"unsupported"} if value else states(project.install()) != set()
    assert snapshot(project.folder) == before


@old_git
def test_shared_hooks_serve_projects_that_have_a_memory(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder for many projects the stub notes commits for each project's own memory, and for others nothing."""
    folder = tmp_path / "shared"
    folder.mkdir()
    former = folder / "post-commit"
    former.write_text("#!/bin/sh\necho former >>../seen\n")
    former.chmod(0o755)
    (tmp_path / "other").mkdir()
    other = Project(tmp_path / "other")
    other.git("init", "-q", "-b", "main")
    for one in (project, other):
        one.git("config", "core.hooksPath", str(folder))
    drained = tmp_path / "drained"
    drain = ("/usr/bin/touch", str(drained))
    assert set(project.install(*drain)) == set(EVENTS)
    assert project.status(*drain)["post-commit"].state == "chained"
    (tmp_path / "home" / "config").write_text(f"[kairos]\n\tmemory = {project.memory}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "home" / "config"))  # only a project's own word counts
    project.commit()
    time.sleep(0.2)
    assert (project.pointers(), other.pointers(), drained.exists()) == ([], [], False)
    for one in (project, other):
        one.git("config", "kairos.memory", str(one.memory))
        assert states(one.status(*drain)) == {"installed", "chained"}
        one.commit("memory")
    assert (project.events(), other.events()) == (["post-commit"], ["post-commit"])
    before = snapshot(folder)
    assert "other projects" in project.uninstall()["post-commit"].note
    assert snapshot(folder) == before
    other.commit("b")
    assert other.events() == ["post-commit"]
    uninstall(str(project.folder), shared=True)
    assert [p.name for p in folder.iterdir()] == ["post-commit"]
    assert (tmp_path / "seen").read_text() == "former\n" * 4


@old_git
def test_stubs_put_there_before_core_hookspath_was_set_are_found(project: Project) -> None:
    """Uninstall clears the default folder too, though git looks elsewhere by now."""
    before = snapshot(project.hooks)
    project.install()
    husky(project)
    project.uninstall()
    assert snapshot(project.hooks) == before


@old_git
@pytest.mark.parametrize("had", ["samples", "nothing", "no folder", "hooks"])
def test_install_and_uninstall_leave_no_trace(project: Project, had: str) -> None:
    """After install and uninstall every byte and mode of the git directory is as before."""
    if had != "samples":
        shutil.rmtree(project.hooks)
    if had == "nothing":
        project.hooks.mkdir()
    if had == "hooks":
        project.hook("post-commit", SOURCED, 0o700)
        project.hook("post-merge", PYTHON, 0o640)
        project.hook("pre-push", "no first line, no last newline", 0o755)
        project.hook("pre-commit", "#!/bin/sh\n")
    before = snapshot(project.folder)
    project.install("/bin/true")
    assert snapshot(project.folder) != before
    project.install()
    project.uninstall()
    assert snapshot(project.folder) == before
    project.uninstall()
    assert snapshot(project.folder) == before


@old_git
def test_a_second_install_changes_no_byte(project: Project) -> None:
    """Installing again writes no file, not even the same bytes anew."""
    project.hook("post-commit", SOURCED)
    first = project.install("/bin/true")
    seen = {p: (p.stat().st_ino, p.stat().st_mtime_ns) for p in project.hooks.iterdir()}
    assert project.install("/bin/true") == first
    assert {p: (p.stat().st_ino, p.stat().st_mtime_ns) for p in project.hooks.iterdir()} == seen


@old_git
def test_status_tells_what_install_would_do(project: Project) -> None:
    """Missing, foreign, installed, chained and stale are told apart, and looking changes nothing."""
    project.hook("post-commit", SOURCED)
    before = snapshot(project.folder)
    found = project.status()
    assert (found["post-commit"].state, states(found)) == ("foreign", {"foreign", "missing"})
    assert snapshot(project.folder) == before
    project.install()
    found = project.status()
    assert (found["post-commit"].state, states(found)) == ("chained", {"chained", "installed"})
    assert states(project.status("/bin/true")) == {"stale"}
    assert states({s.event: s for s in status(str(project.folder), "/else/where", ())}) == {"stale"}
    (project.hooks / "pre-push").chmod(0o644)
    assert project.status()["pre-push"].state == "stale"
    assert project.install()["pre-push"].state == "installed"
    (project.hooks / "post-commit").unlink()
    state = project.status()["post-commit"]
    assert state.state == "missing" and "kairos-chained" in state.note
    assert project.install()["post-commit"].state == "chained"


@old_git
def test_a_stub_somebody_edited_is_not_ours_to_change(project: Project) -> None:
    """Lines added to a stub run, and neither install nor uninstall takes them away, nor the hook behind it."""
    project.hook("post-merge", SOURCED)
    project.install()
    merge = project.hooks / "post-merge"
    shutil.copy2(merge, project.hooks / "post-merge.copy")
    merge.write_text(merge.read_text() + "echo mine\n")
    stub = project.hooks / "post-commit"
    stub.write_text(stub.read_text() + "echo mine >>../seen\n")
    text = stub.read_text()
    assert project.install("/bin/true")["post-commit"].state == "stale"
    project.git("commit", "-q", "--allow-empty", "-m", "x")
    assert project.folder.with_name("seen").read_text() == "mine\n"
    state = project.uninstall()["post-commit"]
    assert (state.state, stub.read_text()) == ("stale", text)
    assert "edited" in state.note
    assert not (project.hooks / "pre-push").exists()
    assert "echo mine" in merge.read_text() and (project.hooks / "post-merge.kairos-chained").read_text() == SOURCED


@old_git
def test_every_stub_carries_the_stamp(project: Project) -> None:
    """The stamp is a line of each stub, and each is executable by all."""
    project.install()
    for event in EVENTS:
        path = project.hooks / event
        assert STAMP in path.read_text().splitlines()
        assert stat.S_IMODE(path.stat().st_mode) == 0o755
    assert subprocess.run(["sh", "-n", str(project.hooks / "pre-push")]).returncode == 0


@old_git
def test_a_stub_is_removed_whatever_it_is_called(project: Project) -> None:
    """A stamped file goes under any name; a file that only speaks of the stamp stays."""
    project.install()
    (project.hooks / "pre-push").rename(project.hooks / "backup of a hook")
    other = project.hook("notes", f"#!/bin/sh\n# about: {STAMP}\n{STAMP}\n")
    elsewhere = project.folder.with_name("elsewhere")
    shutil.copy(project.hooks / "post-commit", elsewhere)
    (project.hooks / "link").symlink_to(elsewhere)
    os.mkfifo(project.hooks / "pipe")
    project.uninstall()
    assert not (project.hooks / "backup of a hook").exists()
    assert other.exists() and (project.hooks / "link").exists()


@old_git
def test_a_hook_with_a_stub_pasted_into_it_is_foreign(project: Project) -> None:
    """A script that holds a stub's text somewhere below its own first line belongs to whoever wrote it."""
    project.install()
    hook = project.hooks / "post-commit"
    hook.write_text("#!/bin/sh\necho first\n" + hook.read_text())
    assert project.status()["post-commit"].state == "foreign"


def test_a_hooks_folder_that_is_a_file_is_not_writable(project: Project) -> None:
    """Where the hooks folder cannot be, the error names it and says what to do."""
    if version() >= (2, 54):
        pytest.skip("this git takes its hooks from the config")
    shutil.rmtree(project.hooks)
    project.hooks.write_text("")
    with pytest.raises(NotWritable, match=r"hooks.*Make it writable"):
        project.install()


@old_git
def test_an_install_that_fails_half_way_puts_the_hook_back(project: Project) -> None:
    """Where the disk has no room for a stub, the hook that was moved aside for it is in its place again."""
    project.hook("post-commit", SOURCED)
    before = snapshot(project.hooks)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(NotWritable, match="hooks"):
            project.install()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert snapshot(project.hooks) == before


@old_git
@as_user
def test_a_read_only_hooks_folder_is_not_writable(project: Project) -> None:
    """A hooks folder that may not be written to is an error, and what was there still stands."""
    project.hook("post-commit", SOURCED)
    project.hooks.chmod(0o500)
    before = snapshot(project.hooks)
    try:
        with pytest.raises(NotWritable, match=r"hooks.*Make it writable"):
            project.install()
        assert snapshot(project.hooks) == before
    finally:
        project.hooks.chmod(0o755)


@pytest.fixture
def newer(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A project seen by a git that takes hooks from its config."""
    if version() < (2, 54):
        if not NEW_GIT:
            pytest.skip("needs git 2.54 or newer: name its folder in KAIROS_NEW_GIT")
        monkeypatch.setenv("PATH", NEW_GIT + os.pathsep + os.environ["PATH"])
        assert version() >= (2, 54)
    yield project


def test_a_newer_git_has_its_hooks_in_the_config(newer: Project) -> None:
    """Config hooks note commits beside a hook that stays in place, change no byte twice, and leave without a trace."""
    newer.hook("post-commit", SOURCED)
    before, hooks = snapshot(newer.folder), snapshot(newer.hooks)
    assert states(newer.status()) == {"missing"}
    first = newer.install()
    assert states(first) == {"installed"} and snapshot(newer.hooks) == hooks
    config = newer.folder / ".git" / "config"
    once = config.stat().st_ino
    assert newer.install() == first and config.stat().st_ino == once
    assert newer.git("config", "hook.kairos-pre-push.parallel").stdout == "true\n"
    commit = newer.commit()
    assert newer.pointers() == [["v1", "post-commit", "-", "refs/heads/main", commit, ""]]
    assert newer.folder.with_name("seen").read_text() == "post-commit|0|\n"
    assert states(newer.status("/bin/true")) == {"stale"}
    assert states(newer.uninstall()) == {"missing", "foreign"}
    assert not (newer.spool.parent / "hooks").exists()
    gone = snapshot(newer.folder)
    assert gone[".git/config"] == before[".git/config"] and snapshot(newer.hooks) == hooks


@pytest.mark.parametrize("name", ACTIONS)
def test_a_newer_git_leaves_the_same_pointers(newer: Project, name: str) -> None:
    """Each action leaves the pointers of its events from config hooks as well."""
    action, expected = ACTIONS[name]
    newer.commit("a")
    newer.commit("b")
    newer.install("/bin/true")
    action(newer)
    assert newer.events() == expected


def test_a_newer_git_serves_tracked_and_shared_hooks_folders(newer: Project) -> None:
    """Where core.hooksPath is tracked, config hooks still work, and the folder gets no file."""
    (newer.folder / ".githooks").mkdir()
    newer.git("config", "core.hooksPath", ".githooks")
    assert states(newer.install()) == {"installed"}
    newer.commit()
    assert newer.events() == ["post-commit"]
    assert list((newer.folder / ".githooks").iterdir()) == []


def test_a_newer_git_pushes_when_the_memory_is_gone(newer: Project) -> None:
    """With the memory deleted, config hooks neither speak nor block a push; a failing hook in the folder still does."""
    newer.install()
    newer.git("init", "-q", "--bare", "../remote.git")
    shutil.rmtree(newer.memory)
    (newer.folder / "a").write_text("1")
    newer.git("add", "a")
    assert newer.git("commit", "-q", "-m", "x").stderr == ""
    assert newer.git("push", "-q", "../remote.git", "main").stderr == ""
    newer.hook("pre-push", "#!/bin/sh\nexit 1\n")
    assert newer.git("push", "-q", "../remote.git", "main:other", check=False).returncode == 1


def test_a_newer_git_replaces_the_stubs_of_an_older_one(newer: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """When git is upgraded the files make way for the config, when it is downgraded the config for the files."""
    if not NEW_GIT:
        pytest.skip("needs both an older git and, in KAIROS_NEW_GIT, a newer one")
    both = os.environ["PATH"]
    newer.hook("post-commit", SOURCED)
    before = snapshot(newer.folder)
    monkeypatch.setenv("PATH", both.removeprefix(NEW_GIT + os.pathsep))
    assert states(newer.install()) == {"installed", "chained"}
    monkeypatch.setenv("PATH", both)
    assert states(newer.install()) == {"installed"}
    newer.commit()
    assert newer.events() == ["post-commit"]
    monkeypatch.setenv("PATH", both.removeprefix(NEW_GIT + os.pathsep))
    assert states(newer.install()) == {"installed", "chained"}
    monkeypatch.setenv("PATH", both)
    newer.commit("b")
    assert newer.events() == ["post-commit"]
    newer.uninstall()
    after = snapshot(newer.folder)
    assert {k: v for k, v in after.items() if k.startswith((".git/hooks", ".git/config"))} == {
        k: v for k, v in before.items() if k.startswith((".git/hooks", ".git/config"))
    }


def test_a_newer_git_says_when_hooks_are_turned_off(newer: Project) -> None:
    """An entry that was turned off or changed in the config is told from one that works."""
    newer.install()
    newer.git("config", "hook.kairos-pre-push.enabled", "false")
    newer.git("config", "hook.post-merge.enabled", "false")
    newer.git("config", "hook.kairos-post-commit.command", "'")
    found = newer.status()
    assert {e: s.state for e, s in found.items()} == {
        "post-commit": "stale", "post-merge": "unsupported", "post-checkout": "installed",
        "post-rewrite": "installed", "pre-push": "unsupported",
    }  # fmt: skip
    assert "hook.post-merge.enabled" in found["post-merge"].note
    assert newer.install()["post-commit"].state == "installed"
    newer.git("config", "hook.kairos-post-commit.command", "'")
    newer.uninstall()
    assert "kairos" not in (newer.folder / ".git" / "config").read_text()
