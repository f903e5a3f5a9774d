"""What `survey` prints: readings by part and purpose, the lines of an index, or JSON.

The one rule: no heavy import, so that a survey costs little more than reading the files.
"""

from __future__ import annotations

from collections.abc import Sequence

from kairos_git.capture.project import find_project
from kairos_git.capture.survey import survey
from kairos_git.capture.survey.facts import as_facts
from kairos_git.capture.survey.reading import Reading
from kairos_git.capture.survey.said import marked
from kairos_git.capture.survey.tree import default_branch, read_tree
from kairos_git.cli import show
from kairos_git.errors import NotFound
from kairos_git.memory.fact import split_key
from kairos_git.memory.selection import Line, section_of, select


def print_survey(project: str, at: str = "HEAD", *, index: bool = False, json: bool = False) -> None:
    """Survey a commit of the project a folder lies in. Raises NotFound where there is none."""
    git = find_project(project).git
    commit = git.resolve(at)
    if commit is None:
        raise NotFound(f"{git.folder} has no commit {at!r} to survey.")
    tree = read_tree(git, commit, default_branch(git))
    readings, problems = survey(tree)
    show.problems(problems)
    if json:
        observed = [{"text": r.text, "file": r.file, "key": r.key, "value": r.value} for r in readings]
        show.as_json({"observed": observed, "index": [line.text for line in select(as_facts(readings))]})
        return
    readings = marked(tree, readings)
    lines = select(as_facts(readings))
    if index:
        _print_index(lines)
    elif readings:
        _print_readings(readings)
        show.note(f"{len(readings)} readings; {len(lines)} lines of an index (`kairos-git survey --index`)")
    else:
        show.note("nothing here that a survey reads")


def _print_index(lines: Sequence[Line]) -> None:
    section = ""
    for line in lines:
        if line.section != section:
            section = line.section
            show.answer(f"## {section}")
        show.answer(f"- {line.text}")


def _print_readings(readings: Sequence[Reading]) -> None:
    """The project first, then each of its parts; in each, by purpose."""
    parts: dict[str, dict[str, list[Reading]]] = {}
    for reading in readings:
        slot, cond = split_key(reading.slot)
        parts.setdefault(cond.removeprefix("part="), {}).setdefault(section_of(slot), []).append(reading)
    for part, sections in sorted(parts.items()):
        for section, some in sorted(sections.items()):
            show.answer(f"{f'{part}: ' if part else ''}{section}")
            for r in some:
                show.answer(f"  {r.text}  ({r.file}#{r.key})")
