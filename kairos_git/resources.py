"""Where templates/ and hooks/ lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

import os


def folder(name: str) -> str:
    """The absolute path of `templates` or `hooks`, in a checkout, an editable install and a wheel alike."""
    package = os.path.dirname(os.path.abspath(__file__))
    inside = os.path.join(package, name)
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(package), name)


def read(*parts: str) -> str:
    """The text of one file under templates/ or hooks/."""
    with open(os.path.join(folder(parts[0]), *parts[1:]), encoding="utf-8") as file:
        return file.read()
