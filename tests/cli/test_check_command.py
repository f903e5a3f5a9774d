"""`kairos-git check` as a person, a hook and a pull request meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
import yaml

from conftest import Place, git
from kairos_git.cli import checking
from kairos_git.errors import KairosError, NotFound, UsageError

TEXT = "# App\n\n[plan](docs/plan.md)\n"


class Said:
    """What one call printed, and how it ended."""

    def __init__(self, capsys: pytest.CaptureFixture[str], **options: object) -> None:
        self.code = 0
        try:
            checking.check(**options)  # type: ignore[arg-type]
        except typer.Exit as end:
            self.code = end.exit_code
        self.out, self.err = capsys.readouterr()


@pytest.fixture
def at(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A project with one contradiction, and no memory; the current folder is its root."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    place.commit("Add", {"AGENTS.md": TEXT, "web/AGENTS.md": "Fine.\n", "a.py": "a = 1\n"})
    monkeypatch.chdir(place.root)
    return place


def test_a_person_reads_where_what_and_how_many(at: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """One line a finding on standard output, a summary beside it, exit 1."""
    said = Said(capsys)

    assert (said.code, said.out) == (1, "AGENTS.md:3: says `docs/plan.md`; no such path\n")
    assert said.err == "kairos-git: 1 contradiction in 1 file\n"


def test_nothing_found_is_said(at: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0, and an empty standard output."""
    at.write("docs/plan.md", "plan\n")
    said = Said(capsys)

    assert (said.code, said.out, said.err) == (0, "", "kairos-git: nothing contradicts the tree\n")


def test_json_is_one_list(at: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Five names, no more; an empty list where nothing is found."""
    said = Said(capsys, json=True)

    assert json.loads(said.out) == [{"file": "AGENTS.md", "line": 3, "says": "docs/plan.md", "tree": "no such path", "where": ""}]
    assert (said.code, said.err) == (1, "")
    assert Said(capsys, json=True, files=["web/AGENTS.md"]).out == "[]\n"


def test_ci_prints_findings_only(at: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """The same lines and exit code, without a summary."""
    said = Said(capsys, ci=True)

    assert (said.code, said.out, said.err) == (1, "AGENTS.md:3: says `docs/plan.md`; no such path\n", "")


def test_a_pull_request_gets_annotations(at: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where GITHUB_ACTIONS is set; what a workflow command would read as its own is coded."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    at.write("AGENTS.md", "fine\n")
    at.commit("Move", {"a,b:c/AGENTS.md": "[x](docs/a%20b.md)\n"})
    said = Said(capsys, ci=True)

    assert said.out.splitlines()[1] == (
        "::warning file=a%2Cb%3Ac/AGENTS.md,line=1,title=kairos-git check::says `docs/a%2520b.md`; no such path"
    )


def test_a_files_name_is_no_order_to_the_runner(at: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder called `::error::x` begins no line."""
    at.commit("Add", {"::error::x/AGENTS.md": "[x](docs/tour.md)\n"})

    assert not [line for line in Said(capsys, ci=True).out.splitlines() if line.startswith("::")]


def test_files_are_named_from_where_one_stands(
    at: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a hook passes them from the root, as a person types them in a folder, with --project, and not yet added."""
    assert Said(capsys, files=["AGENTS.md", "a.py"]).code == 1
    assert Said(capsys, files=["web/AGENTS.md"]).code == 0
    monkeypatch.chdir(at.root / "web")
    assert Said(capsys, files=["../AGENTS.md"]).code == 1
    assert Said(capsys, files=["AGENTS.md"]).code == 0
    monkeypatch.chdir(at.root.parent)
    at.write("NEW.md", "[x](gone.md)\n")
    assert Said(capsys, files=["NEW.md"], project=str(at.root)).out.startswith("NEW.md:1: ")


@pytest.mark.parametrize("file", ["../elsewhere.md", "/etc/hostname"])
def test_a_file_outside_is_refused(at: Place, capsys: pytest.CaptureFixture[str], file: str) -> None:
    """What lies outside the repository is not read."""
    with pytest.raises(UsageError, match="is not in"):
        Said(capsys, files=[file])


def test_a_file_that_is_not_there_is_said(at: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """A typing error does not look like a clean check."""
    assert "gone.md: was not read" in Said(capsys, files=["gone.md"]).err


def test_outside_a_repository_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 3, and what to do."""
    with pytest.raises(NotFound, match="not in a git repository") as error:
        Said(capsys, project=str(tmp_path))

    assert isinstance(error.value, KairosError) and error.value.exit_code == 3


def test_a_bare_repository_has_nothing_to_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It has history, and no work tree."""
    git(tmp_path, "init", "-q", "--bare", "bare.git")

    with pytest.raises(NotFound, match="bare repository"):
        Said(capsys, project=str(tmp_path / "bare.git"))


def test_the_hook_definition_starts_the_command() -> None:
    """The pre-commit hook's entry is this command, with options it has."""
    (hook,) = yaml.safe_load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text())

    assert hook["entry"].split() == ["kairos-git", "check", "--ci"]
    assert "ci" in checking.check.__annotations__
