"""The library, loaded without what is not used: less where that works, whole where it does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

LEAN = "import sys, json; from kairos_git.recall.mcp_server.lean import load_lean; load_lean(); "


def python(code: str, *first: Path) -> Any:
    """What a new Python prints, as JSON; `first` are folders it looks into before any other."""
    path = os.pathsep.join([*map(str, first), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_is_not_used_is_not_loaded() -> None:
    """The server's own imports load neither the web server nor the cryptography library; the low-level server is there."""
    code = LEAN + "import kairos_git.recall.mcp_server.server; print(json.dumps([n for n in sys.modules]))"
    loaded = set(python(code))

    assert "mcp.server.lowlevel.server" in loaded
    assert not loaded & {"uvicorn", "cryptography", "mcp.server.mcpserver", "typer", "rich", "git", "sqlite3", "yaml"}


def test_who_asks_for_the_rest_later_gets_it() -> None:
    """No stand-in stays behind."""
    code = (
        LEAN
        + "import uvicorn; from mcp.server.mcpserver import MCPServer; print(json.dumps([uvicorn.__name__, MCPServer.__module__]))"
    )

    assert python(code) == ["uvicorn", "mcp.server.mcpserver.server"]


def test_a_library_that_needs_the_rest_is_loaded_whole(tmp_path: Path) -> None:
    """Where a newer release imports what was left out, it gets it: here a library whose package needs uvicorn at once."""
    for name in ("lowlevel", "stdio", "mcpserver"):
        (tmp_path / "mcp" / "server" / name).mkdir(parents=True)
        (tmp_path / "mcp" / "server" / name / "__init__.py").write_text("")
    (tmp_path / "mcp" / "__init__.py").write_text("import uvicorn\nNEEDED = uvicorn.NAME\n")
    (tmp_path / "mcp" / "server" / "__init__.py").write_text("")
    (tmp_path / "uvicorn.py").write_text("NAME = 'the real one'\n")

    assert python(LEAN + "import mcp.server.stdio; print(json.dumps(mcp.NEEDED))", tmp_path) == "the real one"


def test_without_the_library_nothing_happens(tmp_path: Path) -> None:
    """The import that follows says what is missing."""
    code = "import sys; sys.modules['mcp_types'] = None; " + LEAN + "print(json.dumps('mcp' in sys.modules))"

    assert python(code) is False
