"""Which text hands its reader code that nobody here has seen: what fetches and runs.

A command that is confirmed will be typed. Where it runs what some other machine serves at that moment, or what is hidden in
it, three agents that read one page are not enough: the owner says it, or it stands in the project's tree.

The one rule: this looks at the form of a text and never at who said it.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SHELL = r"(?:[\w./~-]*/)?(?:(?:ba|z|da|k|a|fi|tc|c)?sh|busybox|pwsh|powershell)(?:\.exe)?"
_OTHER = r"(?:[\w./~-]*/)?(?:python[\d.]*|pypy[\d.]*|node|nodejs|deno|bun|ruby|perl|php|lua|tclsh|osascript)(?:\.exe)?"
_GETS = r"(?:curl|wget|aria2c|httpie|lynx|fetch|iwr|irm|invoke-webrequest|invoke-restmethod|nc|ncat|netcat|socat|certutil|scp|tftp|dig|nslookup)\b"
_HIDES = r"(?:base(?:32|64)|xxd|openssl|uudecode)\b"
_URL = r"[\"']?(?:[\w.-]+ ?@ ?)?(?:(?:git|hg|svn)\+)?(?:(?:https?|ftps?|git|ssh|file|data|smb)://?|data:|git@|(?:github|gitlab|bitbucket|gist):)"
_FLAGS = r"(?:\s+-[\w-]*(?:=[^\s|&;]*)?)*"
_FORMS = (
    # piped into a shell, whatever it is; into another interpreter only where that reads its program there
    rf"\|&?\s*(?:sudo(?:\s+-\S+)*\s+|env\s+|xargs\b[^|;&]*?\s|exec\s+|command\s+|nohup\s+)*{_SHELL}(?=\s*$|\s+-|\s*[;&|)\"'`<>])",
    rf"\|&?\s*(?:sudo(?:\s+-\S+)*\s+|env\s+)*{_OTHER}(?=\s*(?:-|/dev/stdin)?\s*(?:$|[;&|)\"'`]))",
    r"\|&?\s*(?:iex|invoke-expression|source\s+/dev/stdin|\.\s+/dev/stdin)\b",
    # substituted into a command line that runs it
    rf"(?:{_SHELL}|{_OTHER}|\beval|\bexec|\bsource|(?:^|\s)\.(?=\s))[^|;&]*?(?:<\(|\$\(|`)[^)`]*?\b(?:{_GETS}|{_HIDES})",
    r"(?:^|[\s;&|`])(?:\$\(|<\()\s*(?:curl|wget)\b",
    # fetched first, and run in the same line
    rf"\b(?:curl|wget|aria2c|scp|iwr|invoke-webrequest)\b[^|;&]*(?:&&|;|\|\|)\s*(?:sudo\s+)?(?:{_SHELL}\s|{_OTHER}\s|source\s|\.\s|\./|/tmp/|chmod\s)",
    r"/dev/(?:tcp|udp)/",
    r"\b(?:pwsh|powershell)(?:\.exe)?\b.*\s-e(?:nc|ncodedcommand)?\s",
    # a place handed to what runs or installs
    rf"(?<![\w./-])(?:npx|pnpx|bunx|uvx|{_SHELL}|{_OTHER}|source|iex){_FLAGS}\s+{_URL}",
    rf"(?<![\w-])(?:npm|pnpm|yarn|bun|deno)\s+(?:exec|x|dlx|run|create|init){_FLAGS}\s+{_URL}",
    rf"(?<![\w-])(?:pipx|uv|go|uv\s+tool){_FLAGS}\s+run{_FLAGS}\s+{_URL}",
    rf"(?<![\w-])(?:npm|pnpm|yarn|bun|deno|pip[\d.]*|pipx|uv|gem|cargo|go|brew|poetry|pdm|conda|mamba|apt|apt-get|dnf|rpm|apk|snap|helm"
    rf"|code)\b[^|;&]{{0,60}}?\s(?:install|i|add|global|get)\b[^|;&]{{0,120}}?[\s=]{_URL}",
    rf"(?<![\w-])(?:docker|podman|kubectl|terraform|ansible-pull|make)\b[^|;&]{{0,40}}?\s(?:build|apply|create|-f|-U|init)\b[^|;&]{{0,80}}?[\s=]{_URL}",
    # a module from elsewhere, or a program whose text comes from elsewhere
    r"\b(?:import|require|importscripts|load)\s*\(?\s*[\"'`]https?:",
)
_MAYBE = re.compile(r"[|(:;&`]|/dev/|pwsh|powershell", re.IGNORECASE)  # the cheap way out: most texts hold none of these
_RUNS_UNSEEN = re.compile("|".join(_FORMS), re.IGNORECASE)
_EVALUATES = re.compile(
    r"\b(?:exec|execfile|eval|compile|function|system|popen|loadstring|instance_eval|marshal\.loads|pickle\.loads)\s*\(|\b(?:eval|iex|invoke-expression)\s",
    re.IGNORECASE,
)
_FROM_ELSEWHERE = re.compile(
    r"urlopen|urlretrieve|urllib|requests\.(?:get|post)|httpx\.|aiohttp|\bfetch\s*\(|https?\.get|xmlhttprequest|net::http|open-uri|\blwp\b"
    r"|file_get_contents|downloadstring|\bcurl\b|\bwget\b|https?://|b64decode|\batob\s*\(|fromcharcode|base64|unhexlify|fromhex|\bsocket\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=65536)
def fetches_and_runs(text: str) -> bool:
    """Whether a text, or a command in it, runs what it fetches or unpacks: `curl … | sh`, `npx https://…`, `bash <(wget …)`."""
    if not _MAYBE.search(text):
        return False
    if _RUNS_UNSEEN.search(text):
        return True
    return _EVALUATES.search(text) is not None and _FROM_ELSEWHERE.search(text) is not None
