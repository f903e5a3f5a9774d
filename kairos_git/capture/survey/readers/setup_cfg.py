"""setup.cfg and setup.py: the Python a project needs and the commands it installs. setup.py is code and only looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kairos_git.capture.survey.ecosystems.python_packaging import MOST_SCRIPTS, module_file
from kairos_git.capture.survey.formats.documents import read_text
from kairos_git.capture.survey.formats.ini import read_ini
from kairos_git.capture.survey.reading import MANIFEST, Reader, Reading, Tree, key_name, reading, slot_names
from kairos_git.errors import Problem

_CFG, _PY = "setup.cfg", "setup.py"
_REQUIRES = re.compile(r"\bpython_requires\s*=\s*(['\"])([<>=!~0-9][\w.,<>=!~* ]{0,60})\1")
_SCRIPT = re.compile(r"[\"']([\w.-]{1,80})\s*=\s*([\w.]{1,120}:[\w.]{1,80})[\"']")


def _read(tree: Tree) -> Iterator[Reading | Problem]:
    sections = read_ini(tree, _CFG)
    code = read_text(tree, _PY)
    if isinstance(sections, Problem):
        yield sections
        sections = {}
    if isinstance(code, Problem):
        yield code
        code = ""
    needs = sections.get("options", {}).get("python_requires", "")
    yield from reading(_CFG, "options.python_requires", "python.requires", needs, "Requires Python {}")
    if not needs and (found := _REQUIRES.search(code)):
        yield from reading(_PY, "python_requires", "python.requires", found[2], "Requires Python {}")
    lines = sections.get("options.entry_points", {}).get("console_scripts", "").split("\n")
    scripts = {name.strip(): target.strip() for name, sign, target in (line.partition("=") for line in lines) if sign}
    file, key = (_CFG, "options.entry_points.console_scripts") if scripts else (_PY, "entry_points")
    if not scripts and "console_scripts" in code:
        scripts = {match[1]: match[2] for match in _SCRIPT.finditer(code)}
    slots = slot_names(scripts)
    for name in sorted(scripts)[:MOST_SCRIPTS]:
        path = module_file(tree, scripts[name])
        text = "{} is what the command {} starts, in {}" if path else "{} is what the command {} starts"
        where, bodies = f"{key}.{key_name(name)}", (name, *filter(None, (path,)))
        yield from reading(file, where, f"entry-points.{slots[name]}", scripts[name], text, *bodies)


READER = Reader("setup_cfg", _read, MANIFEST, "python")
