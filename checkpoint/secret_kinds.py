"""The kinds of secrets that are found by their looks.

A rule's pattern is RE2 syntax over Latin-1 bytes, with two groups: what stays, and what is the secret. One of its
`needles` stands, in lower case, in any text that it can match, so most rules cost one search for a fixed string.
What a pattern alone cannot tell, `accepts` decides by the secret, and `unless` by what stays.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from math import log2

import msgspec

from checkpoint.lazy import pattern

_DIGIT = pattern(rb"[0-9]")
_LETTER = pattern(rb"[A-Za-z]")
_NO_LETTER = pattern(rb"[^A-Za-z]")
_CODE = pattern(rb"[(){}<>\[\]]|^[$%/.]|::")
_DIGEST = pattern(rb"(?:sha[0-9]+|md5|blake[0-9a-z]+)[-:]")
_REDACTED = b"[redacted: authorization header]"
_ABOUT_A_SECRET = pattern(rb"_(?:COUNT|ENV|EXPIRY|FILE|HEADER|ID|LENGTH|LIMIT|NAME|PATH|SIZE|TTL|TYPE|URI|URL)=")


class Rule(msgspec.Struct, frozen=True):
    """One kind of secret."""

    kind: str
    needles: tuple[bytes, ...]
    pattern: bytes
    accepts: Callable[[bytes], bool] = bool
    unless: re.Pattern[bytes] | None = None
    left: bytes = b""
    """What the rules before this one must have left over, where it is there for that alone."""


def entropy(value: bytes) -> float:
    """Bits a character, by Shannon: about 3 for words, 4 for hex digits, 5 for random letters and digits."""
    return -sum(n / len(value) * log2(n / len(value)) for n in Counter(value).values())


def _is_value(value: bytes) -> bool:
    """For names in capitals that say `secret`: any value, but not a reference to another one."""
    return not _CODE.search(value) and len(value) > 1


def _is_password(value: bytes) -> bool:
    return not _CODE.search(value) and bool(_DIGIT.search(value) and _LETTER.search(value)) and entropy(value) > 2.2


def _is_credential(value: bytes) -> bool:
    """In an authorization header: anything but a word, or what stands before a credential that is redacted already."""
    if value.endswith(_REDACTED):
        return False
    return bool(_NO_LETTER.search(value)) or value[1:].lower() != value[1:] != value[1:].upper()


def _is_random(value: bytes) -> bool:
    if _CODE.search(value) or _DIGEST.match(value):
        return False
    return bool(_DIGIT.search(value) and _LETTER.search(value)) and entropy(value) > 3


def _is_random_and_no_digest(value: bytes) -> bool:
    """For the bare word `key`, which also stands before digests, names of caches and of rows."""
    mixed = value.lower() != value and value.upper() != value
    return mixed and _is_random(value) and entropy(value) > 3.5


def _token(kind: str, pattern: bytes, *needles: bytes) -> Rule:
    return Rule(kind, needles, rb"()\b(" + pattern + rb")")


_SECRET_WORD = (
    rb"(?:secret|token|credentials?|passphrase|(?:api|access|account|auth|client|encryption|master|private|secret|shared"
    rb"|signing|session|storage)[ _-]?key)"
)
_SEPARATOR = rb"\\?[\"']?[ \t]*(?:=>|:=|[:=])[ \t]*\\?[\"']?"
_PLAIN_VALUE = rb"[^\s\"'\\`,;]"
_PEM = rb"[A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----"
_PEM_LINE = rb"(?:[\s|>\"',+]|\\[nrt]|(?:Proc-Type|DEK-Info|Version|Comment): [^\n\\]*|[A-Za-z0-9+/=]{24,})"

RULES = (
    Rule(
        "private key",
        (b"private key",),
        rb"()(-----BEGIN " + _PEM + _PEM_LINE + rb"*(?:[A-Za-z0-9+/=]{1,23}" + _PEM_LINE + rb"*){0,2}"
        rb"(?:-----END " + _PEM + rb")?)",
    ),
    Rule(
        "private key",
        (b"private key",),  # the log was cut above: its end alone
        rb"()([A-Za-z0-9+/=]{24,}"
        + _PEM_LINE
        + rb"*(?:[A-Za-z0-9+/=]{1,23}"
        + _PEM_LINE
        + rb"*){0,2}-----END "
        + _PEM
        + rb")",
        left=b"PRIVATE KEY",
    ),
    Rule("cut in two", (b" bytes left out]",), rb"()([^\s\"'=:,\[\]]{6,})\n\[[0-9]+ bytes left out\]\n"),
    Rule("cut in two", (b" bytes left out]",), rb"(\n\[[0-9]+ bytes left out\]\n)([^\s\"'=:,\[\]]{6,})"),
    _token("Anthropic key", rb"sk-ant-[A-Za-z0-9_-]{16,}", b"sk-ant-"),
    _token("OpenAI key", rb"sk-(?:(?:proj|svcacct|admin|or-v1)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{20,})", b"sk-"),
    _token("AWS access key", rb"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b", b"akia", b"asia", b"abia", b"acca"),
    Rule(
        "AWS secret key",
        (b"aws",),
        rb"(?i)(aws[a-z0-9_ .-]{0,20}?(?:secret|key)[a-z0-9_ .-]{0,20}" + _SEPARATOR + rb")([A-Za-z0-9/+]{40})\b",
    ),
    _token("GitHub token", rb"gh[opsur]_[A-Za-z0-9_]{20,}", b"gho_", b"ghp_", b"ghs_", b"ghu_", b"ghr_"),
    _token("GitHub fine-grained token", rb"github_pat_[A-Za-z0-9_]{22,}", b"github_pat_"),
    _token("GitLab token", rb"gl(?:agent|cbt|dt|feed|ffct|ft|imt|oas|pat|ptt|rt|soat)-[A-Za-z0-9_.-]{20,}", b"gl"),
    _token("npm token", rb"npm_[A-Za-z0-9]{30,}", b"npm_"),
    _token("PyPI token", rb"pypi-Ag[A-Za-z0-9_-]{40,}", b"pypi-ag"),
    _token("Slack token", rb"xox[abceoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,}", b"xox"),
    _token("Slack app token", rb"xapp-[0-9]-[A-Za-z0-9-]{10,}", b"xapp-"),
    Rule(
        "Slack webhook",
        (b"hooks.slack.com",),
        rb"(hooks\.slack\.com/(?:services|triggers|workflows)/)([A-Za-z0-9/_+-]{10,})",
    ),
    Rule(
        "webhook",
        (b"/webhooks/", b"/webhookb2/"),
        rb"((?:discord(?:app)?\.com/api/webhooks/|webhook\.office\.com/webhookb2/))([A-Za-z0-9/_@-]{20,})",
    ),
    _token("Google key", rb"AIza[A-Za-z0-9_-]{35}", b"aiza"),
    _token("Google token", rb"(?:ya29\.|GOCSPX-|1//0)[A-Za-z0-9_-]{20,}", b"ya29.", b"gocspx-", b"1//0"),
    Rule("Google private key id", (b"private_key_id",), rb"(private_key_id" + _SEPARATOR + rb")([0-9a-f]{40})"),
    Rule(
        "Azure key",
        (b"accountkey", b"sharedaccesskey", b"sig="),
        rb"(?i)((?:AccountKey|SharedAccessKey|[?&]sig)=)([A-Za-z0-9+/%]{30,}=*)",
    ),
    _token("Azure client secret", rb"[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{31,34}", b"8q~"),
    _token("Stripe key", rb"(?:[prs]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,}", b"k_live_", b"k_test_", b"whsec_"),
    _token("SendGrid key", rb"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}", b"sg."),
    _token("Twilio key", rb"SK[0-9a-f]{32}\b", b"sk"),
    _token("Telegram token", rb"[0-9]{8,10}:AA[A-Za-z0-9_-]{32,}", b":aa"),
    _token("Discord token", rb"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}", b"."),
    _token("Hugging Face token", rb"(?:hf_|api_org_)[A-Za-z0-9]{30,}", b"hf_", b"api_org_"),
    _token("DigitalOcean token", rb"do[opr]_v1_[a-f0-9]{64}", b"_v1_"),
    _token("Shopify token", rb"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}", b"shp"),
    _token("Mailgun key", rb"key-[0-9a-z]{32}\b", b"key-"),
    _token("Mailchimp key", rb"[0-9a-f]{32}-us[0-9]{1,2}\b", b"-us"),
    _token("Vault token", rb"hv[bs]\.[A-Za-z0-9_-]{24,}", b"hvs.", b"hvb."),
    _token("Docker token", rb"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}", b"dckr_"),
    _token("Databricks token", rb"dapi[0-9a-f]{32}\b", b"dapi"),
    _token("Atlassian token", rb"AT(?:ATT|CTT|BB)[A-Za-z0-9_=-]{20,}", b"atatt", b"atctt", b"atbb"),
    _token("Linear key", rb"lin_(?:api|oauth)_[A-Za-z0-9]{30,}", b"lin_"),
    _token("Notion token", rb"(?:ntn|secret)_[A-Za-z0-9]{40,}", b"ntn_", b"secret_"),
    _token("Grafana token", rb"gl(?:sa|c)_[A-Za-z0-9_=+/-]{30,}", b"glsa_", b"glc_"),
    _token("Sentry token", rb"sntry[su]_[A-Za-z0-9_=+/-]{30,}", b"sntry"),
    _token("model provider key", rb"(?:gsk_|xai-|pplx-|r8_)[A-Za-z0-9]{30,}", b"gsk_", b"xai-", b"pplx-", b"r8_"),
    _token("age key", rb"AGE-SECRET-KEY-1[0-9A-Z]{58}", b"age-secret-key-"),
    _token("JSON web token", rb"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?", b"eyj"),
    Rule(
        "authorization header",
        (b"authorization",),
        rb"(?i)(authorization"
        + _SEPARATOR
        + rb"(?:[a-z]+[ \t]+)?)([^\s\"'\\,\[`(]{6,}(?:[ \t]+\[redacted: authorization header\])?)",
        _is_credential,
    ),
    Rule("bearer token", (b"bearer",), rb"(?i)(\bbearer[ \t]+)([A-Za-z0-9._~+/-]{16,}=*)", _is_random),
    Rule("cookie", (b"cookie:",), rb"(?i)(\bcookie:[ \t]*)([^\s=;,\[]+=[^\n\"']{4,})"),
    Rule("password in a URL", (b"://",), rb"(?i)([a-z][a-z0-9+.-]*://[^\s/@:\"'<>]*:)([^\s/\"'<>\[]+)@"),
    Rule("token in a URL", (b"://",), rb"(?i)([a-z][a-z0-9+.-]*://)([a-z0-9_-]{20,})@", _is_random),
    Rule(
        "environment variable",
        (b"token", b"secret", b"passw", b"passphrase", b"key", b"credential"),
        rb"(\b[A-Z0-9_]*(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|API_?KEY|(?:ACCESS|ENCRYPTION|MASTER|PRIVATE|SIGNING)_KEY"
        rb"|CREDENTIALS?)(?:_[A-Z0-9]+)*=[\"']?)([^\s\"'`;&|]+)",
        _is_value,
        _ABOUT_A_SECRET,
    ),
    Rule(
        "password",
        (b"passw", b"pwd"),
        rb"(?i)((?:(?:passw(?:or)?d|pwd)" + _SEPARATOR + rb"|--[a-z-]*password[ \t]+))(" + _PLAIN_VALUE + rb"{6,})",
        _is_password,
    ),
    Rule(
        "secret",
        (b"secret", b"token", b"credential", b"passphrase", b"key"),
        rb"(?i)(" + _SECRET_WORD + _SEPARATOR + rb")(" + _PLAIN_VALUE + rb"{8,})",
        _is_random,
    ),
    Rule(
        "secret",
        (b"key", b"secret", b"token"),
        rb"(?i)((?:key|secret|token)(?:" + _SEPARATOR + rb"|(?:[ \t]+is)?[ \t]+))(" + _PLAIN_VALUE + rb"{20,})",
        _is_random_and_no_digest,
    ),
)
