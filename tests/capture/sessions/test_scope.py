"""What is not to be recorded is left out before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from kairos_git.capture.sessions.scope import Scope, kept, load_scope
from kairos_git.errors import Refused

ROOT = "/home/ada/src/app"
HIDDEN = [
    ("clients/*", "clients/acme/plan.md"), ("clients/*", "/home/ada/src/app/clients/acme"), ("clients/**", "clients/acme/deep/x"),
    ("*.pem", "deploy/prod.pem"), ("secrets", "a/secrets/b"), ("/home/ada/taxes", "/home/ada/taxes/2026.ods"),
    ("~/taxes", "~/taxes/2026.ods"), ("**/private/**", "x/y/private/z"), ("./infra/", "infra/main.tf"), ("conf?g", "config"),
]  # fmt: skip
SHOWN = [
    ("clients/*", "clients.py"), ("clients/*", "src/clients/acme"), ("*.pem", "pem.py"), ("secrets", "secretsanta"),
    ("/home/ada/taxes", "/home/ada/taxes2"), ("infra", ""), ("clients/*", "clients"),
]  # fmt: skip


@pytest.mark.parametrize(("glob", "path"), HIDDEN, ids=[f"{g} {p}" for g, p in HIDDEN])
def test_a_private_path_is_hidden_with_all_below_it(glob: str, path: str) -> None:
    """Told from the project's root where the glob has a slash, by any part's name where it has none."""
    assert Scope(private=(glob,), root=ROOT).hides(path)


@pytest.mark.parametrize(("glob", "path"), SHOWN, ids=[f"{g} {p or '-'}" for g, p in SHOWN])
def test_another_path_is_not(glob: str, path: str) -> None:
    """A name that only begins alike is another name."""
    assert not Scope(private=(glob,), root=ROOT).hides(path)


def test_lines_with_private_paths_and_ignored_words_go_and_the_others_stay() -> None:
    """Line by line, so that a summary keeps what may be known."""
    scope = Scope(private=("clients/*",), ignore=(r"project blue\w+", "("), root=ROOT)
    text = "Fixed the parser.\nRead `clients/acme/plan.md`.\nProject Bluebird is next.\nA ( stands here.\n<private>pin 1234</private>Done."

    assert kept(text, scope) == "Fixed the parser.\n[private]Done."


def test_what_is_private_as_a_whole_is_refused() -> None:
    """Nobody is told that something was kept which was not."""
    with pytest.raises(Refused, match="Nothing was written"):
        kept("see clients/acme/plan.md", Scope(private=("clients/*",), root=ROOT))


def test_settings_hold_as_soon_as_they_are_saved(tmp_path: Path) -> None:
    """And what was read is kept beside the memory for the next start, for the very same settings only."""
    (tmp_path / "own").mkdir()
    settings = tmp_path / "kairos.yaml"
    settings.write_text('private: ["clients/*"]\nignore: blue\nmode: off\n')

    first = load_scope(str(tmp_path), str(tmp_path / "own"))
    (tmp_path / "own" / "scope.json").write_text((tmp_path / "own" / "scope.json").read_text().replace("blue", "BLUE", 2))
    settings.write_text("private: [other]\n")

    assert (first.private, first.ignore, first.serves) == (("clients/*",), ("blue",), False)
    assert load_scope(str(tmp_path), str(tmp_path / "own")).private == ("other",)


def test_a_kept_reading_is_used_without_reading_yaml(tmp_path: Path) -> None:
    """Reading YAML costs more than a hook may."""
    (tmp_path / "own").mkdir()
    (tmp_path / "kairos.yaml").write_text("private: [a]\n")
    load_scope(str(tmp_path), str(tmp_path / "own"))
    kept_file = tmp_path / "own" / "scope.json"
    kept_file.write_text(kept_file.read_text().replace('["a"]', '["b"]'))

    assert load_scope(str(tmp_path), str(tmp_path / "own")).private == ("b",)


@pytest.mark.parametrize(
    "words", ["private: [a\n", "private: {a: 1}\n", "ignore: 5\n", "private: *x\n"], ids=["torn", "map", "number", "alias"]
)
def test_settings_that_speak_of_privacy_and_cannot_be_read_let_nothing_through(tmp_path: Path, words: str) -> None:
    """A typing error must not open what was closed."""
    (tmp_path / "own").mkdir()
    (tmp_path / "kairos.yaml").write_text(words)

    with pytest.raises(Refused, match="nothing is recorded"):
        load_scope(str(tmp_path), str(tmp_path / "own"))


@pytest.mark.parametrize(
    "words", ["", "# private: [a]\n", "owners: [a@b.c]\n", "owners: [\n"], ids=["empty", "comment", "other", "torn"]
)
def test_other_settings_hide_nothing(tmp_path: Path, words: str) -> None:
    """And what is wrong with them is said by the commands that need them."""
    (tmp_path / "kairos.yaml").write_text(words)

    assert load_scope(str(tmp_path), str(tmp_path)) == Scope()
