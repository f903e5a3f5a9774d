"""Sessions of coding agents -> events: what their clients tell a hook, and what is noted between two of them."""
