"""What a server says of its channels."""

import pytest

from checkpoint.documents import Told
from checkpoint.triggers.lines import of_channel


@pytest.mark.parametrize(
    ("told", "event", "text"),
    [
        (Told("terminal", 1, "", "2 terminals"), "told", "terminal: 2 terminals"),
        (Told("terminal", 1, "", "no terminals"), "told", "terminal: no terminals"),
        (Told("slack", 1), "told", "slack was told"),
        (Told("slack", 0, "no answer"), "failed", "slack: no answer"),
    ],
)
def test_what_a_channel_did_is_said_in_its_own_words(told: Told, event: str, text: str) -> None:
    said = of_channel(told, 0.0)
    assert (said.event, said.text) == (event, text)
