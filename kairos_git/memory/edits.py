"""What somebody changed in the topics and did not commit.

The one rule: it is looked at and never taken for a decision; a person commits it, or says `adopt`.
"""

from __future__ import annotations

import os

from kairos_git.memory.landing import read_regular
from kairos_git.memory.objects import read_files
from kairos_git.memory.repository import Memory
from kairos_git.memory.topic import parse_topic

DAMAGE_SHARE = 0.25  # more than this share of the live facts missing is damage, which nobody meant
DAMAGE_LEAST = 4  # of fewer facts, any share may be meant


def edited_topics(memory: Memory) -> list[str]:
    """Topics that differ in the work tree from what was committed."""
    out = memory.git.run("diff-index", "-z", "--name-only", "HEAD", "--", "topics", check=False).out
    names = [p for p in out.decode("utf-8", "surrogateescape").split("\0") if p]
    committed = read_files(memory.git, "HEAD", names)
    return [p for p in names if read_regular(os.path.join(memory.path, p)) != committed.get(p)]


def missing_facts(memory: Memory) -> dict[str, set[str]]:
    """path -> ids of committed facts that the file in the work tree lacks."""
    found = {}
    paths = edited_topics(memory)
    for path, data in read_files(memory.git, "HEAD", paths).items() if paths else ():
        here = read_regular(os.path.join(memory.path, path)) or b""
        gone = {f.id for f in parse_topic(path, data).facts} - {f.id for f in parse_topic(path, here).facts}
        if gone:
            found[path] = gone
    return found
