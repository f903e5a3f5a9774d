"""The versions and systems that CI tests with: one sorted value for each language, and one for the systems.

The one rule: what is computed, or is no version, is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kairos_git.capture.survey.reading import Reading, reading

# Names that a matrix gives them, and the sentence.
VERSIONS: Mapping[str, tuple[frozenset[str], str]] = {
    "python": (
        frozenset({"python-version", "python_version", "python-versions", "python", "py", "pyversion"}),
        "CI tests Python {}",
    ),
    "node": (
        frozenset({"node-version", "node_version", "node-versions", "node", "node.version", "nodejs"}),
        "CI tests Node.js {}",
    ),
    "go": (frozenset({"go-version", "go_version", "go-versions", "go", "golang", "go.version"}), "CI tests Go {}"),
    "rust": (
        frozenset({"rust", "rust-version", "toolchain", "rust-toolchain", "rust_version", "rust.version"}),
        "CI tests Rust {}",
    ),
    "os": (
        frozenset({"os", "platform", "runner", "runs-on", "runs_on", "platform.os", "target.os", "job.os", "runner.os"}),
        "CI runs on {}",
    ),
}
_VERSION = re.compile(r"(?:[a-z]+-?)?[v~^]?\d[\w.*-]*|lts/\S+|latest|current", re.IGNORECASE)
_CHANNEL = re.compile(r"(?:stable|beta|nightly|msrv|\d+\.\d+(?:\.\d+)?)(?:-[\d-]+)?")
_SYSTEMS = {"linux": "Linux", "ubuntu": "Linux", "debian": "Linux", "macos": "macOS", "mac": "macOS", "osx": "macOS",
            "darwin": "macOS",
            "windows": "Windows", "win": "Windows", "freebsd": "FreeBSD"}  # fmt: skip


def versions(language: str, matrix: Mapping[str, list[str]]) -> list[str]:
    """The versions of one language in a matrix (name -> values)."""
    names, _ = VERSIONS[language]
    shape = _CHANNEL if language == "rust" else _VERSION
    return [value for name, values in matrix.items() if name in names for value in values if shape.fullmatch(value)]


def systems(matrix: Mapping[str, list[str]]) -> list[str]:
    """The systems in a matrix, by their names: `ubuntu-latest` is Linux."""
    names, _ = VERSIONS["os"]
    found: list[str] = []
    for name, values in matrix.items():
        for value in values if name in names else ():
            words = re.split(r"[^a-z]+", value.lower())
            found += [_SYSTEMS[word] for word in words if word in _SYSTEMS][:1]
    return found


def image_versions(language: str, image: str) -> list[str]:
    """The version in the name of a language's container image: `python:3.12-slim`, `cimg/node:20.1`."""
    names = {"node": "node", "go": "go(?:lang)?", "python": "python", "rust": "rust"}
    found = re.fullmatch(rf"(?:[\w.-]+/)*{names[language]}:(\d+(?:\.\d+)*)(?:-[\w.-]+)?", image)
    return [found[1]] if found else []


def versions_reading(folder: str, name: str, found: Mapping[str, list[str]]) -> Iterator[Reading]:
    """One reading of all that the files say; `found`: file -> versions. One system alone is not worth a line."""
    files = sorted(file for file, several in found.items() if several)
    union = {version for file in files for version in found[file]}
    if len(union) < (2 if name == "os" else 1):
        return
    # One workflow stands for all of them where it has every version; otherwise they stand in the folder.
    place = next((file for file in files if set(found[file]) == union), folder)
    value = ", ".join(sorted(union, key=lambda v: ([int(n) for n in re.findall(r"\d{1,9}", v)], v)))
    yield from reading(place, f"matrix.{name}", f"ci.{name}", value, VERSIONS[name][1])
