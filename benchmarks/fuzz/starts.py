"""What the search begins with: the cases of the plan's format, and some of each other kind of text."""

from collections.abc import Iterator

from benchmarks.floor import ROOT
from benchmarks.fuzz.mutation import COUNTER, SEPARATOR
from checkpoint.plan.edit import apply
from tests.helpers.plan_merges import PLAN, by_chance

_DOCUMENTS = (
    b'j{"a": [1, -2.5e3, true, null, "b\\u00e9"], "c": {"d": {}}}',
    b"y%YAML 1.1\n---\na: &x [1, 0x1f, .5, ~, yes]\nb: {c: *x, <<: {d: 1}}\n---\n!!float '1:30'\n",
    b"y? !!set {a, b}\n: !!omap [c: 1]\nd: !!binary aGk=\ne: !Ref x\nf: |\n  g\n",
    b"y!!int 0o17\n",
    b't[a."b.c"]\nd = 1979-05-27T07:32:00Z\ne = [1, {f = "\\u00e9"}]\n[[g]]\nh = 1e3\n',
    b'x<?xml version="1.0" encoding="utf-8"?><a xmlns:b="c"><b:d e="f">&lt;<!-- g --><?h?></b:d></a>',
    b'x<?xml version="1.0" encoding="latin-1"?><a>\xe9</a>',
    b'x<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    b'j{"a": 1, "b": {"a": NaN, "c": 1, "c": -Infinity}}',
    b"j\xef\xbb\xbf[1E400]",
    b"ta.b.c.d.e = 1\na.b = [",
)
_SECRETS = (
    b"TOKEN=a1B2c3D4e5f6G7h8i9\npassword: hunter2hunter\n\x1b[31mred\x1b[0m",
    b"Authorization: Bearer abcdef0123456789\nhttps://user:secret1@example.com/x?sig=abc\ncookie: a=bcdef",
    b"-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7bq2\n-----END RSA PRIVATE KEY-----\n",
    b"AKIAIOSFODNN7EXAMPLE ghp_0123456789abcdefghij0123 key-0123456789abcdef0123456789abcdef",
    b"aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\nabcdefgh\n[12 bytes left out]\nijklmnop",
)
_GLOBS = (b"docs/**/*.md", b"**/[!a]?/[a-z]*.[ch]", b"./a/*/**/b*c*d/**", b"pages/[id].tsx")
_PATHS = (b"docs/sub/a.md", b"x/bc/d.c", b"a/b/c/bxcxd/e", b"pages/[id].tsx")
_HEAD = b"---\ncheckpoint: 1\n---\n## Team: a\n- folder: `x`\n"
_GROWING = (
    (b"p" + _HEAD, b"- [ ] **A%d** One\n  - `x` exists\n".replace(b"%d", COUNTER), b""),
    (b"p" + _HEAD, b"## Team: c%d\n- folder: `x`\n<!-- checkpoint:status -->\n".replace(b"%d", COUNTER), b""),
    (b"p" + _HEAD + b"- [ ] **A1** words ", b"(after ", b"B1)\n"),
    (b"p" + _HEAD + b"- [ ] **A1** words (after", b" ", b"B1\n"),
    (b"e" + _HEAD, b"## Team: c%d\n- folder: `x`\n- [ ] **T%d** t\n  - `x` exists\n".replace(b"%d", COUNTER), b""),
    (b"r", b"TOKEN=a1B2c3D4 ", b""),
    (b"j[", b'{"a": 1},', b"1]"),
    (b"y", b"- a: [1]\n", b""),
    (b"t", b"a%d.b = 1\n".replace(b"%d", COUNTER), b""),
    (b"x<a>", b"<b c='d'/>", b"</a>"),
    (b"g", b"*a", b""),
    (b"g", b"**/a/", b"b"),
)


def plans() -> list[bytes]:
    """Whole plans: the cases of the format, the example, and two that checkpoints have written to."""
    cases = sorted((ROOT / "tests" / "plan" / "cases").glob("*.md"))
    some = [PLAN.encode(), (ROOT / "plan.example.md").read_bytes()]
    written = apply(some[0], {"B1": True}, {("status", ""): "one\ntwo", ("next", "backend"): "- do"})
    return [*some, written, *(case.read_bytes() for case in cases)]


def edits() -> list[bytes]:
    texts = (
        b"words",
        b"- `x`\n- y",
        b"| a |\n|---|\n| 1 |",
        b"```\n## Team: z\n```",
        b"<!-- /checkpoint:next -->",
        b"",
    )
    return [plan + SEPARATOR + texts[number % len(texts)] for number, plan in enumerate(plans())]


def pairs() -> list[bytes]:
    numbers = PLAN.replace("`pay.py` exists", "`pay.py` size at-least 10kB").replace(
        "`api.json` exists", "`$ a` passes within 9s"
    )
    changed = numbers.replace("10kB", "1.5MiB").replace("9s", "2h")
    known = SEPARATOR.join((numbers.encode(), changed.encode()))
    return [known, *(SEPARATOR.join(by_chance(seed)[:2]) for seed in range(12)), *_doubled(2)]


def triples() -> list[bytes]:
    return [*(SEPARATOR.join(by_chance(seed)) for seed in range(12)), *_doubled(3)]


def _doubled(times: int) -> Iterator[bytes]:
    return (SEPARATOR.join([plan] * times) for plan in plans())


def documents() -> list[bytes]:
    return list(_DOCUMENTS)


def secrets() -> list[bytes]:
    return [*_SECRETS, *plans()[:2]]


def globs() -> list[bytes]:
    return [SEPARATOR.join(pair) for pair in zip(_GLOBS, _PATHS, strict=True)]


def growing() -> list[bytes]:
    return [SEPARATOR.join(each) for each in _GROWING]
