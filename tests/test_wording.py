"""The state of all teams in a line that a person can read, however many there are."""

from checkpoint.report import Report
from checkpoint.verdicts import Count, TeamReport
from checkpoint.wording import NAMED, headline


def report(*counts: Count) -> Report:
    teams = tuple(TeamReport(f"t{number}", "", "", count) for number, count in enumerate(counts))
    return Report("", "", "check", "", "plan.md", "", "main", "", "medium", teams, {})


def test_few_teams_are_all_named() -> None:
    assert headline(report()) == "no teams"
    assert headline(report(Count(5, 3, failing=2), Count(4, 4))) == "t0 3/5, t1 4/4, 2 failing"
    assert headline(report(*[Count(1, 1)] * NAMED)).count("/") == NAMED


def test_of_many_teams_the_first_are_named_that_are_not_finished() -> None:
    done = Count(100, 100)
    said = headline(report(done, done, done, Count(100, missing=100), Count(100, 80, failing=20), *[done] * 995))
    assert said == "998/1000 teams finished, 99880/100000 tasks done, t3 0/100, t4 80/100, 20 failing, 100 missing"


def test_the_line_is_short_where_nothing_is_done() -> None:
    said = headline(report(*[Count(100, missing=100)] * 1000))
    assert said.startswith("0/1000 teams finished, 0/100000 tasks done, t0 0/100, t1 0/100, ")
    assert said.endswith(f"t{NAMED - 1} 0/100, {1000 - NAMED} more teams, 100000 missing")
    assert len(said) < 300
