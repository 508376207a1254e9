"""Invented secrets of twenty kinds, each in a line as logs have it. Put together here, so that no scanner finds one."""

import random
import string
from typing import NamedTuple

_LETTERS = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"


class Invented(NamedTuple):
    """A secret and the text that it stands in. `parts` are what nobody may read: of a key in lines, each line."""

    kind: str
    text: str
    parts: tuple[str, ...]

    @property
    def line(self) -> str:
        """The text on one line."""
        return self.text.replace("\n", " ")


def leaked(secret: Invented, text: str) -> bool:
    """Whether half of any part of it can be read: 12 characters at least."""
    return any(part[at : at + size] in text for part in secret.parts for size, at in _pieces(part))


def _pieces(part: str) -> list[tuple[int, int]]:
    size = max(12, len(part) // 2) if len(part) > 12 else len(part)
    return [(size, at) for at in range(len(part) - size + 1)]


def invented(seed: int) -> tuple[Invented, ...]:
    """One of each kind."""
    chance = random.Random(seed)

    def draw(count: int, alphabet: str = _LETTERS) -> str:
        return "a1B" + "".join(chance.choices(alphabet, k=count - 3))

    def made(kind: str, secret: str, before: str = "", behind: str = "") -> Invented:
        return Invented(kind, f"{before}{secret}{behind}", (secret,))

    def coloured(kind: str, secret: str) -> Invented:
        split = "\x1b[1;31m".join((secret[:5], secret[5:11], secret[11:]))
        return Invented(kind, f"login with {split}\x1b[0m failed", (secret,))

    def block(label: str, newline: str) -> tuple[str, tuple[str, ...]]:
        lines = (draw(64), draw(64), draw(64), draw(22) + "==")
        edges = (f"-----BEGIN {label}PRIVATE" + " KEY-----", f"-----END {label}PRIVATE" + " KEY-----")
        return newline.join((edges[0], *lines, edges[1])), lines

    key, account = block("RSA ", "\n"), block("", "\\n")
    return (
        made("Anthropic key", "sk-" + "ant-api03-" + draw(93)),
        made("OpenAI key", "sk-" + "proj-" + draw(60), "using "),
        made("AWS access key", "AKIA" + draw(16, _HEX).upper(), "key id "),
        made("AWS secret key", draw(18) + "/" + draw(21), "aws_secret_access_key = "),
        coloured("GitHub token, split by colours", "ghp_" + draw(36)),
        made("GitHub fine-grained token", "github_" + "pat_" + draw(22) + "_" + draw(59), "remote: "),
        made("GitLab token", "glpat-" + draw(20), "PRIVATE-TOKEN "),
        made("npm token", "npm_" + draw(36), "//npm.example.org/:_authToken="),
        made("PyPI token", "pypi-" + "AgEIcHlwaS5vcmc" + draw(80), "upload with "),
        made("Slack bot token", "xoxb-" + "1234567890-1234567890123-" + draw(24), "post as "),
        made("Slack app token", "xapp-" + "1-A0123456789-1234567890123-" + draw(64, _HEX), "connect as "),
        made("Slack webhook", "T01234567/B01234567/" + draw(24), "POST https://hooks.slack.com/services/"),
        made("Google key", "AIza" + draw(35), "GET /maps?key="),
        Invented(
            "Google service account, in JSON", '{"type": "x", "private_key": "' + account[0] + '\\n"}', account[1]
        ),
        made("Stripe key", "sk_" + "live_" + draw(24), "charge with "),
        Invented("private key, in lines", key[0], key[1]),
        made("JSON web token", "eyJ" + draw(33) + ".eyJ" + draw(60) + "." + draw(43), "session "),
        made("bearer token", draw(40), '-H "Authorization: Bearer ', '" https://example.com'),
        made("password in a URL", "s3cret!" + draw(9), "postgres://app:", "@db.internal:5432/shop"),
        made("exported variable", "open-sesame-" + draw(6), "export DEPLOY_PASSWORD='", "'"),
    )
