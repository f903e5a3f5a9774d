"""What `git cat-file --batch-command` is asked and answers, on its two pipes.

The one rule: an answer that ends in the middle is never taken for a whole one; git streams an object and ends where it is damaged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO

from kairos_git.errors import GitFailed


def ask(stdin: IO[bytes], stdout: IO[bytes], names: Sequence[str]) -> Iterator[tuple[str, str, bytes] | None]:
    """(object id, type, content) for each name, in order; None where git calls it missing. Raises EOFError where git ended."""
    # Small groups: a pipe holds 64 KiB, and git stops reading names while its answers wait to be read.
    for start in range(0, len(names), 256):
        group = names[start : start + 256]
        stdin.write("".join(f"contents {n}\n" for n in group).encode(errors="surrogateescape"))
        stdin.flush()
        for _ in group:
            found = _header(stdout)
            yield (found[0], found[1], content(stdout, found[2])) if found else None


def content(stdout: IO[bytes], size: int) -> bytes:
    """The content after a header; git streams it and may end in the middle, which must not pass for all of it."""
    found = stdout.read(size + 1)
    if len(found) != size + 1:
        raise EOFError
    return found[:-1]


def asked(stdin: IO[bytes], stdout: IO[bytes], what: str, name: str) -> tuple[str, str, int] | None:
    """(object id, type, size) of one name; after `contents`, its content waits to be read. Raises EOFError where git ended."""
    stdin.write(f"{what} {name}\n".encode(errors="surrogateescape"))
    stdin.flush()
    return _header(stdout)


def _header(stdout: IO[bytes]) -> tuple[str, str, int] | None:
    """(object id, type, size) of the next answer; None where the object does not exist. Raises EOFError where git ended."""
    header = stdout.readline().decode(errors="surrogateescape").rstrip("\n")
    if header.endswith((" missing", " ambiguous")):
        return None
    if not header:
        raise EOFError
    try:
        oid, kind, size = header.split(" ")
        return oid, kind, int(size)
    except ValueError:
        raise GitFailed(f"git cat-file answered {header!r}") from None
