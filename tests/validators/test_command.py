"""`command`: a command line that must succeed."""

from pathlib import Path

import pytest

from tests.helpers.artifacts import judge, say, the
from tests.helpers.repositories import write


def test_a_command_that_passes(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "x"})
    trial = judge("command", tmp_path, "test -s a.txt && echo checked")
    assert trial.findings == []
    assert trial.evidence == {"output": "checked\n"}


def test_a_command_that_fails_is_not_quoted_at_length(tmp_path: Path) -> None:
    trial = judge("command", tmp_path, "echo secret; echo broken >&2; exit 3", "within", "60s")
    finding = the(trial.findings)
    assert (finding.expected, finding.found, finding.where) == ("exit status 0", "exit status 3", "")
    assert finding.action == "make `echo secret; echo broken >&2; exit 3` pass; `checkpoint show` has its output"
    assert trial.evidence == {"output": "secret\nbroken\n"}


def test_a_command_that_is_ended_by_a_signal(tmp_path: Path) -> None:
    assert the(say("command", tmp_path, "kill -9 $$")).found == "ended by signal 9"


def test_a_command_that_does_not_end(tmp_path: Path) -> None:
    finding = the(say("command", tmp_path, "exec sleep 60", "within", "0.1s"))
    assert (finding.expected, finding.found) == ("an end within 0.1s", "still running, ended")


@pytest.mark.parametrize("words", ["within", "within soon", "within 0s", "quickly"])
def test_words_that_mean_nothing_are_refused(tmp_path: Path, words: str) -> None:
    with pytest.raises(ValueError, match=r"missing|not a duration|needs a time|too many"):
        say("command", tmp_path, "true", *words.split())


@pytest.mark.parametrize("path", ["/etc/passwd", "../other/a", "~/a"])
def test_what_it_reads_lies_in_the_teams_folder(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="no path of the team's folder"):
        say("command", tmp_path, "true", f"(reads `{path}`)")


def test_a_command_without_the_sandbox_needs_no_word_for_the_network(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has the network already"):
        say("command", tmp_path, "true", "with-network", "without-sandbox")
