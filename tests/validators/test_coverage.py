from pathlib import Path

import pytest

from checkpoint.validator import Finding
from tests.helpers.artifacts import say, the
from tests.helpers.repositories import write


def cobertura(*lines: str, file: str = "a.py", rate: str = "1") -> str:
    inside = "".join(f'<line number="{number}" hits="{hits}"/>' for number, hits in (line.split(":") for line in lines))
    return f'<class filename="{file}" line-rate="{rate}"><methods/><lines>{inside}</lines></class>'


def report(*classes: str) -> str:
    inside = "".join(classes)
    return f'<coverage line-rate="1"><packages><package><classes>{inside}</classes></package></packages></coverage>'


def lcov(file: str, *lines: str) -> str:
    return "\n".join(
        ("TN:", f"SF:{file}", "FN:1,f", *(f"DA:{line}" for line in lines), "LF:9", "LH:9", "end_of_record\n")
    )


def judge(folder: Path, text: str, *words: str) -> list[Finding]:
    write(folder, {"report": text})
    return say("coverage", folder, "report", *(words or ("at-least", "50")))


@pytest.mark.parametrize(
    "text",
    [
        report(cobertura("1:1", "2:0")),
        '<?xml version="1.0"?>\n' + report(cobertura("1:7", rate="0")),
        report(cobertura("1:0", "1:3", "1:0")),
        "\ufeff" + report(cobertura("1:1")),
        report(cobertura("1:0"), cobertura("1:1", file="b.py")),
        lcov("a.js", "1,4", "2,0"),
        lcov("a.js", "1,4,checksum") + "# a comment\n\n",
        lcov("a.js", "1,0") + lcov("a.js", "1,1"),
    ],
)
def test_half_of_the_lines_run(tmp_path: Path, text: str) -> None:
    assert judge(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (report(cobertura("1:1", "2:0", "3:0")), "33.3 %, 1 of 3 lines"),
        (report(cobertura("1:1", "1:1", "2:0", "3:0")), "33.3 %, 1 of 3 lines"),
        (lcov("a.py", "1,1", "2,0", "3,0"), "33.3 %, 1 of 3 lines"),
        (lcov("a.py", *(f"{number},{int(number < 1999)}" for number in range(4000))), "49.9 %, 1999 of 4000 lines"),
    ],
)
def test_too_few_are_counted_and_the_claimed_rate_is_not_believed(tmp_path: Path, text: str, found: str) -> None:
    finding = the(judge(tmp_path, text))
    assert (finding.expected, finding.found, finding.where) == ("at least 50 % of the lines run", found, "report")
    assert finding.action == "test more lines, most in `a.py`, and write the report again"


def test_the_file_with_most_lines_to_test_is_named(tmp_path: Path) -> None:
    text = report(cobertura("1:0", "2:1", "3:1"), cobertura("1:0", "2:0", file="b.py"), cobertura("1:0", file="c.py"))
    assert "most in `b.py`" in the(judge(tmp_path, text, "at-least", "90")).action


@pytest.mark.parametrize(
    ("text", "expected", "found", "where"),
    [
        (report(), "lines of code", "none", "report"),
        ("TN:\nend_of_record\n", "lines of code", "none", "report"),
        ("\n", "lines of code", "none", "report"),
        ("<report/>", "a coverage report", "`<report>`", "report"),
        (report(cobertura("1:x")), "a coverage report", "a line without its number and count", "report"),
        (report(cobertura("1:-1")), "a coverage report", "a line without its number and count", "report"),
        ("SF:a\nDA:1\n", "a coverage report", "a line without its number and count", "report:2"),
        ("DA:1,1\n", "a coverage report", "no record of lcov", "report:1"),
        ("TN:\n100 % covered\n", "a coverage report", "no record of lcov", "report:2"),
        ("<!DOCTYPE a><coverage/>", "well-formed XML", "a document type", "report:1"),
    ],
)
def test_what_is_no_report(tmp_path: Path, text: str, expected: str, found: str, where: str) -> None:
    finding = the(judge(tmp_path, text))
    assert (finding.expected, finding.found, finding.where) == (expected, found, where)


@pytest.mark.parametrize("words", [("80",), ("at-least", "0"), ("at-least", "101"), ("at-least", "80%")])
def test_a_bad_argument(tmp_path: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"how much|too many|whole number"):
        judge(tmp_path, lcov("a", "1,1"), *words)


def test_it_must_be_said_how_much(tmp_path: Path) -> None:
    write(tmp_path, {"report": lcov("a", "1,1")})
    with pytest.raises(ValueError, match="how much"):
        say("coverage", tmp_path, "report")


def test_classes_within_classes_are_counted_once(tmp_path: Path) -> None:
    nested = '<class filename="a.py">' * 150 + '<line number="1" hits="1"/>' * 20_000 + "</class>" * 150
    assert judge(tmp_path, report(nested)) == []
