"""git, in a cleaned environment: the one module that starts git, and the only importer of GitPython.

The one rule: no name that points git at somebody else's repository, index or identity reaches a child.
A hook of a linked worktree exports absolute `GIT_DIR` and `GIT_INDEX_FILE`; a tool that passes them on writes
into the user's project.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from kairos_git.catfile import ask, asked
from kairos_git.catfile import content as content_of
from kairos_git.errors import GitFailed, NotFound

if TYPE_CHECKING:
    from git import Repo

MINIMUM = (2, 36)  # core.fsync arrived in 2.36
INSIDE = "KAIROS_GIT_INSIDE"  # marks our own children, so that no hook of ours observes them

# What a person may set for git that does not choose a repository, an index, an object store or an identity.
_KEPT = frozenset(
    [
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_SSH_VARIANT",
        "GIT_ASKPASS",
        "GIT_EXEC_PATH",
        "GIT_SSL_CAINFO",
        "GIT_SSL_CAPATH",
        "GIT_SSL_NO_VERIFY",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_ATTR_NOSYSTEM",
        "GIT_CEILING_DIRECTORIES",
        "GIT_ALLOW_PROTOCOL",
        "GIT_HTTP_USER_AGENT",
        "GIT_PROXY_SSL_CAINFO",
    ]
)
# Settings of a repository that could start a program, or lose time, when we only read.
_QUIET = (
    "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false",
    "-c", "diff.external=", "-c", "log.showSignature=false", "-c", "color.ui=false", "-c", "core.pager=cat",
    "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "protocol.ext.allow=never",
)  # fmt: skip
# What git says over a repository that lost something or was hit.
DAMAGED = (
    "damaged",
    "corrupt",
    "is empty",
    "unable to read",
    "unable to stream",
    "bad object",
    "missing object",
    "bad tree",
    "Could not read",
    "not a valid object",
    "not a tree object",
)
_USAGE = 129  # git's exit code where it does not know an option
# A partial clone would ask its remote for what it lacks: older gits do not know GIT_NO_LAZY_FETCH, but this one.
_NO_FETCH = ("-c", "protocol.allow=never")


class Result(NamedTuple):
    """What one git command answered: exit code, standard output and standard error as bytes."""

    code: int
    out: bytes
    err: bytes


def clean_environment(environ: dict[str, str] | None = None) -> dict[str, str]:
    """The environment for a git child: the caller's, less every `GIT_*` that is not known to be harmless."""
    source = os.environ if environ is None else environ
    kept = {k: v for k, v in source.items() if not k.startswith("GIT_") or k in _KEPT}
    kept.update(LC_ALL="C", LANGUAGE="C", GIT_TERMINAL_PROMPT="0", GIT_OPTIONAL_LOCKS="0")
    kept[INSIDE] = "1"
    return kept


def scrub_process() -> None:
    """Drop the same names from this process, for libraries that read `os.environ` themselves (GitPython does)."""
    for name in [n for n in os.environ if n.startswith("GIT_") and n not in _KEPT]:
        del os.environ[name]


class Git:
    """git in one folder. Owns the folder's name and one reading child; every other method starts a child and waits for it."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._reader: subprocess.Popen[bytes] | None = None
        self.folder = os.fspath(folder)

    def __repr__(self) -> str:
        return f"Git({self.folder!r})"

    def popen(self, *args: str, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start git and return the process, for callers that stream. Raises NotFound where git or the folder is missing."""
        environment = clean_environment()
        environment.update(env or {})
        try:
            return subprocess.Popen(
                ["git", *_QUIET, *args], cwd=self.folder, env=environment,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
        except FileNotFoundError as error:
            if os.path.isdir(self.folder):
                raise NotFound("git was not found on PATH. Install git 2.36 or newer.") from error
            raise NotFound(f"{self.folder} is not a folder.") from error
        except NotADirectoryError as error:
            raise NotFound(f"{self.folder} is not a folder.") from error
        except OSError as error:  # not executable, no program at all, or this process may start none
            raise GitFailed(
                f"git cannot be started in {self.folder} ({error.strerror}). `git --version` must work here."
            ) from error

    def run(
        self, *args: str, stdin: bytes = b"", check: bool = True, env: dict[str, str] | None = None,
        timeout: float | None = None,
    ) -> Result:  # fmt: skip
        """Run one command. Raises GitFailed on a non-zero exit (unless `check` is off), when git was killed, or after `timeout` s."""
        process = self.popen(*args, env=env)
        try:
            out, err = process.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.communicate()
            raise GitFailed(f"git {args[0]} in {self.folder} did not answer within {timeout:g} s.") from error
        except BaseException:  # Ctrl-C while git runs: the child must not outlive us
            _end(process)
            raise
        if process.returncode < 0:  # a git that was killed said nothing, and that is no answer
            raise GitFailed(f"git {args[0]} in {self.folder} was killed by signal {-process.returncode}.", process.returncode)
        if check and process.returncode != 0:
            words = err.decode(errors="replace").strip()
            said = f"git {args[0]} failed in {self.folder}: {words}{advice(self.folder, words)}{_outdated(process.returncode)}"
            raise GitFailed(said, process.returncode, words)
        return Result(process.returncode, out, err)

    def text(self, *args: str, stdin: bytes = b"", check: bool = True) -> str:
        """Standard output as text without its last newline; bytes that are not UTF-8 survive as surrogates."""
        return self.run(*args, stdin=stdin, check=check).out.decode(errors="surrogateescape").rstrip("\n")

    def lines(self, *args: str, check: bool = True) -> list[str]:
        """Standard output as lines; none where it is empty."""
        text = self.text(*args, check=check)
        return text.split("\n") if text else []

    def ok(self, *args: str) -> bool:
        """Whether the command exits 0."""
        return self.run(*args, check=False).code == 0

    def config(self, name: str) -> str | None:
        """One value of the effective configuration, or None."""
        result = self.run("config", "--get", name, check=False)
        return result.out.decode(errors="surrogateescape").rstrip("\n") if result.code == 0 else None

    def resolve(self, revision: str) -> str | None:
        """The full commit id a revision names, or None. The revision may come from a person."""
        result = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}", check=False)
        return result.out.decode().strip() if result.code == 0 else None

    def objects(self, names: Iterable[str]) -> Iterator[tuple[str, str, bytes] | None]:
        """(object id, type, content) for each name, in order; None where it does not exist.

        One `git cat-file --batch-command` serves all calls of this object: it sees what is written meanwhile, and ends with it.
        """
        wanted = list(names)
        if any("\n" in n for n in wanted):
            raise ValueError("an object name with a newline")
        if not wanted:
            return
        reader = self._taken_reader()
        assert reader.stdin is not None and reader.stdout is not None
        try:
            yield from ask(reader.stdin, reader.stdout, wanted)
            self._reader = reader
        except (BrokenPipeError, EOFError) as error:  # git ends over an object that is damaged
            words = _last_words(reader)
            hint = advice(self.folder, words) + _outdated(reader.wait())
            raise GitFailed(f"git cannot read the repository at {self.folder}: {words}.{hint}") from error
        finally:
            if self._reader is not reader:
                _end(reader)

    def blob(self, name: str, most: int) -> bytes | None:
        """A blob's content; None where it is no blob, larger than `most` bytes (then it is not read), or not here.

        What a partial clone lacks is never fetched.
        """
        if "\n" in name:
            raise ValueError("an object name with a newline")
        reader = self._taken_reader()
        assert reader.stdin is not None and reader.stdout is not None
        try:
            facts = asked(reader.stdin, reader.stdout, "info", name)
            content = None
            if facts is not None and facts[1] == "blob" and facts[2] <= most:
                found = asked(reader.stdin, reader.stdout, "contents", name)
                content = content_of(reader.stdout, found[2]) if found else None
            self._reader = reader
            return content
        except (
            EOFError,
            GitFailed,
            BrokenPipeError,
        ) as error:  # git ends over an object that is damaged; the next one has another reader
            with contextlib.suppress(OSError):  # what was still to be asked
                reader.stdin.close()
            if reader.wait() < 0:
                raise GitFailed(f"git cat-file in {self.folder} was killed.", reader.returncode) from error
            if old := _outdated(reader.returncode):
                raise GitFailed(f"git cannot read the repository at {self.folder}.{old}", reader.returncode) from error
            return None
        finally:
            if self._reader is not reader:
                _end(reader)

    def _taken_reader(self) -> subprocess.Popen[bytes]:
        """The reading child, started where there is none; a caller that stops in the middle leaves no half-read answer behind."""
        if self._reader is None or self._reader.poll() is not None:
            self._reader = self.popen(*_NO_FETCH, "cat-file", "--batch-command", env={"GIT_NO_LAZY_FETCH": "1"})
        reader, self._reader = self._reader, None
        return reader

    def close(self) -> None:
        """End the reader, if there is one."""
        if self._reader is not None:
            _end(self._reader)
            self._reader = None

    def __del__(self) -> None:
        self.close()

    def repo(self) -> Repo:
        """GitPython's view of the repository, for reading history. Costs about nine times a bare Python start."""
        from git import Repo

        scrub_process()
        return Repo(self.folder)


def advice(folder: str, words: str) -> str:
    """What to do next, as a sentence to add, where git's words tell of a damaged repository; else ""."""
    if "dubious ownership" in words:
        return f" It belongs to somebody else. If you trust it: `git config --global --add safe.directory {folder}`."
    if not any(word in words for word in DAMAGED):
        return ""
    return (
        f" `git -C {folder} fsck` names what is damaged: restore it from a clone or a backup "
        "(`git hash-object -w FILE` makes the object of a file that is whole anew, once the damaged one is removed)."
    )


def _outdated(code: int) -> str:
    """What to do, as a sentence to add, where git did not know a command or an option of ours because it is too old; else ""."""
    if code != _USAGE or version() >= MINIMUM:
        return ""
    need, have = (".".join(map(str, numbers)) for numbers in (MINIMUM, version()))
    return f" The git on PATH is {have}: install git {need} or newer."


def _last_words(process: subprocess.Popen[bytes]) -> str:
    """What a git that ended said last. It has closed its output, so it ends by itself."""
    assert process.stdin is not None and process.stderr is not None
    with contextlib.suppress(OSError):
        process.stdin.close()
    lines = process.stderr.read().decode(errors="replace").strip().splitlines()
    killed = f"git cat-file was killed by signal {-process.wait()}" if process.wait() < 0 else "git cat-file gave no answer"
    return lines[-1] if lines else killed


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    process.kill()
    process.wait()


def version() -> tuple[int, ...]:
    """The version of the git on PATH, as numbers: (2, 39, 5). Raises NotFound where there is no git."""
    words = Git(".").text("--version").split()
    if len(words) < 3:
        raise GitFailed(f"`git --version` answered {' '.join(words)!r}: the git on PATH is none. Install git 2.36 or newer.")
    digits = [part for part in words[2].split(".") if part.isdigit()]
    return tuple(int(d) for d in digits[:3])
