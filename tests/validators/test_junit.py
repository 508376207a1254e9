from pathlib import Path

import pytest

from checkpoint.validator import Finding
from tests.helpers.artifacts import say, the
from tests.helpers.repositories import write

PASSED = '<testcase classname="tests.a" name="b"/>'
SKIPPED = '<testcase classname="tests.a" name="c"><skipped/></testcase>'
FAILED = '<testcase classname="tests.a" name="d"><failure message="long">much text</failure></testcase>'
BROKEN = '<testcase name="e"><error/></testcase>'


def judge(folder: Path, text: str, *words: str) -> list[Finding]:
    write(folder, {"report.xml": text})
    return say("junit", folder, "report.xml", *words)


@pytest.mark.parametrize(
    "text",
    [
        f"<testsuite>{PASSED}</testsuite>",
        f"<testsuites><testsuite>{PASSED}{SKIPPED}</testsuite></testsuites>",
        f"<testsuites><testsuite><testsuite>{PASSED}</testsuite></testsuite></testsuites>",
        f"<testsuites>{PASSED}</testsuites>",
        f'<testsuite tests="0" failures="9" errors="9">{PASSED}</testsuite>',
    ],
)
def test_tests_that_passed(tmp_path: Path, text: str) -> None:
    assert judge(tmp_path, text) == []


@pytest.mark.parametrize(
    "inside",
    [
        "",
        SKIPPED,
        "<testcase/>",
        '<testcase name="a" status="notrun"/>',
        '<testcase name="a" result="suppressed"/>',
        f"<properties>{PASSED}</properties>",
    ],
)
def test_what_did_not_run_has_not_passed(tmp_path: Path, inside: str) -> None:
    finding = the(judge(tmp_path, f'<testsuite tests="7" failures="0" errors="0">{inside}</testsuite>'))
    assert finding.expected == "at least 1 tests that pass"
    assert finding.found.startswith("0 that passed, 0 that failed")
    assert finding.action == "write the missing tests, and run them"


def test_each_test_that_failed_is_named_and_its_text_is_not_quoted(tmp_path: Path) -> None:
    findings = judge(tmp_path, f'<testsuite failures="0">{PASSED}<testsuite>{FAILED}</testsuite>{BROKEN}</testsuite>')
    assert [(each.expected, each.found, each.where) for each in findings] == [
        ("the test `tests.a.d` passes", "a failure", "report.xml"),
        ("the test `e` passes", "an error", "report.xml"),
    ]
    assert findings[0].action == "make the test `tests.a.d` pass, and run the tests again"


def test_twenty_failures_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    findings = judge(tmp_path, f"<testsuite>{PASSED}{FAILED * 50}</testsuite>")
    assert len(findings) == 21
    assert findings[-1].found == "30 more that fail"


def test_too_few_passed(tmp_path: Path) -> None:
    finding = the(judge(tmp_path, f"<testsuite>{PASSED * 3}{SKIPPED}</testsuite>", "at-least", "4"))
    assert finding.found == "3 that passed, 0 that failed, 1 that did not run"
    assert judge(tmp_path, f"<testsuite>{PASSED * 4}</testsuite>", "at-least", "4") == []


@pytest.mark.parametrize(
    ("text", "expected", "found"),
    [
        ("<html><body/></html>", "a JUnit report", "`<html>`"),
        ("<testsuite>", "well-formed XML", "no element found"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><testsuite/>", "well-formed XML", "a document type"),
        ("<testsuite>" * 300 + "</testsuite>" * 300, "well-formed XML", "nesting deeper than 200"),
    ],
)
def test_what_is_no_report(tmp_path: Path, text: str, expected: str, found: str) -> None:
    finding = the(judge(tmp_path, text))
    assert (finding.expected, finding.found) == (expected, found)


def test_cases_within_cases_count_once(tmp_path: Path) -> None:
    nested = '<testcase name="a">' * 150 + "</testcase>" * 150
    finding = the(judge(tmp_path, f"<testsuite>{nested * 100}</testsuite>", "at-least", "101"))
    assert finding.found.startswith("100 that passed")


@pytest.mark.parametrize("words", [("at-least", "0"), ("at-least", "x"), ("10",)])
def test_a_bad_argument(tmp_path: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"ask for 1|whole number|too many"):
        judge(tmp_path, f"<testsuite>{PASSED}</testsuite>", *words)
