"""What the strict readers take, and where they say what is wrong with the rest."""

import contextlib
import json
import resource
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import tostring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.strict import LIMITS, Malformed, read

MALFORMED = [
    ("json", '{"a": 1,\n "b": {"a": 3, "c": 1, "c": 2}}', "the name `c` twice in one object", 2, 24),
    ("json", '[{"a": 1}, {"a": 1, "a": 2}]', "the name `a` twice in one object", 0, 0),
    ("json", "[NaN]", "NaN, which is no JSON", 0, 0),
    ("json", "[-Infinity]", "-Infinity, which is no JSON", 0, 0),
    ("json", "{}\n{}", "Extra data", 2, 1),
    ("json", '{"a": 1', "Expecting ',' delimiter", 1, 8),
    ("json", "", "Expecting value", 1, 1),
    ("json", "\ufeff{}", "a byte order mark", 1, 1),
    ("json", "[" * 200_000, "nesting that is too deep", 0, 0),
    ("json", "1" * 200_000, "a number with thousands of digits", 0, 0),
    ("yaml", "a: 1\nb: {c: 1, c: 2}", "the key `c` twice in one mapping", 2, 11),
    ("yaml", "1: a\n0x1: b", "the key `0x1` twice in one mapping", 2, 1),
    ("yaml", "a:\n\t- b", "found character that cannot start any token", 2, 1),
    ("yaml", "a: &a [*a]", "an alias within what it stands for", 1, 8),
    ("yaml", "a: *nowhere", "found undefined alias", 1, 4),
    ("yaml", "[" * 200_000, "nesting deeper than 100", 1, 101),
    ("yaml", "a: \x01", "a character that YAML forbids", 0, 0),
    ("yaml", "!!bool maybe", "a value that is not what its tag says, or has thousands of digits", 0, 0),
    ("yaml", '!!float ""', "a value that is not what its tag says, or has thousands of digits", 0, 0),
    (
        "yaml",
        "!!float " + ":".join(["1"] * 200),
        "a value that is not what its tag says, or has thousands of digits",
        0,
        0,
    ),
    ("yaml", "!!map [a]", "a value that is not what its tag says, or has thousands of digits", 0, 0),
    ("yaml", "? !!set\n", "a value that is not what its tag says, or has thousands of digits", 0, 0),
    ("yaml", "1" * 5_000, "a value that is not what its tag says, or has thousands of digits", 0, 0),
    ("yaml", "? {a: 1}\n: b", "found unhashable key", 1, 3),
    ("toml", "a = 1\na = 2", "Cannot overwrite a value", 2, 6),
    ("toml", "a = [\n1 2]", "Unclosed array", 2, 3),
    ("toml", "a = 1\n" + ".".join(["b"] * 30_000) + " = 1", "more than 100 names with dots between them", 2, 1),
    ("toml", "a = " + "[" * 200_000, "nesting that is too deep", 0, 0),
    ("toml", "a = " + "1" * 5_000, "a number with thousands of digits", 0, 0),
    ("xml", "<a>\n<b>", "no element found", 2, 4),
    ("xml", "<a/>\n<b/>", "junk after document element", 2, 1),
    ("xml", '<a b="1" b="2"/>', "duplicate attribute", 1, 10),
    ("xml", "\n<!DOCTYPE a>\n<a/>", "a document type", 2, 0),
    ("xml", '<?xml version="1.0" encoding="nobody"?><a/>', "an encoding that nobody knows", 1, 0),
    ("xml", '<?xml version="1.0" encoding="shift_jis"?><a/>', "an encoding that cannot be read", 1, 0),
    ("xml", '<?xml version="1.0" encoding="undefined"?><a/>', "an encoding that cannot be read", 1, 0),
    ("xml", '<?xml version="1.0" encoding="punycode"?><a/>', "an encoding that cannot be read", 1, 0),
    ("xml", "<a>" * 1_000, "nesting deeper than 200", 0, 0),
    ("xml", f'<a xmlns:b="{"c" * 2_000}"/>', "the name of a namespace longer than 1000 characters", 0, 0),
]


@pytest.mark.parametrize(("kind", "text", "found", "line", "column"), MALFORMED)
def test_what_is_malformed_is_named_with_its_place(kind: str, text: str, found: str, line: int, column: int) -> None:
    with pytest.raises(Malformed) as error:
        read(text.encode(), kind)
    assert (error.value.found, error.value.line, error.value.column) == (found, line, column)


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system [x]", "!!python/name:os.system ", "!!python/tuple [1]"]
)
def test_a_tag_that_makes_objects_is_refused(tag: str) -> None:
    with pytest.raises(Malformed, match="could not determine a constructor"):
        read(tag.encode(), "yaml")


@pytest.mark.parametrize("kind", ["json", "yaml", "toml"])
def test_a_byte_that_is_not_utf8_is_named_with_its_place(kind: str) -> None:
    with pytest.raises(Malformed, match="not UTF-8") as error:
        read(b"ok\nnot \xff", kind)
    assert (error.value.line, error.value.column) == (2, 5)


def test_yaml_means_what_version_1_2_says() -> None:
    text = "[no, on, 010, 0o10, 0x1F, 12:30, 2026-01-02, ~, '', 1e3, 1_000, true, !!str 1, !!timestamp 2026-01-02]"
    values = ["no", "on", 10, 8, 31, "12:30", "2026-01-02", None, "", 1000.0, "1_000", True, "1", "2026-01-02"]
    assert read(text.encode(), "yaml") == values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &a {x: 1}\nb: {<<: *a, x: 2}\nc: *a", {"a": {"x": 1}, "b": {"x": 2}, "c": {"x": 1}}),
        ("a: 1\n---\nb: 2", ({"a": 1}, {"b": 2})),
        ("# nothing\n", None),
        ("a: !Ref [x, !Sub {y: z}, !If w]", {"a": ["x", {"y": "z"}, "w"]}),
        ("\ufeffa: 1", {"a": 1}),
    ],
)
def test_yaml_that_people_write_is_read(text: str, value: Any) -> None:
    assert read(text.encode(), "yaml") == value


def test_xml_makes_elements_of_any_encoding_that_expat_knows() -> None:
    root = read('<?xml version="1.0" encoding="iso-8859-1"?><a b="1">é<c/></a>'.encode("latin-1"), "xml")
    assert tostring(root, "unicode") == '<a b="1">é<c /></a>'


TEXTS = st.text(st.characters(max_codepoint=0xD7FF))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
)


@given(PLAIN)
def test_json_is_read_as_the_standard_library_does(value: Any) -> None:
    assert read(json.dumps(value).encode(), "json") == value


@given(PLAIN)
def test_json_is_yaml(value: Any) -> None:
    assert read(json.dumps(value).encode(), "yaml") == value


@given(
    st.sampled_from(sorted(LIMITS)),
    st.binary() | st.text(st.sampled_from("{}[]<>:,.=-#!&*?|\"' \n\tab1/")).map(str.encode),
)
def test_any_bytes_are_read_or_refused(kind: str, data: bytes) -> None:
    with contextlib.suppress(Malformed):
        read(data, kind)


@given(
    st.dictionaries(st.sampled_from("abc"), st.integers()).map(lambda d: "".join(f"{k} = {v}\n" for k, v in d.items()))
)
def test_toml_is_read_as_the_standard_library_does(text: str) -> None:
    assert read(text.encode(), "toml") == tomllib.loads(text)


HOSTILE = """
from checkpoint.strict import LIMITS, Malformed, read
bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\\n" for n in range(12))
merges = bomb.replace("[x,x,x,x,x,x,x,x,x,x]", "{x: 1}").replace(" [", " {<<: [").replace("]\\n", "]}\\n")
laughs = '<!DOCTYPE a [<!ENTITY b "c">' + "".join(f'<!ENTITY b{n} "&b;&b;&b;">' for n in range(9)) + "]><a>&b8;</a>"
tag = "<a " + " ".join(f"a{n}=''" for n in range(900_000)) + "/>"
names = f"<a xmlns:b='{'c' * 900_000}'>" + "<b:d/>" * 400_000 + "</a>"
for kind, text in [
    ("json", "[" + "[]," * 5_000_000 + "1]"), ("yaml", bomb), ("yaml", merges), ("yaml", "- a\\n" * 2_000_000),
    ("toml", ".".join(["a"] * 300_000) + "=1"), ("xml", laughs), ("xml", tag), ("xml", names),
    ("xml", "<a>" + "<b c=''/>" * 1_500_000 + "</a>"), ("json", '{"a":' * 3_000_000), ("yaml", "{a: " * 2_000_000),
]:
    assert len(text) <= LIMITS[kind], (kind, len(text))
    try:
        print(kind, "read", type(read(text.encode(), kind)))
    except Malformed as error:
        print(kind, "refused")
"""


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))


def test_what_would_grow_is_refused_within_a_gigabyte() -> None:
    command = [sys.executable, "-c", HOSTILE]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[1], preexec_fn=_limit_memory, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["refused"] * 11
