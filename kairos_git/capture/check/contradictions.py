"""The check as a whole: which texts are read, what each says, and what of it the tree and the history contradict.

The one rule: it only reads, and the same tree and history give the same findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from posixpath import basename, dirname
from typing import NamedTuple

from kairos_git.capture.agents.block import without_block
from kairos_git.capture.check import layouts, surroundings
from kairos_git.capture.check.claims import Claims
from kairos_git.capture.check.known import Known
from kairos_git.capture.check.markdown import Line, lines, spans
from kairos_git.capture.check.mentions import Mention, Sure, has_extension, paths, words_with_slashes
from kairos_git.capture.check.renames import Fate, fates
from kairos_git.capture.check.taskfiles import TaskFiles
from kairos_git.capture.check.tasks import missing
from kairos_git.capture.check.worktree import WorkTree, inside, link_target, read_worktree
from kairos_git.capture.survey.reading import one_line
from kairos_git.errors import Problem
from kairos_git.gitrun import Git

MOST_DOCUMENTS = 200

_AGENT_FILES = frozenset({"AGENTS.md", "CLAUDE.md", "GEMINI.md"})
_AT_ROOT = frozenset({"README.md", "README", "README.markdown", ".cursorrules", ".github/copilot-instructions.md"})
# Where an agent file is a sample or somebody else's, not this project's.
_SAMPLES = re.compile(
    r"(?:^|/)(?:templates?|fixtures?|__fixtures__|testdata|test-data|test_data|evals?|snapshots|__snapshots__|samples?|vendor|third_party|node_modules|scaffold\w*|boilerplates?|cookiecutter|skills|plugins|_static)/"
)


# Names that many folders have; one elsewhere is no trace of the one that is missing.
_COMMON = re.compile(
    r"(?:index|main|cli|utils?|types?|config|common|constants|__init__|test|tests|docs|src|lib|core|api|app|server|client|base)(?:\.\w+)*"
)


# What one person keeps beside the project, whether or not somebody once added it.
_PERSONAL = re.compile(r"\.(?:env\b|vscode/|idea/|claude/settings|cursor/mcp|mcp\.json).*")


class Finding(NamedTuple):
    """One contradiction. says: the text's own words; tree: what the tree has; where: the place to look, or ''."""

    file: str
    line: int
    says: str
    tree: str
    where: str


class _Text(NamedTuple):
    """One text: its path, its folder, whether it is a README, and its lines."""

    file: str
    folder: str
    readme: bool
    lines: list[Line]


class _Doubt(NamedTuple):
    """A mention the tree does not have, with the line it stands in and the paths history is asked for."""

    text: _Text
    mention: Mention
    line: Line
    asked: tuple[str, ...]


def documents(tree: WorkTree) -> list[str]:
    """The texts that are checked when none are named: agent files at any depth, and the root's README."""
    found = {path for path in tree.files if basename(path) in _AGENT_FILES and not _SAMPLES.search(path)}
    return sorted(found | (_AT_ROOT & tree.files), key=lambda p: (p.count("/"), p))[:MOST_DOCUMENTS]


def check(root: str, named: Sequence[str] | None = None) -> tuple[list[Finding], list[Problem]]:
    """The contradictions in the named texts (from the root), or in all there are; and what could not be read."""
    tree = read_worktree(root)
    problems: list[Problem] = []
    texts = list(_texts(tree, documents(tree) if named is None else named, problems))
    found: list[Finding] = []
    known = Known(tree, basename(root))
    tasks, claims = TaskFiles(tree), Claims(tree)
    doubts: list[_Doubt] = []
    for text in texts:
        found += _commands(text, tasks)
        found += [Finding(text.file, *wrong) for wrong in claims.wrong(text.lines, text.readme)]
        doubts += _doubts(text, known)
    found += _judged(tree, known, doubts)
    found = [f._replace(where=f.where if one_line(f.where) else "") for f in found if one_line(f.says) and one_line(f.tree)]
    return sorted(dict.fromkeys(found), key=lambda f: (f.file.count("/"), f.file, f.line, f.says)), problems


def _texts(tree: WorkTree, named: Iterable[str], problems: list[Problem]) -> Iterator[_Text]:
    seen: set[str] = set()
    for given in named:
        path: str | None = given
        for _ in range(4):  # CLAUDE.md is often a link to AGENTS.md: it is read there, once
            path = link_target(tree, path) if path in tree.links else path
        if path is None or path in seen:
            continue
        seen.add(path)
        if one_line(path) != path:
            problems.append(Problem(repr(path), 0, "was not read: its name cannot be shown"))
            continue
        data = tree.read(path)
        if data is None:
            problems.append(Problem(path, 0, "was not read: it is larger than 1 MB, missing, or no regular file"))
            continue
        encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        readme = basename(path).upper().startswith("README")
        # What is said of a repository in .github/ is said of its root.
        folder = "" if dirname(path) == ".github" else dirname(path)
        yield _Text(path, folder, readme, lines(without_block(data.decode(encoding, "replace"))))


def _commands(text: _Text, tasks: TaskFiles) -> Iterator[Finding]:
    elsewhere = -1
    for at, line in enumerate(text.lines):
        if line.fence is None:
            commands = [span for _, span in spans(line.text) if " " in span]
        elif line.fence in ("", "bash", "sh", "shell", "console", "zsh") and line.block != elsewhere:
            commands = [line.text.strip()]
            # What follows `git clone` or a scaffolding is typed in another project.
            if re.search(r"\bgit clone\b|\bcd \.\./|\b(?:init|create|new)\b [\w@./-]+|npx |uvx |degit", line.text):
                elsewhere = line.block
        else:
            continue
        if text.readme and not any(re.search(r"(?i)develop|contribut|build|test|hack|from source", h) for h in line.headings):
            continue
        if surroundings.under_gone_heading(line):
            continue
        for command in commands:
            if surroundings.says_gone(surroundings.sentence(text.lines, at, command)):
                continue
            for lost in missing(tasks, command, text.folder):
                yield Finding(text.file, line.number, lost.said, lost.tree, lost.where)


def _doubts(text: _Text, known: Known) -> Iterator[_Doubt]:
    """The mentions of a text that the tree does not have, less those the text itself speaks of as gone."""

    def has(path: str) -> bool:
        return known.has(path, text.folder)

    certain = [mention for _, mention in (*layouts.diagrams(text.lines, has), *layouts.listed(text.lines, has))]
    at = {line.number: n for n, line in enumerate(text.lines)}
    listed = {(m.line, m.path) for m in certain}
    named = [m for m in paths(text.lines, text.readme) if (m.line, m.path) not in listed]
    seen: set[tuple[int, str]] = set()
    for mention in (*certain, *named):
        line = surroundings.sentence(text.lines, at[mention.line], mention.said)
        there = known.reached(mention.path, dirname(text.file)) if mention.link else has(mention.path)
        once = (mention.line, mention.path.rstrip("/"))
        if there or once in seen or surroundings.says_gone(line) or surroundings.under_gone_heading(line):
            continue
        seen.add(once)
        asked = [inside(dirname(text.file) if mention.link else text.folder, mention.path), inside("", mention.path)]
        yield _Doubt(text, mention, line, tuple(dict.fromkeys(a for a in asked if a)))


def _judged(tree: WorkTree, known: Known, doubts: Sequence[_Doubt]) -> Iterator[Finding]:
    ignored = tree.ignored(path for doubt in doubts for path in doubt.asked)
    doubts = [d for d in doubts if not ignored & set(d.asked)]
    gone_tops = {top for d in doubts for a in d.asked if (top := a.partition("/")[0]) != a and not known.at(top)}
    past = fates(Git(tree.root), {*(a for d in doubts for a in d.asked), *gone_tops}, known.at) if doubts else {}
    strangers = _strangers(doubts, past)
    for doubt in doubts:
        mention = doubt.mention
        fate = next((past[a] for a in doubt.asked if a in past), None)
        if fate and fate.was in doubt.asked:
            alone = "/" not in mention.path.rstrip("/")
            if _means_a_path(doubt) and not (alone and (doubt.text.file, doubt.line.headings) in strangers):
                yield _finding(doubt, fate.moved or _elsewhere(known, mention.path), fate)
        elif _certain(doubt, known):
            yield _finding(doubt, _elsewhere(known, mention.path), None)
        elif mention.sure >= Sure.LIKELY and _certainly_gone(doubt) and (fate or past.get(mention.path.partition("/")[0])):
            end = fate or past[mention.path.partition("/")[0]]
            yield _finding(doubt, fate.moved if fate else _elsewhere(known, mention.path), end)


def _strangers(doubts: Sequence[_Doubt], past: dict[str, Fate]) -> set[tuple[str, tuple[str, ...]]]:
    """The sections whose missing names are mostly unknown to history: a list of somebody else's files."""
    count: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for doubt in doubts:
        seen = count.setdefault((doubt.text.file, doubt.line.headings), [0, 0])
        seen[any(a in past for a in doubt.asked)] += doubt.mention.sure is not Sure.GUESS
    return {place for place, (unknown, known) in count.items() if unknown >= 3 and unknown > known}


def _means_a_path(doubt: _Doubt) -> bool:
    """Whether a name that history knows is meant as that path."""
    path = doubt.mention.path
    if surroundings.says_generated(doubt.line) or _PERSONAL.fullmatch(path):
        return False
    if doubt.text.readme and path.startswith(".") and doubt.mention.sure is not Sure.CERTAIN:
        return False
    if "/" not in path.rstrip("/"):  # a bare name may be anybody's file of that name
        return doubt.mention.sure >= Sure.LIKELY and not doubt.text.readme and not surroundings.says_to_be_made(doubt.line)
    return not (words_with_slashes(path) and path.count("/") == 1 and doubt.text.readme)


def _certain(doubt: _Doubt, known: Known) -> bool:
    """Whether a name that history does not know is still certainly meant as a path of this tree."""
    mention, line = doubt.mention, doubt.line
    if mention.sure is Sure.CERTAIN:
        return True
    if mention.sure is Sure.GUESS or doubt.text.readme or surroundings.says_to_be_made(line) or surroundings.says_example(line):
        return False
    path = mention.path.rstrip("/")
    if "/" not in path:
        return bool(
            re.search(
                rf"(?i)\b(?:see|read|refer to|documented in|described in|follow|consult)\b[^.;]{{0,30}}`?{re.escape(path)}",
                line.text,
            )
        ) and path.endswith((".md", ".rst", ".mdx"))
    folder, name = dirname(path), basename(path)
    if path.startswith(".") and not path.startswith((".github/", ".agents/")):
        return False
    here = inside(doubt.text.folder, folder)
    folders = [f for f in dict.fromkeys((here, folder)) if f and f in known.tree.folders]
    if not has_extension(name):  # a folder among folders
        return mention.path.endswith("/") and "." not in name and bool(folders)
    if name.endswith((".h", ".hpp")):  # an include's path, of a library perhaps
        return False
    return any(p.endswith("." + name.rpartition(".")[2]) for f in folders for p in known.under(f))


def _certainly_gone(doubt: _Doubt) -> bool:
    path = doubt.mention.path
    return not (
        doubt.text.readme
        or words_with_slashes(path)
        or surroundings.says_to_be_made(doubt.line)
        or surroundings.says_example(doubt.line)
    )


def _elsewhere(known: Known, path: str) -> str:
    """The one place of the tree where something of that name is, or ''."""
    parts = path.rstrip("/").split("/")
    became = path.rpartition(".")[0] if has_extension(path) else ""
    if became in known.tree.folders:  # a module that grew into a package
        return became + "/"
    for n in range(min(len(parts), 3), 0, -1):
        found = known.ending("/".join(parts[-n:]))
        if found:
            best = min(found, key=lambda p: (p.count("/"), p))
            return best if n > 1 or (len(found) == len(parts) == 1 and not _COMMON.fullmatch(parts[-1])) else ""
    folded = path.rstrip("/").lower()
    return next((p for p in sorted(known.tree.files) if p.lower() == folded), "")


def _finding(doubt: _Doubt, moved: str, fate: Fate | None) -> Finding:
    mention = doubt.mention
    slash = "/" if mention.path.endswith("/") else ""
    if fate and fate.moved and fate.moved == moved:
        tree, where = f"no such path; moved to `{moved}{slash}` in {fate.commit}", moved + slash
    elif fate and moved:
        tree, where = f"no such path since {fate.commit}; perhaps `{moved}{slash}`", moved + slash
    elif fate:
        tree, where = f"no such path; removed in {fate.commit}", fate.commit
    elif moved:
        tree, where = f"no such path; perhaps `{moved}{slash}`", moved + slash
    else:
        tree, where = "no such path", ""
    return Finding(doubt.text.file, mention.line, mention.said, tree, where)
