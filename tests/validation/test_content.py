"""What findings show of what was found."""

import time

import pytest

from checkpoint.validation.content import shown
from checkpoint.validator import Finding

PASSWORD = "hunter2-of-1984"


@pytest.mark.parametrize("name", ["password", "db.Password", "api-key.old", "secretoken", "a.key.b_TOKEN"])
def test_what_was_found_under_the_name_of_a_secret_is_not_shown(name: str) -> None:
    assert PASSWORD not in shown(Finding(f"{name} to be set", PASSWORD)).found


def test_what_was_found_under_another_name_is_shown() -> None:
    assert shown(Finding("colour to be set", PASSWORD)).found == PASSWORD


def test_a_word_without_end_is_looked_through_in_no_time() -> None:
    word = "x" * 200_000
    began = time.process_time()
    assert shown(Finding(word, PASSWORD, "a.txt")).expected == word
    assert time.process_time() - began < 10  # 0.1 s; the time that a backtracking pattern takes is in hours
