"""That the judge of secrets sees one that got out, also half of it, and one that never came near."""

from pathlib import Path

import pytest

from benchmarks.torture.secrets import SINKS, leaks, log, naively, ours_on, texts, theirs_on
from checkpoint.redaction import redact
from tests.helpers.homes import at_home
from tests.helpers.invented_secrets import invented, leaked

SECRETS = invented(7)
REDACTED = dict.fromkeys(SINKS, "[redacted: x] " * len(SECRETS))


def test_there_are_twenty_kinds_and_none_is_known_by_another() -> None:
    assert len({each.kind for each in SECRETS}) == len(SECRETS) == 20
    for each in SECRETS:
        assert [other.kind for other in SECRETS if leaked(other, each.text)] == [each.kind]


def test_nothing_is_said_where_nothing_got_out() -> None:
    assert leaks(SECRETS, REDACTED) == []


@pytest.mark.parametrize("secret", SECRETS, ids=[each.kind for each in SECRETS])
def test_half_a_secret_is_one_that_got_out(secret: object) -> None:
    each = next(one for one in SECRETS if one is secret)
    part = each.parts[-1]
    half = part[len(part) // 4 :][: max(12, len(part) // 2)]
    assert leaks(SECRETS, REDACTED | {"Slack": REDACTED["Slack"] + half}) == [f"{each.kind}: Slack"]


def test_a_way_on_which_nothing_came_proves_nothing() -> None:
    assert len(leaks(SECRETS, REDACTED | {"plan": ""})) == len(SECRETS)


def test_the_naive_message_leaks_every_kind_everywhere() -> None:
    assert len(leaks(SECRETS, naively(SECRETS))) == len(SECRETS) * len(SINKS)


def test_a_redactor_that_hides_nothing_finds_no_kind(tmp_path: Path) -> None:
    text = log(SECRETS, 50_000, 1)
    assert ours_on(SECRETS, text).found == len(SECRETS)
    assert sum(not leaked(each, text) for each in SECRETS) == 0
    assert 0 < theirs_on(tmp_path, SECRETS, 1).found < len(SECRETS)


def test_what_was_published_has_nothing_left_to_redact(tmp_path: Path) -> None:
    with at_home(tmp_path / "home"):
        sinks = texts(tmp_path, SECRETS)
    assert leaks(SECRETS, sinks) == []
    assert sinks["commit message"].count("redacted: ") >= len(SECRETS)
    assert all(redact(text) == text for text in (sinks["plan"], sinks["commit message"]))
