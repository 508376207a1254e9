from pathlib import Path

import pytest

from tests.helpers.artifacts import say, the
from tests.helpers.repositories import write

TABLE = 'id,name,email\n1,Ada,a@example.org\n2,"Bob, the 2nd",b@example.org\n'


@pytest.mark.parametrize("words", [("id",), ("email", "id"), ("id", "at-least", "2"), ("name", "at-least", "0")])
def test_the_columns_and_rows_are_there(tmp_path: Path, words: tuple[str, ...]) -> None:
    write(tmp_path, {"users.csv": TABLE})
    assert say("columns", tmp_path, "users.csv", *words) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "id;name\n1;2,5\n"),
        ("a.csv", "id|name\n1|2\n"),
        ("a.csv", '\ufeff"id", name \r\n1,2\r\n'),
        ("a.csv", "\n\nid,name\n1,2"),
        ("a.tsv", "id\tname\n1\t2\n"),
        ("a.csv", '"id","name"\n"1\n2","3"\n'),
    ],
)
def test_tables_as_people_export_them(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path, {name: text})
    assert say("columns", tmp_path, name, "id", "name") == []


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"users.csv": TABLE})
    finding = the(say("columns", tmp_path, "users.csv", "id", "phone"))
    assert (finding.expected, finding.found, finding.where) == ("the column `phone`", "id, name, email", "users.csv:1")
    assert finding.action == "name one column of `users.csv` `phone`"


def test_a_column_that_stands_twice(tmp_path: Path) -> None:
    write(tmp_path, {"users.csv": "id,id\n1,2\n"})
    assert the(say("columns", tmp_path, "users.csv", "id")).found == "it 2 times"


@pytest.mark.parametrize("rows", ["", "\n\n", "1\n2\n3\n", ",,\n , ,\n", "1,2,3,4\n"])
def test_what_is_no_row_does_not_count(tmp_path: Path, rows: str) -> None:
    write(tmp_path, {"users.csv": "id,name,email\n" + rows})
    finding = the(say("columns", tmp_path, "users.csv", "id"))
    assert (finding.expected, finding.found) == ("at least 1 rows of 3 fields below the header", "0")


def test_too_few_rows(tmp_path: Path) -> None:
    write(tmp_path, {"users.csv": TABLE})
    assert the(say("columns", tmp_path, "users.csv", "id", "at-least", "3")).found == "2"


def test_a_text_that_is_no_csv(tmp_path: Path) -> None:
    write(tmp_path, {"users.csv": 'id,name\n1,"a"b\n'})
    finding = the(say("columns", tmp_path, "users.csv", "id"))
    assert (finding.expected, finding.where) == ("well-formed CSV", "users.csv:2")


@pytest.mark.parametrize("words", [(), ("at-least", "3"), ("id", "at-least", "many"), ("id", "at-least")])
def test_a_bad_argument(tmp_path: Path, words: tuple[str, ...]) -> None:
    write(tmp_path, {"users.csv": TABLE})
    with pytest.raises(ValueError, match=r"which columns|whole number|value is missing"):
        say("columns", tmp_path, "users.csv", *words)


@pytest.mark.parametrize("text", [",".join("a" * 1_000_000), 'id,"' + "b" * 1_000_000, ",".join(["x" * 1000] * 9000)])
def test_a_hostile_table_is_refused(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"users.csv": text})
    findings = say("columns", tmp_path, "users.csv", "id")
    assert findings
    assert max(len(finding.found) for finding in findings) <= 100
