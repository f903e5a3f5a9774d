"""What history adds: a path that once was is surely meant, and may have moved."""

from __future__ import annotations

from pathlib import Path

from checked import PYTHON, checked, found

from conftest import Place, git

BODY = "".join(f"line {n}\n" for n in range(40))


def test_a_moved_file_is_followed(place: Place) -> None:
    """Renamed twice, changed on the way: the finding names where it is now, and the commit of the last move."""
    place.commit("One", {"app/one.py": BODY, "AGENTS.md": "Run `python app/one.py`.\n"})
    place.git("mv", "app/one.py", "app/two.py")
    place.commit("Two", {"app/two.py": BODY + "more\n"})
    place.git("mv", "app/two.py", "app/three.py")
    last = place.commit("Three")

    assert found(place) == [f"AGENTS.md:1 app/one.py | no such path; moved to `app/three.py` in {last[:10]} | app/three.py"]


def test_a_moved_folder_is_followed(place: Place) -> None:
    """A folder moved where most of its files did; the slash stays."""
    place.commit("One", {f"lib/{n}.py": BODY + n for n in "abc"} | {"AGENTS.md": "Tools are in `lib/`.\n"})
    place.git("mv", "lib", "tools")
    commit = place.commit("Two")

    assert found(place) == [f"AGENTS.md:1 lib/ | no such path; moved to `tools/` in {commit[:10]} | tools/"]


def test_a_folder_below_one_that_is_gone_is_found(place: Place) -> None:
    """`src/tools/` never was, but `src/pkg/tools/` was, and the whole of `src` is gone."""
    place.commit("One", {"src/pkg/tools/a.py": BODY, "src/pkg/b.py": BODY + "b", "AGENTS.md": "- **Tools** (`src/tools/`)\n"})
    place.git("mv", "src/pkg", "pkg")
    commit = place.commit("Two")

    assert found(place) == [f"AGENTS.md:1 src/tools/ | no such path; moved to `pkg/tools/` in {commit[:10]} | pkg/tools/"]


def test_a_removed_path_names_the_commit(place: Place) -> None:
    """In a command, in a comment on an example, even in a README: what once was is meant."""
    place.commit("One", {"app/gone/a.py": BODY, "app/b.py": PYTHON, "docs/intro.md": "x\n"})
    place.git("rm", "-q", "-r", "app/gone", "docs")
    commit = place.commit("Two")[:10]

    assert checked(
        place,
        {
            "AGENTS.md": "For example: `pytest app/gone -k x`\n\n```bash\npytest ./app/gone\n```\n",
            "README.md": "See `docs/intro.md`.\n",
        },
    ) == [
        f"AGENTS.md:1 app/gone | no such path; removed in {commit} | {commit}",
        f"AGENTS.md:4 ./app/gone | no such path; removed in {commit} | {commit}",
        f"README.md:1 docs/intro.md | no such path; removed in {commit} | {commit}",
    ]


def test_a_list_of_somebody_elses_folders_is_left_alone(place: Place) -> None:
    """One name of five that history knows does not make a recommended layout ours."""
    place.commit("One", {"projects/a.md": BODY})
    place.git("rm", "-q", "-r", "projects")
    place.commit("Two")
    listed = "".join(f"- `{name}/` - notes\n" for name in ("projects", "decisions", "meetings", "concepts", "weekly"))

    assert checked(place, {"AGENTS.md": f"Recommended folders:\n\n{listed}"}) == []


def test_a_shallow_clone_says_less_and_nothing_false(place: Place, tmp_path: Path) -> None:
    """Without the history, a link is still broken, and nothing is known of where it went."""
    place.commit("One", {"docs/plan.md": BODY, "AGENTS.md": "[a](docs/plan.md), `python lib/loop.py`\n", "lib/loop.py": PYTHON})
    place.git("rm", "-q", "-r", "docs", "lib")
    place.commit("Two")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth", "1", place.root.as_uri(), str(shallow))

    assert found(Place(shallow)) == ["AGENTS.md:1 docs/plan.md | no such path | "]
    assert len(found(place)) == 2


def test_a_repository_without_a_commit_is_checked(place: Place) -> None:
    """No HEAD yet: the index and the disk are enough."""
    place.write("AGENTS.md", "[a](docs/plan.md)\n")
    place.git("add", "-A")

    assert found(place) == ["AGENTS.md:1 docs/plan.md | no such path | "]


def test_what_one_person_keeps_is_not_missed(place: Place) -> None:
    """Editors' and agents' own settings come and go in a tree; a text that names them means the reader's."""
    place.commit("One", {".claude/settings.json": BODY, ".env.ci": BODY})
    place.git("rm", "-q", "-r", ".claude", ".env.ci")
    place.commit("Two")

    assert checked(place, {"AGENTS.md": "- `.claude/settings.json`, `.env.ci`\n"}) == []
