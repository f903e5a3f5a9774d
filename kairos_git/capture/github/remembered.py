"""What was already taken from GitHub: deliveries, events, what each check came to, and how much was noted today.

One file under the memory's git directory, shared by the receiver and the poller, so that an event which reaches us by both
is one observation, also after a restart.

    d ID            a delivery, by its id and by its body (a body can be replayed under another id: only the body is signed)
    e ID            an event
    c ID 1 EPOCH    a check's last result (1 green, 0 red) and when
    n DAY COUNT     how many events were noted on a day

The one rule: a line is added only after what it is about is durable; a lost line costs a repeated look, never an event.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from kairos_git.errors import NotWritable
from kairos_git.memory.alone import held
from kairos_git.memory.files import read_regular, write_whole
from kairos_git.memory.repository import Memory
from kairos_git.memory.text import identity

FOLDER = "github"
LOCK = f"{FOLDER}/taken.lock"
MOST = 10_000  # deliveries and events remembered, each
MOST_CHECKS = 1_000


def folder(memory: Memory) -> str:
    """Where everything about GitHub is kept: beside the memory's other state, out of its history."""
    return os.path.join(memory.own, FOLDER)


class Remembered:
    """The file of what was taken. Owns it while `held`; what it knows is read again when somebody else wrote."""

    def __init__(self, memory: Memory) -> None:
        self._own = memory.own
        self.path = os.path.join(folder(memory), "taken")
        self._read: tuple[int, int] = (0, -1)
        self._lines = 0
        self._forget()

    def _forget(self) -> None:
        self.deliveries: dict[str, None] = {}
        self.events: dict[str, None] = {}
        self.checks: dict[str, tuple[bool, int]] = {}
        self.day: tuple[str, int] = ("", 0)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the file alone, as it now is. Raises NotWritable."""
        with held(self._own, LOCK, wait=True, failing="Nothing was taken from GitHub."):
            if self._stamp() != self._read:
                self._load()
            yield

    def add(self, lines: list[str]) -> None:
        """Remember these lines, durably. Raises NotWritable."""
        if not lines:
            return
        for line in lines:
            self._learn(line)
        if self._lines + len(lines) > 4 * MOST:
            self._compact()
            return
        data = "".join(f"{line}\n" for line in lines).encode()
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                size = os.fstat(descriptor).st_size
                if size and os.pread(descriptor, 1, size - 1) != b"\n":
                    data = b"\n" + data
                os.write(descriptor, data)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            self._read = (0, -1)
            raise NotWritable(f"{self.path} cannot be written ({error.strerror}); free some space.") from error
        self._lines += len(lines)
        self._read = self._stamp()

    def _stamp(self) -> tuple[int, int]:
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            return 0, 0
        return found.st_ino, found.st_size

    def _load(self) -> None:
        self._forget()
        self._read = self._stamp()
        lines = (read_regular(self.path) or b"").decode("utf-8", "replace").splitlines()
        self._lines = len(lines)
        for line in lines:
            self._learn(line)

    def _learn(self, line: str) -> None:
        match line.split():
            case ["d", name]:
                self.deliveries[name] = self.deliveries.pop(name, None)
            case ["e", name]:
                self.events[name] = self.events.pop(name, None)
            case ["c", name, ("0" | "1") as green, epoch] if epoch.isdecimal() and epoch.isascii():
                self.checks.pop(name, None)
                self.checks[name] = (green == "1", int(epoch[:12]))
            case ["n", day, count] if count.isdecimal() and count.isascii():
                self.day = (day, int(count[:9]))
        for known, most in ((self.deliveries, 2 * MOST), (self.events, MOST)):
            while len(known) > most:
                del known[next(iter(known))]
        while len(self.checks) > MOST_CHECKS:
            del self.checks[next(iter(self.checks))]

    def _compact(self) -> None:
        lines = [f"d {name}" for name in self.deliveries] + [f"e {name}" for name in self.events]
        lines += [f"c {name} {int(green)} {epoch}" for name, (green, epoch) in self.checks.items()]
        lines += [f"n {self.day[0]} {self.day[1]}"] if self.day[0] else []
        write_whole(self.path, "".join(f"{line}\n" for line in lines).encode())
        self._lines, self._read = len(lines), self._stamp()


def mark(*parts: str) -> str:
    """A name for anything, of a fixed length: what outsiders chose never stands in the file itself."""
    return identity("g", *parts)
