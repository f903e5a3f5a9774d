"""Documents worth reading first: contribution guides, guides for agents below the root, skills, templates, changesets.

The one rule: a root file that an agent loads by itself (AGENTS.md, CLAUDE.md, GEMINI.md, .cursorrules) is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kairos_git.capture.survey.formats.documents import read_text
from kairos_git.capture.survey.reading import LONGEST_BODY, MANIFEST, Reader, Reading, Tree, reading, slot_names, vocabulary
from kairos_git.capture.survey.source.files import FEWEST, project
from kairos_git.capture.survey.source.glosses import plain_words, tells
from kairos_git.errors import Problem

MOST_GUIDES, MOST_NESTED, MOST_LISTS, MOST_AT_ROOT = 24, 24, 3, 8

_WRITTEN = (".md", ".mdx", ".mdc", ".rst", ".txt", ".adoc", ".toml", ".changeset/config.json")
_SUFFIX = r"\.(?:md|mdx|rst|txt|adoc)"
_KNOWN = re.compile(
    rf"(?:\.github/|docs?/|doc/dev(?:el)?/|docs/dev(?:elopment)?/)?(?:contribut(?:ing|e|ion)|develop(?:ment|ing|er|ers)?(?:[-_]guide)?|dev(?:[-_]guide)?"
    r"|hacking|architecture|design|internals|testing(?:[-_]guide)?|building|build(?:ing)?|style[-_]?guide|coding[-_](?:style|guidelines|standards)"
    r"|conventions|code[-_]style|review(?:ing)?|releas(?:ing|e)(?:[-_]process)?|maintain(?:ers?|ing)|onboarding|migrat(?:ion|ing)"
    rf"|version(?:ing|s)?[-_]policy|debugging|troubleshooting){_SUFFIX}",
    re.IGNORECASE,
)
# docs/SQLITE_INTERNALS.md; at the root only where the name speaks of the work, not of sponsors.
_LOUD = re.compile(
    rf"docs?/[A-Z][A-Z0-9_-]{{2,}}{_SUFFIX}|(?=[^/]*(?:GUIDE|POLICY|STYLE|REVIEW|TEST|DEV|ARCH|DESIGN|MIGRAT|RULE|CONVENTION|INTERNAL|PROTOCOL"
    rf"|SPEC|BUILD|HOOK|FORMAT|STRUCT|WORKFLOW|DEBUG|PATTERN|CODING))[A-Z][A-Z0-9_-]{{2,}}{_SUFFIX}"
)
_NO_GUIDE = re.compile(
    r"README|CHANGE|HISTORY|NEWS|LICEN|COPYING|NOTICE|CODE_OF_CONDUCT|SECURITY|AGENTS?\.|CLAUDE|GEMINI|AUTHORS|CONTRIBUTORS|FUNDING|CLA\.|SUPPORT"
    r"|GOVERNANCE|CODEOWNERS|THIRD|CITATION|THANKS|BACKERS|SPONSORS|TODO|INSTALL|PULL_REQUEST|ISSUE|RELEASES|VERSION|TRADEMARK|CREDITS"
    r"|COMMUNICATION|COMMUNITY|[\w-]*CLA\b|[\w-]*CHARTER|[\w-]*EXPENSE|OSSMETADATA|[\w-]*TRANSLATION|MANIFEST|PATENTS|DCO|BREAKING|TERMS|PRIVACY|ROADMAP|OWNERS|requirements|FAQ|FUTURE|SUMMARY",
    re.IGNORECASE,
)
_AT_ROOT = re.compile(rf"[\w-]+{_SUFFIX}")  # whatever else stands at the root was put there to be seen
_READMES = re.compile(r"(?:\.?[\w-]*tests?|e2e|spec|bench(?:marks?)?|scripts|tools|docs?|dev|ci)/README\.md")
_SHELVES = re.compile(
    r"((?:agents?[-_]docs|docs/(?:agents?|ai|llms?)|\.(?:agents?|ai|claude)/(?:references|docs|guides))/)[\w.-]+\.md"
)
_TEMPLATE = re.compile(
    r"(?:\.github/|docs/|\.gitlab/merge_request_templates/)?(?:pull_request_template|default)(?:/[\w.-]+)?\.(?:md|txt)",
    re.IGNORECASE,
)
_NESTED = re.compile(r".+/(?:AGENTS|CLAUDE)\.md|.+/CONTRIBUTING\.md")
_DATA = vocabulary(
    "templates template fixtures testdata test tests examples example node_modules vendor resources builtin __tests__ data .github"
)
_FOR_AGENTS = re.compile(
    r"(\.(?:agents?|claude|opencode|codex|cursor|gemini|github|ai|skills|windsurf)/(?:agents?|commands?|rules|prompts|instructions|chatmodes)/)([\w.-]+?)"
    r"\.(?:agent\.|prompt\.|instructions\.|chatmode\.)?(?:mdc?|toml)"
)
_SKILL = re.compile(
    r"((?:(?:[\w.-]+/){0,3}\.(?:agents?|claude|opencode|codex|cursor|gemini|github)/)?(?:skills?|\.skills)/)([\w.-]+)/SKILL\.md"
)
_NOTES = re.compile(r"\.(?:agents?|ai|claude|context)/([\w.-]+)\.md|\.github/copilot-instructions\.md")
_FRAGMENT = re.compile(r"((?:[\w.-]+/){1,2})(?:\+?[\w-]+\.(?:feature|bugfix|bug|fix|doc|docs|removal|misc|breaking|change|added|fixed|changed|improvement|"
                       r"deprecation|trivial|packaging|contrib)(?:\.\d+)?\.(?:rst|md|txt))")  # fmt: skip


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    plain = [path for path in project(tree.paths).plain if path.endswith(_WRITTEN)]
    guides = [
        path
        for path in plain
        if _KNOWN.fullmatch(path) or (_LOUD.fullmatch(path) and not _NO_GUIDE.match(path.rpartition("/")[2]))
    ]
    guides += [path for path in plain if _AT_ROOT.fullmatch(path) and path not in guides and not _NO_GUIDE.match(path)][
        :MOST_AT_ROOT
    ]
    guides += [path for path in plain if _NOTES.fullmatch(path) and not _NO_GUIDE.match(path.rpartition("/")[2])]
    chosen = sorted(dict.fromkeys(guides), key=lambda path: (not _KNOWN.fullmatch(path), path.count("/"), path))[:MOST_GUIDES]
    nested = _nested(plain)[:MOST_NESTED]
    names = slot_names([*chosen, *nested])
    for path in chosen:
        yield from _guide(tree, path, f"guides.{'' if _KNOWN.fullmatch(path) or _NOTES.fullmatch(path) else 'doc.'}{names[path]}")
    for path in nested:
        yield from reading(
            path, "guide", f"guides.nested.{names[path]}", path, "{} is the guide to {}", path.rpartition("/")[0] + "/"
        )
    for path in [path for path in plain if _READMES.fullmatch(path)][:4]:
        slot = f"guides.nested.{slot_names([path])[path]}"
        yield from reading(path, "readme", slot, path, "{} says what is in {}", path.rpartition("/")[0] + "/")
    shelves = dict.fromkeys(match[1] for path in plain if (match := _SHELVES.fullmatch(path)))
    for folder, slot in slot_names(list(shelves)[:3]).items():
        yield from reading(folder.rstrip("/"), "guides", f"guides.{slot}", folder, "{} holds guides for those who work here")
    for path in [path for path in plain if _TEMPLATE.fullmatch(path)][:1]:
        yield from reading(path, "template", "guides.pull-request-template", path, "{} is the template of pull requests")
    yield from _named(plain, _SKILL, "skills", "skills for agents")
    yield from _named(plain, _FOR_AGENTS, "agents", "")
    yield from _changes(plain)


def _guide(tree: Tree, path: str, slot: str) -> Iterator[Reading | Problem]:
    text = read_text(tree, path)
    if isinstance(text, Problem):
        return  # it need not be read to be pointed at
    heading = re.search(r"^(?:#[ \t]+([^\n]{1,200})|([^\n]{1,200})\n={3,})", text[:2000].replace("\r\n", "\n"), re.MULTILINE)
    quoted = tells(plain_words(heading[1] or heading[2]), path) if heading else None
    what = "says how to contribute" if "contribut" in path.lower() else "is a document for those who work on the project"
    yield from reading(path, "guide", slot, path, f"{{}} {what}{f': {quoted}' if quoted else ''}")


def _nested(plain: Iterable[str]) -> list[str]:
    """Guides below the root, one of a folder's kind; what the project gives to its users' projects is none."""
    found: dict[tuple[str, bool], str] = {}
    for path in plain:
        folders = path.split("/")[:-1]
        if _NESTED.fullmatch(path) and not _DATA & set(folders):
            found.setdefault((path.rpartition("/")[0], path.endswith("CONTRIBUTING.md")), path)
        elif path in ("docs/AGENTS.md", "docs/CLAUDE.md", "tests/AGENTS.md", "test/AGENTS.md"):
            found.setdefault((path.rpartition("/")[0], False), path)
    return sorted(found.values(), key=lambda path: (path.endswith("CONTRIBUTING.md"), path.count("/"), path))


def _named(plain: Iterable[str], pattern: re.Pattern[str], slot: str, what: str) -> Iterator[Reading]:
    """A folder of skills, agents or commands, and the names of them."""
    found: dict[str, list[str]] = {}
    for path in plain:
        if match := pattern.fullmatch(path):
            found.setdefault(match[1], []).append(match[2])
    slots = slot_names(found)
    for folder, names in found.items():
        named = folder.rstrip("/").rpartition("/")[2]
        kind = what or ("agents" if named.startswith("agent") else f"{named} for agents")
        shown = [""]
        for name in sorted(set(names)):
            if shown[-1] and len(f"{shown[-1]}, {name}") > LONGEST_BODY:
                shown.append("")
            shown[-1] = f"{shown[-1]}, {name}" if shown[-1] else name
        for number, several in enumerate(shown[:MOST_LISTS], 1):
            counted = f".{number}" if number > 1 else ""
            key = f"{slot}{counted}"
            where = f"guides.{slot}.{slots[folder]}{counted}"
            yield from reading(folder.rstrip("/"), key, where, folder, f"{{}} has {'more ' * (number > 1)}{kind}: {{}}", several)


def _changes(plain: list[str]) -> Iterator[Reading]:
    """Where changes are announced beside the code: changesets, and fragments of a changelog."""
    if ".changeset/README.md" in plain:
        text = "Changes come with a changeset, as {} tells"
        yield from reading(".changeset/README.md", "guide", "guides.changesets", ".changeset/README.md", text)
    elif ".changeset/config.json" in plain:
        yield from reading(".changeset", "folder", "guides.changesets", ".changeset/", "Changes come with a changeset in {}")
    counts: dict[str, int] = {}
    for path in plain:
        if fragment := _FRAGMENT.fullmatch(path):
            counts[fragment[1]] = counts.get(fragment[1], 0) + 1
    folder = max(sorted(counts), key=lambda name: counts[name], default="")
    if folder and counts[folder] >= FEWEST:
        yield from reading(
            folder.rstrip("/"),
            "fragments",
            "guides.news-fragments",
            folder,
            "Changes come with a fragment of the changelog in {}",
        )


READER = Reader("guides", _read, MANIFEST)
