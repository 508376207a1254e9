"""One invented secret of each kind in the middle of a log, whole and split by colour codes; and what must stay.

The secrets are put together here, so that none stands in this file for a scanner to find.
"""

import base64
import hashlib
import random
import string
import unicodedata
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.redaction import redact, strip_controls
from checkpoint.secret_kinds import RULES

CHANCE = random.Random(20)
LETTERS = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


def draw(count: int, alphabet: str = LETTERS) -> str:
    return "a1B" + "".join(CHANCE.choices(alphabet, k=count - 3))


def draw_hex(count: int) -> str:
    return "".join(CHANCE.choices(HEX, k=count))


def block(label: str, newline: str = "\n") -> str:
    lines = [draw(64), draw(64), draw(22) + "=="]
    return newline.join((f"-----BEGIN {label}PRIVATE" + " KEY-----", *lines, f"-----END {label}PRIVATE" + " KEY-----"))


SECRETS = [  # kind, what stands before, the secret, what stands behind
    ("Anthropic key", "", "sk-" + "ant-api03-" + draw(93), ""),
    ("OpenAI key", "", "sk-" + draw(48), ""),
    ("OpenAI key", "using ", "sk-" + "proj-" + draw(40) + "_" + draw(40), "."),
    ("AWS access key", "", "AKIA" + draw_hex(16).upper(), ""),
    ("AWS secret key", "aws_secret_access_key = ", draw(18) + "/" + draw(21), ""),
    ("GitHub token", "", "ghp_" + draw(36), ""),
    ("GitHub token", "https://", "gho_" + draw(36), "@github.com/a/b"),
    ("GitHub fine-grained token", "", "github_" + "pat_" + draw(22) + "_" + draw(59), ""),
    ("GitLab token", "", "glpat-" + draw(20), ""),
    ("npm token", "//npm.example.org/:_authToken=", "npm_" + draw(36), ""),
    ("PyPI token", "", "pypi-" + "AgEIcHlwaS5vcmc" + draw(80), ""),
    ("Slack token", "", "xoxb-" + "1234567890-1234567890123-" + draw(24), ""),
    ("Slack app token", "", "xapp-" + "1-A0123456789-1234567890123-" + draw_hex(64), ""),
    ("Slack webhook", "https://hooks.slack.com/services/", "T01234567/B01234567/" + draw(24), ""),
    ("webhook", "https://discord.com/api/webhooks/", "123456789012345678/" + draw(68), ""),
    ("Google key", "", "AIza" + draw(35), ""),
    ("Google token", "", "ya29." + draw(60), ""),
    ("Google private key id", '"private_key_id": "', draw_hex(40), '",'),
    ("Azure key", "AccountName=x;AccountKey=", draw(86) + "==", ";EndpointSuffix=core.windows.net"),
    ("Azure client secret", "", "abc8Q~" + draw(34), ""),
    ("Stripe key", "", "sk_" + "live_" + draw(24), ""),
    ("SendGrid key", "", "SG." + draw(22) + "." + draw(43), ""),
    ("Twilio key", "", "SK" + draw_hex(32), ""),
    ("Telegram token", "https://api.telegram.org/bot ", "123456789:AA" + draw(33), "/getMe"),
    ("Discord token", "", "MT" + draw(24) + "." + draw(6) + "." + draw(38), ""),
    ("Hugging Face token", "", "hf_" + draw(34), ""),
    ("DigitalOcean token", "", "dop_v1_" + draw_hex(64), ""),
    ("Shopify token", "", "shpat_" + draw_hex(32), ""),
    ("Mailgun key", "", "key-" + draw_hex(32), ""),
    ("Mailchimp key", "", draw_hex(32) + "-us12", ""),
    ("Vault token", "", "hvs." + draw(90), ""),
    ("Docker token", "", "dckr_pat_" + draw(27), ""),
    ("Databricks token", "", "dapi" + draw_hex(32), ""),
    ("Atlassian token", "", "ATATT3x" + draw(180), ""),
    ("Linear key", "", "lin_api_" + draw(40), ""),
    ("Notion token", "", "ntn_" + draw(46), ""),
    ("Grafana token", "", "glsa_" + draw(32) + "_" + draw_hex(8), ""),
    ("Sentry token", "", "sntryu_" + draw_hex(64), ""),
    ("model provider key", "", "gsk_" + draw(52), ""),
    ("age key", "", "AGE-SECRET-KEY-1" + draw_hex(58).upper(), ""),
    ("JSON web token", "", "eyJ" + draw(33) + ".eyJ" + draw(60) + "." + draw(43), ""),
    ("authorization header", "> Authorization: Basic ", base64.b64encode(b"someone:open sesame").decode(), ""),
    ("authorization header", '-H "Authorization: Bearer ', draw(32), '" https://example.com'),
    ("bearer token", "sent bearer ", draw(40), ""),
    ("cookie", "< Set-Cookie: ", "session=" + draw(32) + "; HttpOnly", ""),
    ("password in a URL", "postgres://app:", "s3cret!" + draw(8), "@db.internal:5432/x"),
    ("token in a URL", "https://", draw(40), "@git.example.com/a/b"),
    ("environment variable", "export FOO_TOKEN=", "open-sesame", ""),
    ("environment variable", "DB_PASSWORD='", "sesame", "'"),
    ("environment variable", "SECRET_KEY_BASE=", draw_hex(64), ""),
    ("password", "password: ", "hunter2", ""),
    ("password", '{"user": "app", "db_password": "', "Tr0ub4dor&3", '"}'),
    ("password", "mysql --password ", "Tr0ub4dor&3", " -u app"),
    ("secret", "client_secret=", draw(24), ""),
    ("secret", '"apiKey": "', draw_hex(32), '"'),
    ("secret", '\\"access_token\\": \\"', draw(24), '\\"'),
    ("secret", "the token is ", draw(32), ""),
    ("secret", "key: ", draw(40), ""),
    ("private key", "", block(""), ""),
    ("private key", "", block("RSA "), ""),
    ("private key", "", block("OPENSSH "), ""),
    ("private key", '"private_key": "', block("", "\\n"), '\\n",'),
    ("private key", "", block("").rsplit("\n", 1)[0], "(the log was cut)"),
    ("private key", "(the log was cut)\n", block("").split("\n", 1)[1], ""),
    ("cut in two", "token ", "ghp" + "_" + draw(12), "\n[12 bytes left out]\n"),
    ("cut in two", "\n[12 bytes left out]\n", draw(12), " is refused"),
]
CASES = pytest.mark.parametrize(
    ("kind", "before", "secret", "behind"), SECRETS, ids=[f"{number} {each[0]}" for number, each in enumerate(SECRETS)]
)
LOG = "2026-11-21 10:00:03 INFO deploy: {}\n2026-11-21 10:00:04 INFO done in 3.2 s, commit 3b18e512dba7\n"


@CASES
def test_a_secret_in_a_log_is_replaced_and_nothing_else_is(kind: str, before: str, secret: str, behind: str) -> None:
    expected = LOG.format(f"{before}[redacted: {kind}]{behind}")
    assert redact(LOG.format(before + secret + behind)) == expected


@CASES
def test_a_secret_split_by_colours_is_replaced(kind: str, before: str, secret: str, behind: str) -> None:
    split = "\x1b[1;31m".join((secret[:3], secret[3:9], secret[9:])) + "\x1b[0m"
    assert redact(LOG.format(before + split + behind)) == LOG.format(f"{before}[redacted: {kind}]{behind}")


@CASES
def test_redacting_again_changes_nothing(kind: str, before: str, secret: str, behind: str) -> None:
    once = redact(LOG.format(before + secret + behind))
    assert redact(once) == once


def test_every_rule_has_its_secret() -> None:
    assert {rule.kind for rule in RULES} == {kind for kind, *_ in SECRETS}


def test_a_known_value_is_replaced_whatever_it_looks_like() -> None:
    text = "the word is open sesame, not sesame; open\x1b[1m sesame\n"
    expected = "the word is [redacted: known value], not [redacted: known value]; [redacted: known value]\n"
    assert redact(text, ["sesame", "open sesame\n", "is", ""]) == expected


def harmless() -> list[str]:
    lines = []
    for number in range(200):
        content = f"{number}".encode()
        sha, digest = hashlib.sha1(content).hexdigest(), hashlib.sha256(content)
        lines += [
            f"commit {sha}",
            f"HEAD is now at {sha[:9]} Rotate the token of the deploy job",
            f"Digest: sha256:{digest.hexdigest()}",
            f"token sha256:{digest.hexdigest()} is on the list",
            f"{digest.hexdigest()}  dist/secret-santa-{number}.tar.gz",
            f"cache key: {sha}",
            f'"integrity": "sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}",',
            f"key sha256-{base64.b64encode(digest.digest()).decode()}",
            f"request {uuid.UUID(sha[:32])} done, key {uuid.UUID(sha[8:])}",
            f"index {sha[:7]}..{sha[7:14]} 100644",
            f"SHA256:{base64.b64encode(digest.digest()).decode().rstrip('=')} someone@example.com (ED25519)",
        ]
    return lines


PROSE = """\
Send `x-api-key` or `authorization: Bearer` (from the environment).
Authorization: required for every call; the token is checked by the gateway, its key by nobody.
The password must be at least eight characters; a password: never in the log, always in the store.
Set the secret: see docs/secrets.md. Tokens: 4096 of 200000 used. max_tokens=100000 total_tokens: 1234567890
MAX_TOKENS=4096 TOKEN_LIMIT=200000 PASSWORD_FILE=/run/secrets/password API_KEY_NAME=deploy-2026 TOKEN=$CI_TOKEN
def login(password: str, token: Optional[str] = None, secret_key: bytes = b"") -> Token:
    token = generate_token_v2(user); api_key = os.environ["API_KEY_2"]; password = getpass.getpass("password1: ")
primary_key: bigint, foreign key (user_id_2) references users2(id), key=lambda pair2: pair2[1]
token: ${{ secrets.DEPLOY_TOKEN_2 }} password: {{ vault_password_2 }} secret: <your-secret-2>
https://example.com:8443/a/b@2.0 git@github.com:owner/name.git ssh://git@host.example:22/x http://localhost:8080/@scope/p1
Bearer of bad news; bearer authentication-required; basic authentication; cookie: a small file; oatmeal cookies
task-management-software sk-learn disk-usage-of-the-build-folder-2026 risk_live_assessment xoxo
test_key_is_refused_when_2_tokens_expire PASSED keyboard: qwerty monkey: 12345678901234567890123456789
key: users/2026/november/report-final-version-3.csv key is not_the_kind_of_word_that_hides_2_things
"""


def test_digests_and_prose_stay_as_they_are() -> None:
    lines = harmless() + PROSE.splitlines()
    wrong = [(line, redact(line)) for line in lines if redact(line) != line]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP1$r0m\x1b\\text", "text"),
        ("\x9b31mred\x9d0;title\x9c", "red"),
        ("a\x1b(Bb\x1b7c\x1b", "abc"),
        ("\x1b]0;never ended\nnext line", "\nnext line"),
        ("a\x00b\x08c\x7fd\re\x85f", "abcdef"),
        ("one\ttwo\n", "one\ttwo\n"),
        ("user\u202etxt.exe\u2066\u200b\ufeff", "usertxt.exe"),
        ("half \ud83d of a pair, \udcff of a byte", "half  of a pair,  of a byte"),
        ("naïve 漢字 🚀 \u00a0", "naïve 漢字 🚀 \u00a0"),
    ],
)
def test_what_a_terminal_may_get(text: str, shown: str) -> None:
    assert strip_controls(text) == shown


@given(st.text(st.characters()))
def test_no_control_is_left(text: str) -> None:
    assert not [c for c in strip_controls(text) if unicodedata.category(c).startswith("C") and c not in "\n\t"]


@given(st.text(st.sampled_from("\x1b[]0;mP\\\x07\x9b\x9d a1\n")))
def test_no_piece_of_an_escape_sequence_comes_together(text: str) -> None:
    assert "\x1b" not in strip_controls(text)
    assert strip_controls(strip_controls(text)) == strip_controls(text)


WORDS = st.sampled_from(
    ["token", "password", "key", "=", ": ", '"', "\x1b[m", "AKIA", "eyJ", "://", "@", "a1B2c3D4e5", "é"]
)


@pytest.mark.parametrize("scheme", ["Bearer", "BEarer", "GoogleLogin"])
def test_the_scheme_of_a_header_is_no_credential_the_second_time(scheme: str) -> None:
    once = redact(f"Authorization: {scheme} \t a1B2c3D4e5f6")
    assert redact(once) == once
    assert "a1B2" not in once


@given(st.lists(WORDS).map("".join))
def test_any_text_is_redacted_once_and_for_all(text: str) -> None:
    assert redact(redact(text)) == redact(text)
