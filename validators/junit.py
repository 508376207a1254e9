"""Whether tests were run, and passed."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from junitparser import Error, Failure, TestCase

from checkpoint.validator import Artifact, Finding, short, validator

_SUITES = ("testsuites", "testsuite")
_NOT_RUN = {"disabled", "notrun", "skipped", "suppressed"}
_MOST_FINDINGS = 20


def _lint(*, at_least: int = 1) -> None:
    if at_least < 1:
        raise ValueError("`at-least 0` would hold without a test: ask for 1 or more")


@validator("junit", examples=("`report.xml` junit", "`report.xml` junit at-least 20"), lint=_lint)
def junit(artifact: Artifact, *, at_least: int = 1) -> Iterator[Finding]:
    """The JUnit report holds at least so many tests that passed, and none that failed.

    Each test case is looked at, in suites at any depth; the totals that the report claims are not believed.
    A test that was skipped has not passed.
    """
    _lint(at_least=at_least)
    path, root = artifact.path, artifact.document("xml")
    if root.tag not in _SUITES:
        yield Finding(
            "a JUnit report", f"`<{short(root.tag, 40)}>`", path, f"write the tests' JUnit report to `{path}`"
        )
        return
    outcomes = [(case, _outcome(case)) for case in _cases(root)]
    broken = [(case, outcome) for case, outcome in outcomes if outcome in ("a failure", "an error")]
    passed = sum(outcome == "passed" for _, outcome in outcomes)
    for case, outcome in broken[:_MOST_FINDINGS]:
        name = short(".".join(filter(None, (case.get("classname"), case.get("name")))))
        action = f"make the test `{name}` pass, and run the tests again"
        yield Finding(f"the test `{name}` passes", outcome, path, action)
    if len(broken) > _MOST_FINDINGS:
        more = f"{len(broken) - _MOST_FINDINGS} more that fail"
        yield Finding("no test that fails", more, path, "make them pass, and run the tests again")
    if passed < at_least:
        found = (
            f"{passed} that passed, {len(broken)} that failed, {len(outcomes) - passed - len(broken)} that did not run"
        )
        yield Finding(f"at least {at_least} tests that pass", found, path, "write the missing tests, and run them")


def _cases(root: Element) -> Iterator[Element]:
    """The test cases of all suites, in their order."""
    queue = [root]
    while queue:
        element = queue.pop()
        if element.tag == "testcase":
            yield element
        elif element.tag in _SUITES:
            queue += reversed(element)


def _outcome(element: Element) -> str:
    made: Any = TestCase.fromelem  # the library has no types
    results = made(element).result
    if any(isinstance(result, Error) for result in results):
        return "an error"
    if any(isinstance(result, Failure) for result in results):
        return "a failure"
    said = {element.get("status", "").lower(), element.get("result", "").lower()}
    has_run = element.get("name", "").strip() and not results and not said & _NOT_RUN
    return "passed" if has_run else "not run"
