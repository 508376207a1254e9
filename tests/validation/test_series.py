"""Which commands of a folder are run again, with a memory that only this file has."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from checkpoint.validation.series import Ran, Series, Wanted, stands
from checkpoint.validator import Outcome

PASSED = Ran(Outcome(0, "kept"), is_harmless=True)
WROTE = Ran(Outcome(0, "kept"), (b"out/made",))
KNOWN = st.lists(st.sampled_from([None, PASSED, WROTE]), max_size=8)


class Remembering:
    """What is known by the command, and a key of it that changes when it is told to."""

    def __init__(self, known: dict[str, Ran]) -> None:
        self.known = known
        self.state = ""

    def key(self, wanted: Wanted) -> str:
        return f"{self.state}{wanted.command}"

    def find(self, key: str) -> Ran | None:
        return self.known.get(key)

    def keep(self, key: str, ran: Ran) -> None:
        self.known[key] = ran


class Runs:
    """What was run, in its order."""

    def __init__(self, also: Callable[[], object] = lambda: None) -> None:
        self.commands: list[str] = []
        self._also = also

    def __call__(self, wanted: Wanted) -> Ran:
        self.commands.append(wanted.command)
        self._also()
        return Ran(Outcome(0, "run"))


def outputs(runs: Runs, memory: Remembering, *commands: Wanted) -> list[str]:
    series = Series(runs, memory)
    return [run().outcome.output for run in [series.add(each) for each in commands]]


def reading(command: str) -> Wanted:
    return Wanted(command, reads=("src",))


@given(KNOWN)
def test_nothing_that_a_later_command_might_need_is_left_out(known: list[Ran | None]) -> None:
    kept = stands(known)
    for number, each in enumerate(kept):
        others_run = any(other is None for other in known[number + 1 :])
        assert (each is None) == (known[number] is None or (known[number] is WROTE and others_run))


def test_what_is_known_is_not_run() -> None:
    runs = Runs()
    assert outputs(runs, Remembering({"a": WROTE, "b": PASSED}), reading("a"), reading("b")) == ["kept", "kept"]
    assert runs.commands == []


def test_what_declares_nothing_is_run_and_not_kept() -> None:
    runs, memory = Runs(), Remembering({"a": PASSED})
    assert outputs(runs, memory, Wanted("a"), reading("b")) == ["run", "run"]
    assert set(memory.known) == {"a", "b"}
    assert memory.known["a"] is PASSED


def test_what_was_changed_by_a_command_before_it_is_run() -> None:
    memory = Remembering({"b": PASSED})
    runs = Runs(lambda: setattr(memory, "state", "changed "))
    assert outputs(runs, memory, Wanted("a"), reading("b")) == ["run", "run"]


def test_what_changed_while_a_command_ran_keeps_it_from_being_kept() -> None:
    memory = Remembering({})
    runs = Runs(lambda: setattr(memory, "state", "changed "))
    assert outputs(runs, memory, reading("a")) == ["run"]
    assert memory.known == {}
