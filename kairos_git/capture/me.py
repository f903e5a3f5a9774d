"""Whether a statement is about its speaker: who they are, how they like to work.

The one rule: when in doubt it is about the project. A line about a project that is served to all of them does harm; one
about its owner that stays with one project only has to be said again.
"""

from __future__ import annotations

import re

LONGEST = 300  # characters of a text that may be about its speaker; longer is an account

_OPENING = re.compile(
    r"^(?:(?:please |pls )?(?:remember|note|keep in mind|fyi|nb|important|reminder|correction|about me)(?: that|:|,)?|"
    r"(?:and|also|so|btw|by the way|in general|generally),?)\s+",
    re.IGNORECASE,
)
# What ties a statement to one project, one place in it, or one moment.
_LOCAL = re.compile(
    r"\b(?:this|the|these|our|that) (?:\w+ )?(?:repo(?:sitory)?|project|code ?base|code|package|module|branch|app|library|service|"
    r"files?|folder|director(?:y|ies)|workspace|tests?|suite|build|ci|pr|pull request|issue|function|class|api|commit|release|case|"
    r"one|bug|fix|change|feature|parser|server|client|database|schema|docs?|readme)\b"
    r"|\b(?:here|for now|right now|just now|at the moment|this time|today|tonight|tomorrow|yesterday|next|last week|currently)\b"
    r"|\b[\w.-]+/[\w.-]+|(?<!\w)[\w-]+\.(?:py|[jt]sx?|md|go|rs|toml|ya?ml|json|sh|txt|cfg|ini|c|h|cpp|java|rb)\b",
    re.IGNORECASE,
)
_I = r"i(?:'d| would)?(?: (?:really|strongly|always|generally|usually|mostly|much|absolutely|very much|personally|also|often|rather))*"
_ANSWERS = (
    r"(?:answers?|repl(?:y|ies)|responses?|explanations?|summar(?:y|ies)|emojis?|commit messages?|messages?|comments?|diffs?|"
    r"questions?|pull requests?|prs?|code reviews?|reviews?|examples?|bullet points?|tables?|apologies|praise|small talk)"
)
_TOOLS = (
    r"(?:vim?|neovim|nvim|emacs|helix|nano|vs ?code|zed|sublime|intellij|pycharm|macos|windows|linux|arch|ubuntu|debian|fedora|nixos|"
    r"fish|zsh|bash|tmux|dvorak|colemak|tabs|spaces|british english|american english|a screen ?reader|dark mode|light mode|metric)"
)
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_I} (?:prefer|like|love|hate|dislike|enjoy|favou?r|appreciate|can't stand|cannot stand|(?:don't|do not) (?:like|enjoy|care for))"
        r" (?!the |this |that |it\b|these |those |how |what |where |your |our )\S",
        rf"{_I} (?:don't |do not |never )?(?:want|need|expect|like to (?:get|see|have)) (?:(?!the |this |that )\S+ ){{0,4}}{_ANSWERS}\b",
        r"i (?:always|never) (?:want|use|write|work|read|commit|squash|rebase|merge|push|review|test|like|need|speak|answer|eat|drink|take) \S",
        r"my (?:full |first |last |nick|given |middle )?(?:name|pronouns?|time ?zone|e-?mail(?: address)?|(?:github |gitlab )?(?:handle|username|login)|"
        r"role|job|job title|profession|employer|company|(?:native|first|mother|main|favou?rite|preferred) [\w -]{1,30}|mother tongue|editor|"
        r"shell|operating system|os|terminal|keyboard(?: layout)?|working hours|work(?:ing)? days|hours|background|birthday|home town|"
        r"hometown|country|city|address|phone(?: number)?|laptop|machine|preferences?) (?:is|are|=|:) ?\S",
        r"(?:please |just |you (?:can|may|should) )*(?:don't |do not |never )?(?:call|address) me (?!when|if|back|later|maybe|once|after|before|"
        r"tomorrow|at|on|with|the|from|for|only when|only if)\S",
        r"(?:please |always )*(?:answer|talk to|speak to|speak with|reply to|respond to|write to|explain things to|address) me (?:in|as|like|with|"
        r"briefly|shortly|informally|formally|concisely)\b",
        r"i(?:'m| am) (?:not )?an? (?!bit|little|lot|while|moment|second|step|few|couple|bug|fix)\S",
        r"i(?:'m| am) (?:colou?r ?-?blind|blind|deaf|hard of hearing|left-handed|right-handed|dyslexic|autistic|vegetarian|vegan|retired|"
        r"self-employed|freelancing|fluent in \S+|new to \w+|based in \S+|from [A-Z]\S*|allergic to \S+|\d+ years old|"
        r"(?:not )?(?:very |quite )?(?:familiar|experienced|comfortable) (?:with|in) \S+|in (?:utc|gmt|c?est?|[cep][sd]t|\w+/\w+)\S*|"
        r"used to \w+|learning \w+)(?:$|[ ,.;])",
        r"i (?:live|grew up) in \S|i come from \S|i (?:only |mostly )?speak \S",
        r"i (?:only |mostly |usually )?work (?:(?:in|from|at|for|as|with|on) (?!the |this |that |it\b|a (?:branch|fix|bug|new)\b|my )(?:\S)|"
        r"remotely\b|part[- ]time\b|full[- ]time\b|nights\b|mornings\b|evenings\b|best\b|alone\b)",
        rf"i (?:only |mostly |usually )?use {_TOOLS}\b",
        r"i have (?:\d+\+? years|adhd|dyslexia|(?:a |an )?(?:visual|hearing) impairment|bad eyesight|(?:two|three|\d+) (?:kids|children))\b",
    )
)
_SENTENCES = re.compile(r"(?<=[.!;])\s+|\s*\n\s*")


def speaks_of_self(text: str) -> bool:
    """Whether every sentence of a text is plainly about its speaker: "I prefer short answers", "Call me Ada".

    Not what they did, think of a project, or want in one place of it ("I fixed the bug", "in this repo I …").
    """
    text = text.strip()
    if not text or len(text) > LONGEST or text.endswith("?") or is_local(text):
        return False
    parts = [part.strip(" -*•\t") for part in _SENTENCES.split(text.replace("’", "'"))]
    return all(_about_me(part) for part in parts if part)


def is_local(text: str) -> bool:
    """Whether a text ties itself to one project, one place in it, or one moment."""
    return _LOCAL.search(text) is not None


def _about_me(sentence: str) -> bool:
    plain = _OPENING.sub("", sentence)
    return any(form.match(plain) for form in _FORMS)
