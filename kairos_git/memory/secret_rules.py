"""What a secret looks like: a table of shapes, the shapes detect-secrets knows, and the judgement on `name = value`.

The one rule: everything here only looks. It yields `(start, end, kind)` of what must not be kept; `redact` cuts.
The shapes follow the issuers' documentation and gitleaks' list (https://github.com/gitleaks/gitleaks, MIT); the
patterns are our own, and laxer in length, because an issuer may lengthen a token. Each is compiled when first needed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from math import log2
from typing import Any, NamedTuple

Span = tuple[int, int, str]  # start, end, kind

compiled = cache(re.compile)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


class Rule(NamedTuple):
    """One shape. `literals` (lower case) gate the pattern; none means it needs a long run of characters.

    The group `s`, where there is one, is what goes. `judged`: it stays where it reads like ordinary words.
    """

    kind: str
    literals: tuple[str, ...]
    pattern: str
    judged: bool = False


_LONG_RUN = re.compile(r"(?<![\w-])[\w-]{24}")
_AT = r"(?<![A-Za-z0-9])"  # a token does not begin in the middle of a word
_PEM = r"-{4,5} ?BEGIN[ A-Z0-9_-]{0,60}PRIVATE KEY(?: BLOCK)? ?-{4,5}"
_USER = r"://[^\s/:@?#\"'<>\[\]]{0,100}"
# Issuers whose prefix alone says it: then at least 16 more characters.
_PREFIXES = _words("""
    lin_api_ ntn_ figd_ dp.pt. dp.st. glsa_ glc_ nrak- nrii- pmak- sntrys_ sntryu_ sbp_ pscale_tkn_ pscale_pw_
    pscale_oauth_ atatt3 atctt3 atbb fo1_ fm2_ fm1a_ fm1r_ pplx- gsk_ xai- hrku- rubygems_ clojars_ dckr_pat_ dckr_oat_
    tskey- ezak eztk pnu_ fio-u- tfp_ rdme_ shippo_live_ shippo_test_ duffel_live_ duffel_test_ flwseck_ cfpat- p8e-
    ltai aqvn tk-us- sm_aat_ sm_pat_ sm_sat_ sgp_ sha256~ xkeysib- whsec_ gocspx- ya29. phx_ sq0atp- sq0csp- sq0idp-
    dt0c01. ops_eyj bedrock-api-key- akcp dnkey- pul- r8_ nfp_ patk_ s-s4t2ud- s-s4t2af- access-sandbox-
    access-production- access-development- cmvmd absk eaaa
""")
_GITLAB = _words("glpat- gldt- glrt- glrtr- glptt- glft- glsoat- glcbt- glimt- glagent- gloas- glffct- gr1348941")
_GITHUB = _words("ghp_ gho_ ghu_ ghs_ ghr_")
_AWS = _words("akia asia abia acca a3t")
# Issuers whose tokens have no mark of their own: their name, an assignment, and 14 characters or more.
_VENDORS = _words("""
    adafruit adobe airtable algolia alibaba asana atlassian confluence jira beamer bitbucket bittrex cloudflare codecov
    cohere coinbase confluent contentful datadog discord droneci dropbox etsy facebook fastly finicity finnhub flickr
    freshbooks gitter gocardless hashicorp heroku hubspot intercom jfrog artifactory kraken kucoin launchdarkly linkedin
    looker mailchimp mailgun mapbox mattermost meraki messagebird message_bird message-bird netlify newrelic new_relic
    new-relic nytimes newyorktimes okta plaid privateai private_ai private-ai rapidapi sendbird sentry snyk sonar
    squarespace sumo telegr travis trello twitch twitter typeform yandex zendesk contribsys notion pagerduty
    linked-in linked_in new-york-times bintray co_api_key
""")

RULES: tuple[Rule, ...] = (
    Rule("private-key", ("private key",), rf"(?is){_PEM}(?:(?!-----BEGIN).)*?KEY(?: BLOCK)? ?-{{4,5}}"),
    # Cut off before its END line: the header, and as much as looks like a body.
    Rule("private-key", ("private key",), rf"(?i){_PEM}(?:(?:\\[nrt]|[\s\">|#])*[A-Za-z0-9+/=]{{16,}})+"),
    Rule("private-key", ("b3blbnnzac1rzxktdj",), r"b3BlbnNzaC1rZXktdj[A-Za-z0-9+/=]{16,}"),
    Rule("private-key", ("private-lines:",), r"Private-Lines: ?\d+(?P<s>(?:\s+[A-Za-z0-9+/=]{20,})+)"),
    Rule("age-key", ("age-secret-key-",), r"(?i)AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{20,}"),
    Rule("aws-key", _AWS,
         _AT + r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"
         r"(?:[ \t,:;|\"']{1,3}[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+]))?"),
    Rule("github-token", (*_GITHUB, "github_pat_"), r"gh[pousr]_[A-Za-z0-9_]{30,}|github_pat_[A-Za-z0-9_]{22,}"),
    Rule("gitlab-token", _GITLAB,
         r"(?:gl(?:pat|dt|rtr?|ptt|ft|soat|cbt|imt|agent|oas|ffct)-|GR1348941)[A-Za-z0-9_.-]{18,}[A-Za-z0-9_-]"),
    Rule("slack-token", ("xox", "xapp-"), r"(?i)(?:xox[a-z](?:\.xox[a-z])?|xapp)-[a-z0-9-]{8,}"),
    Rule("slack-webhook", ("hooks.slack.com",), r"(?i)hooks\.slack\.com/[a-z]+/(?P<s>[\w+/-]{16,})"),
    Rule("webhook", ("api/webhooks/", "webhook.office.com"),
         r"(?:discord(?:app)?\.com/api/webhooks|webhook\.office\.com)/(?P<s>[\w@/-]{30,})"),
    Rule("stripe-key", ("k_live_", "k_test_", "k_prod_"), r"[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,}"),
    Rule("anthropic-key", ("sk-ant-",), r"sk-ant-[A-Za-z0-9_-]{16,}"),
    Rule("openai-key", ("sk-",),
         _AT + r"sk-(?:(?:proj|svcacct|admin|or|lf|None)-[\w-]{16,}|[A-Za-z0-9]{20,}|[\w-]{1,200}?T3BlbkFJ\w+)"),
    Rule("google-key", ("aiza", "1//0"), r"AIza[\w-]{30,}|(?<!\w)1//0[\w-]{40,}"),
    Rule("huggingface-token", ("hf_",), _AT + r"hf_[A-Za-z0-9]{24,}"),
    Rule("npm-token", ("npm_",), r"npm_[A-Za-z0-9]{30,}"),
    Rule("npm-token", (":_auth",), r"(?i):_auth(?:token)?\s*=\s*[\"']?(?P<s>[^\s\"'$]{8,})"),
    Rule("pypi-token", ("pypi-age",), r"pypi-AgE[\w-]{16,}"),
    Rule("sendgrid-key", ("sg.",), _AT + r"SG\.(?:[\w-]{16,}\.[\w-]{16,}|[\w=.-]{60,})"),
    Rule("twilio-key", (), _AT + r"(?:SK|AC)[0-9a-fA-F]{32}(?![A-Za-z0-9])"),
    Rule("telegram-token", (), r"(?<!\d)\d{8,10}:[\w-]{35}(?![\w-])"),
    Rule("discord-token", (), r"(?<![\w-])[MNO][\w-]{23,27}\.[\w-]{6,7}\.[\w-]{27,}"),
    Rule("jwt", ("eyj",), _AT + r"eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){0,3}"),
    Rule("jwt", (".ey",), _AT + r"ey[\w-]{16,}\.ey[\w-]{16,}(?:\.[\w-]*){0,3}"),
    Rule("jwt", ("zxlk", "eyjrijoi"), _AT + r"(?:ZXlK|eyJrIjoi)[\w+/-]{40,}={0,2}"),  # a JWT in base64; Grafana's JSON in base64
    Rule("ntfy-token", ("tk_",), _AT + r"tk_[A-Za-z0-9]{24,}"),
    Rule("azure-key", ("accountkey", "accesskey"), r"(?i)(?:AccountKey|SharedAccessKey)\s*=\s*(?P<s>[A-Za-z0-9+/]{20,}={0,2})"),
    Rule("azure-key", ("sig=",), r"(?<=[?&]sig=)[A-Za-z0-9%+/]{30,}={0,2}"),
    Rule("azure-key", ("q~",), r"(?<![\w.~-])[\w~.]{3}\dQ~[\w~.-]{31,34}(?![\w~-])"),
    Rule("digitalocean-token", ("_v1_",), r"do[opr]_v1_[A-Za-z0-9]{32,}"),
    Rule("shopify-token", ("shpat_", "shpca_", "shppa_", "shpss_"), r"shp(?:at|ca|pa|ss)_[A-Za-z0-9]{24,}"),
    Rule("databricks-token", ("dapi",), _AT + r"dapi[a-f0-9]{32}(?:-\d)?(?![A-Za-z0-9])"),
    Rule("vault-token", (), r"hv[sbr]\.[\w-]{20,}|(?<![\w./-])s\.(?=[A-Za-z]*\d)[A-Za-z0-9]{24}(?![\w.])"),
    Rule("mailgun-key", (), r"key-[0-9a-f]{32}(?!\w)|(?<![\w-])[a-h0-9]{32}-[a-h0-9]{8}-[a-h0-9]{8}(?![\w-])"),
    Rule("facebook-token", (), _AT + r"(?:EAA[A-Za-z0-9]{60,}|\d{15,16}[|%][\w-]{27,40}(?![\w-]))"),
    Rule("service-token", _words("a3- api- v1.0- _mmk .atlasv1. _acc .acc pat. sat. api_org_ ico- live_ test_"),
         r"(?<![\w-])(?:A3-[A-Z0-9]{6}-[A-Z0-9-]{23,}|API-[A-Z0-9]{26}(?!\w)|v1\.0-[a-f0-9]{24}-[a-f0-9]{100,}"
         r"|[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk|api_org_[A-Za-z0-9]{30,}|ico-[A-Za-z0-9]{32}|(?:live|test)_[a-z0-9]{35,}"
         r"|[ps]at\.[\w-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}|[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{40,}"
         r"|(?:sc|ext|scauth|authress)_[a-zA-Z0-9]{5,30}\.\w{4,6}\.acc[_-][\w-]{10,32}\.[\w+/=-]{30,})"),
    Rule("service-token", (), _AT + r"(?:pat[A-Za-z0-9]{14}\.[a-f0-9]{40,}|4b1d[A-Za-z0-9]{38}(?!\w)|cio[A-Za-z0-9]{32}(?!\w))"),
    Rule("service-token", _PREFIXES, _AT + "(?i:" + "|".join(map(re.escape, _PREFIXES)) + r")[\w+/.=~-]{16,}", judged=True),
    Rule("service-key", _VENDORS,
         r"(?i)(?:" + "|".join(_VENDORS) + r")[\w. \t-]{0,22}[ \t'\"`]{0,3}(?:=>?|>|:{1,3}=?|\|\||\?=|,)[ \t'\"`=]{0,5}"
         r"(?P<s>(?=[^\s\d]*\d)(?!https?:)[\w=.:+%/-]{14,})", judged=True),
    Rule("auth-header", ("authorization", "x-api-key", "x-auth-", "private-token", "job-token"),
         r"(?i)(?:authorization|x-api-key|x-auth-(?:token|key)|(?:private|job)-token)[\"'\\]*\s*[:=,]\s*[\"'\\]*"
         r"(?:(?:bearer|basic|token|bot|apikey|digest|negotiate)\s+)?(?P<s>[^\s\"'\\<>,]{6,})", judged=True),
    Rule("auth-header", ("bearer",), r"(?i)\bbearer(?:\s+|%20|\+)[\"'\\]*(?P<s>[\w.~+/=-]{12,})", judged=True),
    Rule("auth-header", ("basic",), r"(?i)\bbasic(?:\s+|%20|\+)(?P<s>[A-Za-z0-9+/]{8,}={0,2})(?![\w.-])", judged=True),
    Rule("cookie", ("session",), r"(?i)session(?:_?id)?=(?P<s>[\w%.+/-]{16,})", judged=True),
    Rule("cookie", ("cookie:",), r"(?i)cookie[\"']?:[ \t]*(?P<s>[^\s=\"']{1,60}=[^\n\"']{16,})"),
    Rule("password", ("curl", "wget"), r"\s(?:-u|--user)[ =]?[\"']?[^\s:\"'$]{1,80}:(?P<s>[^\s\"'$<{][^\s\"']{2,})"),
    Rule("password", ("machine",), r"\bmachine\s+\S+\s+login\s+\S+\s+password\s+(?P<s>\S+)"),
    # Up to the last `@` before the path; then one with an unescaped `/`, unless the colon begins a port.
    Rule("password-in-url", ("@",), _USER + r":(?P<s>[^\s/\"'<>`]+)@"),
    Rule("password-in-url", ("@",), _USER + r":(?!\d{1,5}[/,])(?P<s>[^\s@:\"'<>`]{1,200})@(?=[\w\[])"),
    Rule("password-in-url", ("@",), r"://(?P<s>[\w-]{20,200})@(?=[\w\[])", judged=True),
)  # fmt: skip

# detect-secrets' regex plugins, as a second opinion. The last column: only the group of the match goes.
_BORROWED: tuple[tuple[str, tuple[str, ...], str, bool], ...] = (
    ("aws-key", ("aws", *_AWS), "aws.AWSKeyDetector", False),
    ("azure-key", ("accountkey=",), "azure_storage_key.AzureStorageKeyDetector", False),
    ("cloudant-key", ("cloudant", "clou_"), "cloudant.CloudantDetector", True),
    ("github-token", _GITHUB, "github_token.GitHubTokenDetector", False),
    ("gitlab-token", _GITLAB, "gitlab_token.GitLabTokenDetector", False),
    ("ibm-key", ("ibm", "cos_"), "ibm_cos_hmac.IbmCosHmacDetector", True),
    ("mailchimp-key", _words("-us1 -us2 -us3 -us4 -us5 -us6 -us7 -us8 -us9"), "mailchimp.MailchimpDetector", False),
    ("openai-key", ("t3blbkfj",), "openai.OpenAIDetector", False),
    ("pypi-token", ("pypi-age",), "pypi_token.PypiTokenDetector", False),
    ("sendgrid-key", ("sg.",), "sendgrid.SendGridDetector", False),
    ("slack-token", ("xox", "hooks.slack.com"), "slack.SlackDetector", False),
    ("softlayer-key", ("softlayer",), "softlayer.SoftlayerDetector", True),
    ("square-secret", ("sq0csp-",), "square_oauth.SquareOAuthDetector", False),
    ("stripe-key", ("k_live_",), "stripe.StripeDetector", False),
)


def secrets(text: str) -> Iterator[Span]:
    """Every span that is a secret as it stands; the spans may overlap, and the surer kinds come first."""
    low = text.lower()
    if not low.isascii():  # the literals are ASCII, and found four times as fast in a string of one byte a character
        low = low.encode("ascii", "replace").decode("ascii")
    # One flat pass over all literals decides what is tried at all: most lines end here.
    hits = {literal for literal in _literals() if literal in low}
    long_run = _LONG_RUN.search(text) is not None
    if not hits and not long_run:
        return
    for rule in RULES:
        if not hits.isdisjoint(rule.literals) if rule.literals else long_run:
            yield from _shaped(text, rule)
    if not hits.isdisjoint(_NAME_LITERALS):
        yield from _assigned(text)
    if long_run:
        for row in _BORROWED:
            if not hits.isdisjoint(row[1]):
                yield from _borrowed(text, *row)


@cache
def _literals() -> tuple[str, ...]:
    rows = [rule.literals for rule in RULES] + [row[1] for row in _BORROWED] + [_NAME_LITERALS]
    return tuple({literal for row in rows for literal in row})


def _shaped(text: str, rule: Rule) -> Iterator[Span]:
    for m in compiled(rule.pattern).finditer(text):
        group = "s" if "s" in m.re.groupindex else 0
        if not (rule.judged and (reads_like_words(m[group]) or compiled(_NOT_A_VALUE).match(m[group]))):
            yield *m.span(group), rule.kind


def _borrowed(text: str, kind: str, literals: tuple[str, ...], plugin: str, keyed: bool) -> Iterator[Span]:
    """What one plugin of detect-secrets finds, in the lines that have both a literal of it and a long run."""
    for line in compiled(r"[^\n]+").finditer(text):
        if any(literal in line[0].lower() for literal in literals) and _LONG_RUN.search(line[0]):
            for pattern in _denylist(plugin):
                for m in pattern.finditer(text, *line.span()):
                    yield *m.span(m.lastindex or 0 if keyed else 0), kind


@cache
def _denylist(plugin: str) -> tuple[re.Pattern[str], ...]:
    from importlib import import_module  # the library costs 0.15 s to import, so it waits for the first line it is asked about

    module, name = plugin.split(".")
    try:
        found: Any = getattr(import_module(f"detect_secrets.plugins.{module}"), name)
    except ImportError:  # our own table covers every kind we promise; without the library nothing may raise
        return ()
    return tuple(found.denylist)


# A name, what assigns, and the value looked at ahead, so that the next search begins at the value.
_NAMED = r"""(?ix)(?<![\w.])(?P<name>(?:(?:api|access|secret|private|auth|client)[ ])?[a-z][\w.-]{0,80})
    \\?["'`]?\]?(?:\[\d*\])?(?:[ ](?:for|of|on|in)[ ][\w.@-]{1,40})?
    (?P<sep>\s{0,9}:\s{0,9}[a-z_&][\w.\[\]|& ]{0,30}?\s{0,9}=(?!=)\s{0,9}                # password: str = "…"
      |[ \t]*(?::{1,3}=?|=>|->|[=!]={1,2}|\|\||\?=|=|,(?=\s*["'`]))[ \t]*\n?[ \t]*(?:[\[({](?!redacted:|private\]))?
      |>(?=[^<\s]+</)|["']?[ \t]*value[ \t]*=[ \t]*(?=["'])      # <password>…</password>, key="password" value="…"
      |[ \t]+(?:is|was|are)(?:[ \t]now)?:?[ \t]+|\([ \t]*(?=["'`])|[ \t]+(?=\S))
    (?=(?:[brfu@](?=\\?["'`]))?(?P<q>\\?(?:\"\"\"|'''|["'`]))(?P<quoted>(?:\\.|[^\n\\])*?)(?P=q)
      |(?:\\?["'`])?(?P<bare>(?:(?![,;&|][\w-]+[=:])[^\s"'`<>\\]){1,600}))"""
# Names that mean a secret; then names that only may, whose value has to look random; then names of what is public.
_NAME_LITERALS = _words("pass pwd secret token cred key auth dsn license login")
_SUFFIX = r"s?(?:[_.-]?(?:key|value|prod(?:uction)?|dev|staging|live|test|main|old|new|b64|base64|raw|\d{1,3}))?$"
_PASSWORD_NAME = r"(?:passw(?:or)?d|passphrase|passcode|pwd|(?<=[_.-])pass|contrase(?:ñ|n)a)" + _SUFFIX
_SECRET_NAME = (
    r"(?:secret|token|(?:api|access|secret|private|auth|encryption|master|account|client|service|shared|storage|license"
    r"|deploy|app|application|webhook|session|db|database|admin|subscription)[ _.-]?key)" + _SUFFIX
)
_PERHAPS_NAME = r"(?:[_.-](?:key|auth|login|dsn|license)|(?<=[a-z])key|creds?)" + _SUFFIX + "|secret|token|passw|credential"
_PUBLIC_NAME = r"public|pub_?key|cache|primary|foreign|partition|gpg|pgp|finger|checksum|sha\d|hash|digest|integrity|commit"
MARKER = r"\[(?:redacted:[a-z-]{2,30}|private)\]"
_SLOT = MARKER + r"|\$?\{\{?[^{}\n]*\}?\}|\$\([^()\n]*\)|^\$\w+$|<[^<>\n]*>|%\([^()\n]*\)s|^%\w+%$"
# Code, addresses, paths, versions, names of algorithms, and what stands for a value to be filled in.
_NOT_A_VALUE = (
    r"(?i)(?:[a-z_][\w.:>-]*[(\[]|\w+://|(?:~|\.{1,2})/|[a-z]:\\|[\w.+-]+@[\w-]+\.[\w.-]+$|v?\d+(?:\.\d+)+[\w.+-]*$"
    r"|/(?:etc|usr|var|home|run|opt|tmp|mnt|srv|root|users|app|data|dev|proc)\b|arn:aws|op://|vault:|enc\[|sha\d{3}[:-]"
    r"|(?:sha-?\d+|md5|argon2\w*|(?:utf|base|aes|rsa|ed|oauth|pbkdf|hs|rs|es)-?\d+|x509)$"
    r"|(?:change[_-]?me|change[_-]?this|placeholder|dummy|example|sample|your|insert|enter|fake|todo)[\w-]{0,16}$)"
)
_HUMPS = r"[A-Z]*[a-z]*(?:[A-Z]+[a-z]{2,})*"  # a word, an abbreviation, camelCase
_PART = _HUMPS + r"\d{0,2}|v?\d{1,6}|[a-z]{1,3}\d{1,2}[a-z]{0,3}"
_UNSPOKEN = r"(?i)[bcdfghjklmnpqrstvwxz]{6}|[a-z]{21}"


def unmarked(value: str) -> bool:
    """Whether anything of substance stays when our own markers and the slots of templates are taken away."""
    return any(c.isalnum() for c in compiled(_SLOT).sub("", value))


def reads_like_words(value: str) -> bool:
    """Whether a value is ordinary words, an identifier or a short number: `refresh_token`, `Basic-Auth`, `k8s-v2`."""
    parts = compiled(r"[-_./:#@+~=\s,;!?()&*|]+").split(value[:400])
    return all(compiled(_PART).fullmatch(part) and not compiled(_UNSPOKEN).search(part) for part in parts)


def _assigned(text: str) -> Iterator[Span]:
    """The values of names that mean a secret, where the value does not look like a placeholder, code or a word."""
    at = 0
    while m := compiled(_NAMED).search(text, at):
        kind, sure = _meaning(m["name"])
        at = m.end() if kind else m.end("name")  # in `note: password = x` the second name is the one that counts
        near = max(0, m.start() - 40)
        if not kind or text.rfind("[redacted:", near, m.start()) > text.rfind("]", near, m.start()):
            continue  # no name of a secret, or a word inside one of our markers
        sep, quoted = m["sep"].strip(" \t"), m["quoted"] is not None
        if not sep and not quoted and not text.startswith("--", m.start() - 2):
            continue  # `--password x` assigns, `password x` does not
        start, end = m.span("quoted" if quoted else "bare")
        value = m["quoted"] if quoted else m["bare"].rstrip(".,;:)]}")
        # Prose, and a bare value on the next line, prove less than `name = value` does.
        sure = sure and not sep.startswith(("is", "was", "are")) and (quoted or "\n" not in sep)
        if not (text.startswith("(", end) and not quoted) and _looks_secret(value, kind == "password", quoted, sure):
            yield start, start + len(value), kind


def _meaning(name: str) -> tuple[str, bool]:
    """The kind of secret a name means, or "", and whether the name alone says so."""
    low = name.lower()
    if compiled(_PASSWORD_NAME).search(low) or compiled(r"[a-z]Pass$").search(name):
        return "password", True
    if compiled(_PUBLIC_NAME).search(low):
        return "", False
    if m := compiled(_SECRET_NAME).search(low):
        return next((word for word in ("token", "secret") if m[0].startswith(word)), "api-key"), True
    return ("api-key" if compiled(_PERHAPS_NAME).search(low) else ""), False


def _looks_secret(value: str, password: bool, quoted: bool, sure: bool) -> bool:
    value = compiled(_SLOT).sub("", value).strip("\"'`")
    if len(set(value) - set("-_. ")) <= 2 or compiled(_NOT_A_VALUE).match(value):
        return False
    entropy = -sum(n / len(value) * log2(n / len(value)) for n in Counter(value).values())  # Shannon's, bits a character
    mixed = any(c.isalpha() for c in value) and any(c.isdigit() or c in "!@#$%^&*+=?~" for c in value)
    if password and sure and " " not in value:  # people choose these: short, and often a word with a number
        if value.isdigit():
            return len(value) >= (4 if quoted else 6)
        words = all(compiled(_HUMPS).fullmatch(part) for part in compiled(r"[-_./:\s,]+").split(value))
        random = not words or compiled(_UNSPOKEN).search(value) is not None
        return random and (len(value) >= 4 if quoted else mixed and len(value) >= 6)
    if reads_like_words(value):
        return False
    if not sure:
        return mixed and entropy >= 2.75 and len(value) >= (8 if password else 14)
    return entropy >= 2.25 and len(value) >= 6 if quoted else entropy >= 2.75 and len(value) >= (8 if mixed else 16)
