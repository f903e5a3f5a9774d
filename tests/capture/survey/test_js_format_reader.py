"""How JavaScript is formatted."""

from __future__ import annotations

import pytest
from surveyed import read_by, values


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({".prettierrc": '{"semi": false, "singleQuote": true}'}, {"format.prettier.options": "semi: false, singleQuote: true"}),
        ({".prettierrc": "printWidth: 100\n"}, {"format.prettier.options": "printWidth: 100"}),
        ({".prettierrc.yaml": "useTabs: true\n"}, {"format.prettier.options": "useTabs: true"}),
        ({"package.json": '{"prettier": {"tabWidth": 4}}'}, {"format.prettier.options": "tabWidth: 4"}),
        ({"package.json": '{"prettier": "@x/config"}'}, {}),
        (
            {"prettier.config.js": "export default {\n  semi: false,\n  plugins: [x()],\n}"},
            {"format.prettier.options": "semi: false"},
        ),
        ({".oxfmtrc.json": '{"printWidth": 80}'}, {"format.oxfmt.options": "printWidth: 80"}),
        (
            {"biome.jsonc": '{"formatter": {"lineWidth": 100}, "javascript": {"formatter": {"quoteStyle": "single"}}, }'},
            {"format.biome.options": "lineWidth: 100, quoteStyle: single"},
        ),
        ({".prettierrc.json": "[]"}, {}),
        ({}, {}),
    ],
)
def test_the_formatters_settings_are_told(files: dict[str, str], expected: dict[str, str]) -> None:
    """From every place a formatter looks for them; a plugin's or a package's are not known."""
    assert values(read_by("js_format", files)[0]) == expected
