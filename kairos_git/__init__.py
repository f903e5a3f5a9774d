"""kairos-git: a memory for coding agents that its owner can audit like code."""

__version__ = "0.1.0"
