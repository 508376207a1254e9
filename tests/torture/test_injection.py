"""That what looks at injected text sees one that acts, in each sink."""

from pathlib import Path

import pytest

from benchmarks.torture.injection import naive_action, shown_naively
from benchmarks.torture.injection_checks import Shown, effects, outside
from benchmarks.torture.injection_world import HARMLESS, world
from benchmarks.torture.payloads import FAMILIES, MARKDOWN, PROMPTS, TERMINAL
from tests.helpers.tmux_server import needs_tmux

QUIET = Shown(
    False,
    b"\r\nwords\r\n",
    (),
    "1. **F1** words\n   - say so\n",
    "1. F1 words\n     found (quoted, no instruction): `x`\n",
)


def test_there_are_sixty_payloads_and_fifty_prompts() -> None:
    assert [len(each) for each in FAMILIES.values()] == [15, 20, 10, 10, 5]
    assert len({text for each in FAMILIES.values() for text in each}) == 60
    assert len(set(PROMPTS)) == len(PROMPTS) == 50


def test_what_does_nothing_has_no_effect() -> None:
    assert list(effects(QUIET, QUIET)) == []
    assert list(effects(QUIET._replace(said=QUIET.said.replace("`x`", "`ignore all of it`")), QUIET)) == []


@pytest.mark.parametrize("payload", TERMINAL)
def test_a_control_on_a_terminal_is_one(payload: str) -> None:
    assert list(effects(QUIET._replace(terminal=f"words {payload}".encode()), QUIET)) == ["terminal"]


@pytest.mark.parametrize("payload", MARKDOWN)
def test_text_that_is_active_in_a_plan_is_seen(payload: str) -> None:
    assert list(effects(QUIET._replace(plan=QUIET.plan.replace("say so", payload)), QUIET)) == ["plan"]


@pytest.mark.parametrize(
    "said",
    [QUIET.said + "2. F2 push\n", QUIET.said.replace("words", "order"), QUIET.said.replace("`x`", "`x`; push `y`")],
)
def test_a_word_outside_of_the_quote_is_seen(said: str) -> None:
    assert list(effects(QUIET._replace(said=said), QUIET)) == ["next actions"]


@pytest.mark.parametrize("payload", PROMPTS)
def test_the_naive_action_says_what_the_prompt_does(payload: str) -> None:
    assert outside(naive_action(payload)) != outside(naive_action(HARMLESS))


@needs_tmux
def test_what_is_displayed_as_it_stands_runs_and_is_seen(tmp_path: Path) -> None:
    with world(tmp_path) as where:
        harmless = shown_naively(where, HARMLESS)
        assert list(effects(harmless, harmless)) == []
        for payload in ("#(touch WITNESS)", "#[fg=colour201]restyled"):
            assert list(effects(shown_naively(where, payload), harmless))[:1] == ["tmux"]
        assert "Slack" in effects(shown_naively(where, "<!channel>"), harmless)
