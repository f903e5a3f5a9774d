"""Where a project's hand-written texts contradict its tree: CLAUDE.md, AGENTS.md and their like, and the README.

The one rule: what is reported is wrong; what only might be is not reported.
"""

from __future__ import annotations

from kairos_git.capture.check.contradictions import Finding, check, documents

__all__ = ["Finding", "check", "documents"]
