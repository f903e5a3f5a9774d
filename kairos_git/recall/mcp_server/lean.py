"""The `mcp` library without the parts that a server over standard input and output never uses.

Every session of an agent keeps a server of its own running. The library's package loads its high-level server (with a
cryptography library for its HTTP state) and a web server whatever is asked of it: measured with mcp 2.3 on CPython 3.11, 65 MB
resident, of which 12 go with these two.

The one rule: where the library turns out to need them, it is loaded whole, and nothing else changes.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from types import ModuleType

_UNUSED = ("uvicorn", "mcp.server.mcpserver")


def load_lean() -> None:
    """Load what `server` imports, in a process that will do nothing but serve. Without the library nothing happens.

    A module that is None in `sys.modules` cannot be imported, by Python's own rule; the library takes uvicorn for optional.
    """
    if "mcp" in sys.modules:
        return
    stand_in = ModuleType("mcp.server.mcpserver")
    stand_in.__dict__["MCPServer"] = type("MCPServer", (), {})  # a name that the package passes on, and its client asks for
    sys.modules.update({"uvicorn": None, stand_in.__name__: stand_in})  # type: ignore[dict-item]
    try:
        import mcp.server.lowlevel
        import mcp.server.stdio  # noqa: F401
    except ImportError:
        for name in [n for n in sys.modules if n == "mcp" or n.startswith("mcp.")]:
            del sys.modules[name]
    finally:
        for name in _UNUSED:  # who asks for them later gets the real ones
            with suppress(KeyError):
                del sys.modules[name]
