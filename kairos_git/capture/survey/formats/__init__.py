"""TOML, JSON, YAML, INI and literals of JavaScript as plain values, whatever the bytes."""
