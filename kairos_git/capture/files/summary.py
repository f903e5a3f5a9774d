"""What a burst of edits comes to: one line that says which files, where and for how long.

The one rule: pure, and it claims nothing: it is `external`, an event, and names of files stand as code.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from kairos_git.capture.bursts import listed, span
from kairos_git.capture.files.snapshot import Edit
from kairos_git.memory.observation import Observation, observe
from kairos_git.memory.redact import redact
from kairos_git.memory.text import code

EVENT = ("event", "files")


def merged(edits: Iterable[Edit]) -> list[Edit]:
    """One edit for each path, with its first and last save; in the order of the last."""
    found: dict[str, Edit] = {}
    for e in edits:
        old = found.get(e.path)
        if old is None:
            found[e.path] = e
        elif (old.at, old.kind) != (e.at, e.kind):
            newest = max(old, e, key=lambda x: x.at)
            found[e.path] = newest._replace(saves=old.saves + e.saves, since=min(old.since, e.since))
    return sorted(found.values(), key=lambda e: (e.at, e.path))


def summarise(burst: Sequence[Edit], zone: tzinfo | None) -> Observation:
    """One observation for a burst of edits."""
    kinds = Counter(e.kind for e in burst)
    folder = (
        posixpath.commonpath([posixpath.dirname(e.path) or "." for e in burst])
        if len(burst) > 1
        else posixpath.dirname(burst[0].path)
    )
    places = Counter(posixpath.dirname(e.path) for e in burst)
    often = sorted(burst, key=lambda e: (-e.saves, -e.at, e.path))
    if len(burst) == 1:
        text = f"Edited {code(burst[0].path)}"
    elif folder not in ("", ".") or len(places) == 1:
        base = "" if folder == "." else folder
        names = [code(posixpath.relpath(e.path, base or ".")) for e in often]
        text = f"Edited {len(burst)} files in {code(base + '/') if base else 'the root'} ({listed(names, 4)})"
    else:
        names = [code(f"{place}/") if place else "the root" for place, _ in places.most_common()]
        text = f"Edited {len(burst)} files in {listed(names, 3)} ({listed([code(e.path) for e in often], 4)})"
    start, end = min(e.since or e.at for e in burst), max(e.at for e in burst)
    text += f" over {span(end - start)}" if end - start >= 60 else ""
    more = [f"{kinds[kind]} {kind}" for kind in ("new", "gone") if kinds[kind]]
    text += f"; {', '.join(more)}" if more else ""
    return observe(datetime.fromtimestamp(end, zone), redact(text).text, "external", extra=(EVENT,))
