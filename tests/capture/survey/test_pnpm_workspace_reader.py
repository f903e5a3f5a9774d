"""pnpm's settings that change how a dependency is added."""

from __future__ import annotations

import pytest
from surveyed import read_by, values


@pytest.mark.parametrize(
    ("yaml", "expected"),
    [
        ("catalog:\n  a: ^1\ncatalogMode: prefer\n", {"catalog": "catalog:", "catalog-mode": "catalogMode: prefer"}),
        ("catalogs:\n  react17:\n    react: 17\n", {"catalog": "catalog:react17"}),
        ("catalogMode: sometimes\n", {}),
        ("patchedDependencies:\n  b@1.0.0: patches/b.patch\n  a: patches/a.patch\n", {"patched-dependencies": "a, b@1.0.0"}),
        ("onlyBuiltDependencies:\n  - esbuild\n", {"built-dependencies": "esbuild"}),
        ("allowBuilds:\n  esbuild: true\n  msw: false\n", {"built-dependencies": "esbuild"}),
        ("minimumReleaseAge: 1440\n", {"minimum-release-age": "1440"}),
        ("packages:\n  - a\n", {}),
    ],
)
def test_settings_that_bite_are_told(yaml: str, expected: dict[str, str]) -> None:
    """Catalogs, patches, install scripts and ages."""
    readings, problems = read_by("pnpm_workspace", {"pnpm-workspace.yaml": yaml})
    assert ({slot.removeprefix("node.pnpm."): value for slot, value in values(readings).items()}, problems) == (expected, [])


def test_older_projects_state_them_in_package_json() -> None:
    """With the place they stand in as key."""
    files = {"package.json": '{"pnpm": {"patchedDependencies": {"a@1": "p"}, "onlyBuiltDependencies": ["x"]}}'}
    assert {(r.file, r.key) for r in read_by("pnpm_workspace", files)[0]} == {
        ("package.json", "pnpm.patchedDependencies"),
        ("package.json", "pnpm.onlyBuiltDependencies"),
    }


def test_many_names_are_marked_as_more() -> None:
    """A value is never cut inside a name."""
    yaml = "onlyBuiltDependencies:\n" + "".join(f"  - package-number-{n}\n" for n in range(50))
    value = values(read_by("pnpm_workspace", {"pnpm-workspace.yaml": yaml})[0])["node.pnpm.built-dependencies"]
    assert (
        value.endswith(", …") and len(value) <= 200 and all(name.startswith("package-number-") for name in value[:-3].split(", "))
    )
