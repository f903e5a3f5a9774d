"""The functions that note what is typed in bash, zsh and fish: templates/shell-init.*, with what is left out filled in.

The one rule: they never print, never slow a prompt down by a process, and never write outside the spool of a memory.
"""

from __future__ import annotations

from kairos_git import resources
from kairos_git.errors import UsageError

SHELLS = ("bash", "zsh", "fish")

# Commands that are not noted at all, unless KAIROS_IGNORE says otherwise: glob patterns of `*` alone (fish has no other
# that all versions know), against the command in lower case. What they let through is redacted before it is kept.
IGNORED = (
    "*passw*", "*passphrase*", "*sshpass*", "*token*", "*secret*", "*credential*", "*apikey*", "*api_key*", "*api-key*",
    "*private_key*", "*private-key*", "*access_key*", "*access-key*", "*authorization*", "*bearer *", "*://*:*@*", "*pwd=*",
    "*curl* -u*", "*mysql* -p*", "export *=*", "declare -*x*=*", "typeset -*x*=*", "set -*x *", "read -s*", "pass *", "vault *",
)  # fmt: skip


def shell_init(shell: str) -> str:
    """What `eval` takes in at the start of a shell. Raises UsageError for a shell we have nothing for."""
    if shell not in SHELLS:
        raise UsageError(f"{shell!r} is none of {', '.join(SHELLS)}.")
    patterns = " ".join(f"'{pattern}'" for pattern in IGNORED)
    return resources.read("templates", f"shell-init.{shell}").replace("@IGNORE@", patterns)
