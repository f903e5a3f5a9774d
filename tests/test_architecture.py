"""The house keeps its shape: imports go one way, pure modules stay pure, heavy libraries stay out of light starts."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "kairos_git"
MODULES = sorted(PACKAGE.rglob("*.py"))

ORDER = {  # folder -> the folders it may know, besides itself and the ground
    "memory": set(),
    "capture": {"memory"},
    "dream": {"memory"},
    "recall": {"memory", "dream"},
    "sync": {"memory", "capture", "dream", "recall"},
    "runner": {"memory", "capture", "dream", "recall", "sync"},
    "cli": {"memory", "capture", "dream", "recall", "sync", "runner"},
}
PURE = [
    *(PACKAGE / "memory" / f"{n}.py" for n in (
        "annotation", "daylog", "fact", "handoff", "index", "merge", "observation", "redact", "ruling", "secret_rules", "snapshot", "summary", "text", "topic",
    )),
    *(PACKAGE / "recall" / "context").glob("*.py"),
    *(p for p in (PACKAGE / "dream").glob("*.py") if p.stem not in ("claude", "claude_cli")),
]  # fmt: skip
OUTSIDE = {"os", "subprocess", "socket", "time", "pathlib", "shutil", "tempfile", "urllib.request", "http", "kairos_git.gitrun"}
ONLY_IN = {
    "git": "gitrun.py",
    "typer": "cli/",
    "rich": "cli/",
    "anthropic": ("dream/claude.py", "recall/memory_tool.py"),
    "mcp": "recall/mcp_server/",
    "mcp_types": "recall/mcp_server/",
    "subprocess": (
        "gitrun.py",
        "memory/history.py",
        "dream/claude_cli.py",
        "runner/notify/desktop.py",
        "capture/desktop.py",
        "runner/schedule/schedulers.py",
        "runner/awake/children.py",
        "runner/awake/resident.py",
        "runner/awake/running.py",
    ),
    "apprise": "runner/notify/services.py",
    "keyring": "runner/notify/places.py",
}
TONE = ("Manager", "Helper", "Util", "Service", "Handler", "Engine", "Processor", "Base", "Common", "Misc")


def imports(path: Path) -> set[str]:
    """Every module a file imports, at any depth of nesting, by its full name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def folder(name: str) -> str | None:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "kairos_git" and parts[1] in ORDER else None


@pytest.mark.parametrize("path", [p for p in MODULES if p.parent != PACKAGE], ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    """A folder knows the folders before it on the way from the world to the agent, and none after."""
    own = path.relative_to(PACKAGE).parts[0]
    known = {f for name in imports(path) if (f := folder(name))}

    assert known <= ORDER[own] | {own}


@pytest.mark.parametrize("path", [p for p in MODULES if p.parent == PACKAGE and p.name != "__main__.py"], ids=lambda p: p.name)
def test_the_ground_knows_nothing_above_it(path: Path) -> None:
    """errors, resources, settings and gitrun import none of the folders."""
    assert not {f for name in imports(path) if (f := folder(name))}


@pytest.mark.parametrize("path", PURE, ids=lambda p: p.stem)
def test_pure_modules_touch_nothing_outside(path: Path) -> None:
    """They take values and give values: no clock, no disk, no git, no network."""
    found = imports(path)
    text = path.read_text()

    assert not found & OUTSIDE
    assert "datetime.now" not in text
    assert "open(" not in text.replace("_open(", "")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_library_is_imported_where_it_belongs(path: Path) -> None:
    """Only gitrun imports GitPython and starts processes, only cli imports typer and rich."""
    here = str(path.relative_to(PACKAGE))
    for name in imports(path):
        place = ONLY_IN.get(name.partition(".")[0])
        assert place is None or here.startswith(place), (here, name)


@pytest.mark.parametrize("path", [p for p in MODULES if "cli" not in p.parts], ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_command_line_prints(path: Path) -> None:
    """Nothing but cli writes to standard output."""
    calls = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)]

    assert not [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "print"]


def test_a_broad_except_stands_in_the_tick_alone() -> None:
    """`except Exception` hides bugs; the tick tells of them and goes on."""
    assert [p.relative_to(PACKAGE).as_posix() for p in MODULES if "except Exception" in p.read_text()] == [
        "runner/awake/ticking.py"
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_is_not_crowded(path: Path) -> None:
    """No module is over 300 lines, no function over 60, and names are the user's nouns."""
    text = path.read_text()
    nodes = [n for n in ast.walk(ast.parse(text)) if isinstance(n, (ast.FunctionDef, ast.ClassDef))]

    assert len(text.splitlines()) <= 300
    assert [n.name for n in nodes if isinstance(n, ast.FunctionDef) and (n.end_lineno or 0) - n.lineno > 60] == []
    assert [n.name for n in nodes if any(word in n.name for word in TONE)] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_public_names_are_documented(path: Path) -> None:
    """A module says what it owns; a public class or function says what it gives."""
    tree = ast.parse(path.read_text())
    public = [n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and not n.name.startswith("_")]

    assert path.name == "__init__.py" or ast.get_docstring(tree)
    assert [n.name for n in public if not ast.get_docstring(n) and n.name != "register"] == []


HEAVY = (
    "typer",
    "rich",
    "git",
    "anthropic",
    "pydantic",
    "yaml",
    "frontmatter",
    "detect_secrets",
    "asyncio",
    "dataclasses",
    "inspect",
)


@pytest.mark.parametrize(
    "module", ["kairos_git.cli", "kairos_git.runner.driver", "kairos_git.runner.health.glance", "kairos_git.capture.place"]
)
def test_a_light_start_loads_nothing_heavy(module: str) -> None:
    """`--version`, `status` and the merge driver start without the libraries that cost more than Python itself."""
    code = f"import sys, {module}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
