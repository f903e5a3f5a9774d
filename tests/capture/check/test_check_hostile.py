"""Input that was written, or came, to hurt: nothing is followed, printed raw, or waited for."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from checked import checked, found
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import Place, git
from kairos_git.capture.check import check
from kairos_git.capture.check.claims import Claims
from kairos_git.capture.check.layouts import diagrams, listed
from kairos_git.capture.check.markdown import lines, links, plain, spans
from kairos_git.capture.check.mentions import paths
from kairos_git.capture.check.surroundings import sentence
from kairos_git.capture.check.taskfiles import TaskFiles
from kairos_git.capture.check.tasks import missing
from kairos_git.capture.check.worktree import WorkTree

NOTHING = WorkTree("/", frozenset(), frozenset(), frozenset(), frozenset(), frozenset(), {})
MARKS = st.text(st.sampled_from("`[]()<>|#-*_/.\\~@:{}!\n\t ├└│ab1é\x1b\u202e"), max_size=400)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=300)
@given(MARKS | st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    """Whatever stands in a text, reading it ends, and raises nothing."""
    read = lines(text)
    for at, line in enumerate(read):
        list(spans(line.text)), list(links(line.text)), plain(line.text), sentence(read, at, "a")
        list(missing(TaskFiles(NOTHING), line.text, ""))
    list(paths(read, False)), list(diagrams(read, lambda path: False)), list(listed(read, lambda path: False))
    list(Claims(NOTHING).wrong(read, False))


LONG = {
    "backticks": "`" * 300_000, "runs of backticks": "` `` ``` ```` " * 20_000, "brackets": "[" * 300_000, "links": "[a](" * 80_000,
    "slashes": "a/" * 150_000, "headings": "# a\n" * 60_000, "items": "- `a/b.py`\n" * 25_000, "a tree": "```\n" + "├── a/\n" * 40_000, "spaces": " " * 500_000,
    "deep": "```\n" + "".join(" " * n + "a/\n" for n in range(700)), "commands": "```bash\n" + "make a b c && npm run x\n" * 12_000, "commas": "Python 3.9+ " * 25_000,
}  # fmt: skip


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_long_text_takes_no_long_time(place: Place, text: str) -> None:
    """A text written against the reader's patterns costs seconds, not minutes."""
    place.commit(
        "Add",
        {
            "AGENTS.md": text,
            "Makefile": "all:\n\ttrue\n",
            "package.json": "{}",
            "pyproject.toml": '[project]\nrequires-python = ">=3.9"\n',
        },
    )
    start = time.monotonic()
    check(str(place.root))

    assert time.monotonic() - start < 10


def test_a_text_that_is_too_large_is_a_problem(place: Place) -> None:
    """Past 1 MB nobody wrote it for an agent."""
    place.commit("Add", {"AGENTS.md": "a " * 600_000})

    findings, problems = check(str(place.root))

    assert findings == [] and [p.path for p in problems] == ["AGENTS.md"]


def test_bytes_in_no_encoding_are_read(place: Place) -> None:
    """Latin-1, UTF-16 and NULs: what can be read is."""
    place.write("src/a.py", "")
    place.write("AGENTS.md", b"\xff\xfe" + "[a](docs/plan.md)\n".encode("utf-16-le"))
    place.write("CLAUDE.md", b"\xe9\x00 [b](docs/tour.md)\n")
    place.commit("Add")

    assert [line.split(" | ")[0] for line in found(place)] == ["AGENTS.md:1 docs/plan.md", "CLAUDE.md:1 docs/tour.md"]


def test_terminal_escapes_reach_no_finding(place: Place) -> None:
    """Neither from a text nor from a file's name; what cannot be shown is not reported."""
    place.commit(
        "Add",
        {"d/a.py": "x\n" * 9, "AGENTS.md": "[a](docs/\x1b[31mred.md) `d/\x1b]0;x\x07b.py` \u202e`d/loop.py`, `python d/a.py`\n"},
    )
    place.git("mv", "d/a.py", "d/\x1b[31mred.py")
    place.commit("Move")

    findings, _ = check(str(place.root))

    assert [f.says for f in findings] == ["d/loop.py"]
    assert "\x1b" not in "".join(f"{f.says}{f.tree}{f.where}" for f in findings)


def test_links_out_of_the_tree_are_not_followed(place: Place, tmp_path: Path) -> None:
    """An agent file that is a link to a file outside is not read; what lies below a link is unknown, not gone."""
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "notes.md").write_text("[x](docs/gone.md)\n")
    place.write("src/a.py", "")
    (place.root / "CLAUDE.md").symlink_to(secret / "notes.md")
    (place.root / "shared").symlink_to(secret)

    assert checked(place, {"AGENTS.md": "[a](shared/notes.md), [b](shared/gone.md), [c](../../secret/gone.md)\n"}) == []


def test_a_folder_swapped_for_a_link_is_not_read(place: Place, tmp_path: Path) -> None:
    """A tracked folder that is a link on disk leads nowhere."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "AGENTS.md").write_text("[x](gone.md)\n")
    place.commit("Add", {"web/AGENTS.md": "fine\n"})
    (place.root / "web" / "AGENTS.md").unlink()
    (place.root / "web").rmdir()
    (place.root / "web").symlink_to(outside)

    findings, _ = check(str(place.root), ["web/AGENTS.md"])

    assert findings == []


def test_one_text_under_two_names_is_checked_once(place: Place) -> None:
    """CLAUDE.md is a link to AGENTS.md."""
    place.write("AGENTS.md", "[x](docs/gone.md)\n")
    (place.root / "CLAUDE.md").symlink_to("AGENTS.md")
    place.commit("Add")

    assert found(place) == ["AGENTS.md:1 docs/gone.md | no such path | "]


def test_what_a_submodule_holds_is_unknown(place: Place) -> None:
    """A path below a submodule that is not checked out may well be there."""
    place.commit("Add", {"AGENTS.md": "[a](vendored/lib/docs/plan.md), [b](docs/gone.md)\n"})
    place.git("update-index", "--add", "--cacheinfo", f"160000,{place.git('rev-parse', 'HEAD')},vendored/lib")

    assert found(place) == ["AGENTS.md:1 docs/gone.md | no such path | "]


def test_a_sparse_checkout_has_what_it_leaves_out(place: Place) -> None:
    """Files git keeps off the disk are there; a text among them is read from the index."""
    place.commit(
        "Add", {"AGENTS.md": "[a](docs/plan.md), [b](docs/gone.md)\n", "docs/plan.md": "a\n", "web/AGENTS.md": "[c](gone.md)\n"}
    )
    place.git("sparse-checkout", "set", "--no-cone", "/AGENTS.md")

    assert [line.split(" | ")[0] for line in found(place)] == ["AGENTS.md:1 docs/gone.md", "web/AGENTS.md:1 gone.md"]


def test_a_file_deleted_on_disk_is_gone(place: Place) -> None:
    """The index still lists it; the work tree is what is checked."""
    place.commit("Add", {"AGENTS.md": "[a](docs/plan.md)\n", "docs/plan.md": "a\n"})
    (place.root / "docs" / "plan.md").unlink()

    assert found(place) == ["AGENTS.md:1 docs/plan.md | no such path | "]


def test_a_check_changes_nothing(place: Place) -> None:
    """Not a byte of the repository, its index included."""
    place.commit("Add", {"AGENTS.md": "[a](docs/plan.md)\n", "a.py": "a\n"})
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in place.root.rglob("*") if p.is_file()}
    found(place)

    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in place.root.rglob("*") if p.is_file()} == before
    assert git(place.root, "status", "--porcelain") == ""
