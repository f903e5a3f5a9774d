"""What a burst of commands comes to: one line that says what was worked on, for how long, and what failed and then did not.

The one rule: pure, and it claims nothing: what stands in a terminal is `external`, an event, and quoted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo

from kairos_git.capture.bursts import listed, span
from kairos_git.capture.terminal.lines import Activity
from kairos_git.memory.observation import Observation, observe
from kairos_git.memory.redact import redact
from kairos_git.memory.text import code

EVENT = ("event", "terminal")
KILLED = 126  # 126 and 127: it could not be started; above: a signal ended it. Neither says that the work went wrong
# Commands that change and learn nothing.
_LOOKING = """
    cd ls ll la pwd clear exit logout history which type man less more cat head tail echo true : fg bg jobs top htop pushd popd alias
    unalias date whoami kairos-git reset tree open code vim vi nvim nano emacs tmux screen
"""
# Those whose exit code 1 is an answer.
_ASKING = "grep egrep rg ag ack diff cmp test [ [[ find fgrep false pgrep pidof ping kill"
# Programs whose first plain argument says what they do.
_PARTED = """
    git npm pnpm yarn bun deno cargo go make just task docker podman kubectl helm terraform uv poetry pdm hatch pipenv rye mix rake gradle
    mvn dotnet gh glab brew apt dnf pip conda bundle composer swift flutter
"""
_LOOKS, _ASKS, _HAS_PARTS = (frozenset(words.split()) for words in (_LOOKING, _ASKING, _PARTED))
_STARTERS = frozenset(["run", "exec", "x", "dlx"])  # arguments that only start something else
_WRAPPERS = frozenset(["sudo", "time", "nice", "nohup", "env", "command", "exec", "builtin", "npx", "bunx", "uvx"])
_PARTS = re.compile(r"\s*(?:&&|\|\||[;|\n])\s*")
_WORD = re.compile(r"[A-Za-z0-9_.+:@-]{1,40}")


def name_of(command: str) -> str:
    """What a command is called: `git commit`, `uv run pytest`, `make lint`; "" where nothing but looking around was typed."""
    for part in _PARTS.split(command[:500]):
        words = [w for w in part.split() if not re.match(r"[A-Za-z_]\w*=|[<>&(){}!$`\"']", w)]
        while words and (words[0] in _WRAPPERS or words[0].startswith("-")):
            words = words[1:]
        if not words:
            continue
        program = words[0].rpartition("/")[2]
        if program in _LOOKS or not _WORD.fullmatch(program):
            continue
        plain = [w for w in words[1:] if _WORD.fullmatch(w) and not w.startswith("-")]
        if re.match(r"python[\d.]*$", program) and words[1:2] == ["-m"]:
            return plain[0] if plain else program
        if program in _HAS_PARTS and words[1:2] == plain[:1] and plain:
            return " ".join([program, *plain[: 2 if plain[0] in _STARTERS else 1]])
        return program
    return ""


def summarise(burst: Sequence[Activity], folder_of: Callable[[str], str], zone: tzinfo | None) -> Observation | None:
    """One observation for a burst; None where nothing but looking around was typed.

    folder_of   an activity's folder -> its name in the project, "" for its root
    """
    named = [(name, a) for a in burst if (name := name_of(a.command))]
    if not named:
        return None
    end, start = max(a.ended for a in burst), min(a.began for a in burst)
    often = [code(name) for name, _ in Counter(name for name, _ in named).most_common()]
    places = [f"{code(p + '/')}" if p else "the root" for p, _ in Counter(folder_of(a.folder) for _, a in named).most_common()]
    text = f"Worked {span(end - start)} in {listed(places, 2)}: {len(burst)} command{'s' * (len(burst) > 1)}, mostly {', '.join(often[:3])}"
    went = [words for name in dict.fromkeys(n for n, _ in named) if (words := _outcome(name, [a for n, a in named if n == name]))]
    text += f"; {listed(went, 4)}" if went else ""
    return observe(datetime.fromtimestamp(end, zone), redact(text).text, "external", extra=(EVENT,))


def _outcome(name: str, runs: Sequence[Activity]) -> str:
    """`pytest` failed 3 times, then passed; "" where it never failed."""
    codes = [a.code for a in runs if a.code < KILLED]
    failed = sum(c != 0 for c in codes)
    if not failed or name.partition(" ")[0] in _ASKS:
        return ""
    times = {1: "once", 2: "twice"}.get(failed, f"{failed} times")
    return f"{code(name)} failed {times}{', then passed' if codes[-1] == 0 else ''}"
