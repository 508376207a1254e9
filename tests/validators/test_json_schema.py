import json
from pathlib import Path

import pytest

from checkpoint.validator import Finding
from tests.helpers.artifacts import say, the
from tests.helpers.repositories import write

PERSON = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 2},
        "age": {"type": "integer", "minimum": 0},
        "born": {"type": "string", "format": "date"},
        "role": {"enum": ["admin", "user"]},
        "codes": {"type": "object", "propertyNames": {"pattern": "^[0-9]+$"}},
        "since": {"oneOf": [{"type": "integer"}, {"format": "date", "type": "string"}]},
        "address": {"$ref": "parts/address.yaml#/$defs/address"},
    },
}
ADDRESS = "$defs:\n  address:\n    type: object\n    required: [city]\n"


def judge(folder: Path, name: str, text: str, schema: str = "schemas/person.json") -> list[Finding]:
    write(folder / "repository", {"schemas/person.json": json.dumps(PERSON), "schemas/parts/address.yaml": ADDRESS})
    write(folder / "team", {name: text})
    return say("json-schema", folder / "team", name, schema, references=folder / "repository")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"name": "Ada", "age": 36, "address": {"city": "London"}}'),
        ("a.yaml", "name: Ada\nborn: 1815-12-10\ncodes: {200: ok, 0x10: no}\n"),
        ("a.yaml", "name: no\n---\nname: 'on'\n"),
        ("a.toml", 'name = "Ada"\nborn = 1815-12-10\n'),
    ],
)
def test_a_valid_document(tmp_path: Path, name: str, text: str) -> None:
    assert judge(tmp_path, name, text) == []


@pytest.mark.parametrize(
    ("text", "expected", "found"),
    [
        ("{}", "`$`: the property `name`", "it is missing"),
        ("[]", "`$`: type object", "an array of 0"),
        ('{"name": 7}', "`$.name`: type string", "7"),
        ('{"name": "A"}', "`$.name`: minLength 2", "a string of 1 characters"),
        ('{"name": "Ada", "age": -1}', "`$.age`: minimum 0", "-1"),
        ('{"name": "Ada", "role": "king"}', "`$.role`: enum admin, user", "a string of 4 characters"),
        ('{"name": "Ada", "since": []}', "`$.since`: oneOf", "an array of 0"),
        ('{"name": "Ada", "x": 1}', "`$`: no properties or items but those of the schema", "x"),
        ('{"name": "Ada", "address": {}}', "`$.address`: the property `city`", "it is missing"),
    ],
)
def test_a_fault_is_named_with_its_path(tmp_path: Path, text: str, expected: str, found: str) -> None:
    finding = the(judge(tmp_path, "a.json", text))
    assert (finding.expected, finding.found, finding.where) == (expected, found, "a.json")
    place = expected.split(":", maxsplit=1)[0]
    assert finding.action == f"mend {place} in `a.json` as `schemas/person.json` asks"


def test_each_yaml_document_is_held_against_the_schema(tmp_path: Path) -> None:
    assert the(judge(tmp_path, "a.yaml", "name: Ada\n---\nname: 1\n")).expected == "`$.name`: type string"


def test_an_empty_yaml_stream_is_no_valid_document(tmp_path: Path) -> None:
    assert the(judge(tmp_path, "a.yaml", "# nothing\n")).found == "null"


def test_twenty_faults_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    write(tmp_path, {"s.json": '{"items": {"type": "string"}}', "a.json": json.dumps(list(range(100)))})
    findings = say("json-schema", tmp_path, "a.json", "s.json")
    assert [finding.expected for finding in findings[:2]] == ["`$[0]`: type string", "`$[1]`: type string"]
    assert (len(findings), findings[-1].found) == (21, "80 more faults")


def test_of_a_large_document_the_first_fault_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"s.json": '{"items": {"type": "string"}}', "a.json": json.dumps(list(range(500_000)))})
    assert the(say("json-schema", tmp_path, "a.json", "s.json")).expected == "`$[0]`: type string"


def test_long_text_is_not_quoted(tmp_path: Path) -> None:
    for finding in judge(tmp_path, "a.json", json.dumps({"x" * 5000: 1, "name": "y\n" * 5000, "role": "z" * 5000})):
        assert max(map(len, (finding.expected, finding.found))) < 120


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"name": "Ada", "name": "Bob"}', "the name `name` twice in one object"),
        ("[" * 200_000, "nesting that is too deep"),
        ("[" * 900 + "]" * 900, "Recursion limit reached"),
    ],
)
def test_a_hostile_document(tmp_path: Path, text: str, found: str) -> None:
    assert the(judge(tmp_path, "a.json", text)).found == found


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ('{"$ref": "http://127.0.0.1:9/x.json"}', "not in the repository, and nothing is fetched"),
        ('{"$ref": "file:///etc/hostname"}', "not in the repository, and nothing is fetched"),
        ('{"$ref": "nowhere.json"}', "the schema `nowhere.json` cannot be read: nothing there"),
        ('{"$ref": "../../secret.json"}', "cannot be read"),
        ('{"type": "strin"}', "the schema `s.json` cannot be used"),
        ('{"a": 1, "a": 2}', "the schema `s.json` cannot be read: the name `a` twice"),
        ("[1]", "the schema `s.json` cannot be used"),
    ],
)
def test_a_schema_that_cannot_be_used(tmp_path: Path, schema: str, said: str) -> None:
    write(tmp_path, {"s.json": schema, "a.json": "1"})
    with pytest.raises(ValueError, match=said):
        say("json-schema", tmp_path, "a.json", "s.json")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.json", ()),
        ("a.json", ("s.json", "x")),
        ("a.json", ("t.json",)),
        ("a.xml", ("s.json",)),
        ("a.txt", ("s.json",)),
    ],
)
def test_a_bad_argument(tmp_path: Path, name: str, words: tuple[str, ...]) -> None:
    write(tmp_path, {"s.json": "{}", "a.json": "1", "a.xml": "<a/>", "a.txt": "1"})
    with pytest.raises(ValueError, match=r"is missing|too many|cannot be read|is for JSON|by its suffix"):
        say("json-schema", tmp_path, name, *words)


def test_a_pattern_that_would_take_for_ever_is_given_up(tmp_path: Path) -> None:
    write(tmp_path, {"s.json": r'{"pattern": "^(?=(a+)+$)(\\w+\\s?)*$"}', "a.json": json.dumps("a" * 41 + "!")})
    assert the(say("json-schema", tmp_path, "a.json", "s.json")).expected.startswith("`$`: ")
