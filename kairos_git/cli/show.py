"""How things are printed: JSON, plain columns in a pipe, a table on a terminal, notes on standard error.

The one rule: standard output holds the answer and nothing else.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from kairos_git.errors import Problem


def answer(text: str) -> None:
    """Print the answer. Bytes of the log that are no UTF-8 are shown, not refused."""
    sys.stdout.write(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") + "\n")


def as_json(value: object) -> None:
    """Print one JSON value."""
    answer(json.dumps(value, ensure_ascii=False))


def note(text: str) -> None:
    """Say something beside the answer."""
    sys.stderr.write("kairos-git: " + text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") + "\n")


def problems(found: Iterable[Problem], most: int = 20) -> None:
    """Say what is bad, as `path:line: message`; many of one kind are counted."""
    listed = list(dict.fromkeys(found))
    for problem in listed[:most]:
        note(str(problem))
    if len(listed) > most:
        note(f"… and {len(listed) - most} more; `kairos-git fsck` lists them all")


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on a terminal; in a pipe one line a row, columns parted by two spaces, without headings."""
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for n, heading in enumerate(headings):
            made.add_column(heading, overflow="fold", no_wrap=n == 0)
        for row in rows:
            made.add_row(*(Text(cell) for cell in row))
        Console().print(made)
        return
    widths = [max((len(row[n]) for row in rows), default=0) for n in range(len(headings) - 1)]
    for row in rows:
        answer("  ".join([*(cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=True)), row[-1]]).rstrip())


@contextmanager
def progress() -> Iterator[Callable[[str, int], None]]:
    """A progress line on a terminal's standard error for long work; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda what, n: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, object] = {}

        def step(what: str, n: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=None)
            bar.update(tasks[what], completed=n)  # type: ignore[arg-type]

        yield step
