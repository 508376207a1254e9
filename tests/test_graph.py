"""The graph of tasks, against plain definitions on generated plans."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.graph import After, cycles, order, ready, unblocks

NAMES = "ABCDEFGH"
GRAPHS = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3).map(tuple))
ACYCLIC = GRAPHS.map(lambda after: {n: tuple(o for o in others if o < n) for n, others in after.items()})
LONG = {f"T{number}": (f"T{number - 1}",) if number else () for number in range(10_000)}


def reachable(after: After, start: str) -> set[str]:
    found: set[str] = set()
    queue = list(after[start])
    while queue:
        name = queue.pop()
        if name in after and name not in found:
            found.add(name)
            queue += after[name]
    return found


def test_order_keeps_the_plan_where_nothing_waits() -> None:
    assert order({"B": (), "A": (), "C": ()}) == ("B", "A", "C")


def test_order_puts_a_task_right_behind_what_it_waited_for() -> None:
    assert order({"A": ("D",), "B": (), "C": (), "D": ()}) == ("B", "C", "D", "A")
    assert order({"A": ("B",), "B": (), "C": ()}) == ("B", "A", "C")


def test_order_names_the_tasks_of_a_cycle() -> None:
    with pytest.raises(ValueError, match=r"wait for one another: .* after .* after "):
        order({"A": ("B",), "B": ("A",)})


@given(ACYCLIC)
def test_order_holds_each_task_once_behind_what_it_waits_for(after: After) -> None:
    result = order(after)
    assert sorted(result) == sorted(after)
    for name, others in after.items():
        assert all(result.index(other) < result.index(name) for other in others if other in after)


@given(st.permutations(NAMES), ACYCLIC)
def test_order_is_the_first_task_that_may_begin_again_and_again(names: list[str], after: After) -> None:
    shuffled = {name: after[name] for name in names if name in after}
    result = order(shuffled)
    for place, name in enumerate(result):
        free = (n for n in shuffled if n not in result[:place] and not {*shuffled[n]} & {*result[place:]} - {n})
        assert name == next(free)


@given(GRAPHS)
def test_order_and_cycles_agree(after: After) -> None:
    if cycles(after):
        with pytest.raises(ValueError, match="wait for one another"):
            order(after)
    else:
        assert len(order(after)) == len(after)


@given(GRAPHS)
def test_cycles_are_real_and_name_each_task_once(after: After) -> None:
    found = cycles(after)
    for cycle in found:
        following = (*cycle[1:], cycle[0])
        assert all(other in after[name] for name, other in zip(cycle, following, strict=True))
    named = [name for cycle in found for name in cycle]
    assert len(named) == len(set(named))


@given(GRAPHS)
def test_every_knot_is_named(after: After) -> None:
    named = {name for cycle in cycles(after) for name in cycle}
    for name in after:
        if name in reachable(after, name):
            assert named & (reachable(after, name) | {name})
            assert any(name in reachable(after, other) for other in named & reachable(after, name))


def test_a_task_that_waits_for_itself_is_a_cycle() -> None:
    assert cycles({"A": ("A",), "B": ("A",)}) == (("A",),)


def test_the_cycle_is_a_shortest_one_from_the_first_task() -> None:
    assert cycles({"A": ("B", "C"), "B": ("A",), "C": ("D",), "D": ("A",)}) == (("A", "B"),)


def test_knots_apart_are_named_apart() -> None:
    assert cycles({"A": ("B",), "B": ("A",), "C": ("A", "D"), "D": ("C",)}) == (("A", "B"), ("C", "D"))


@given(ACYCLIC, st.sets(st.sampled_from(NAMES)))
def test_ready_is_what_is_open_and_waits_for_nothing_open(after: After, done: set[str]) -> None:
    expected = tuple(name for name in after if name not in done and all(other in done for other in after[name]))
    assert ready(after, done) == expected


def test_what_waits_for_a_task_that_does_not_exist_is_never_ready() -> None:
    assert ready({"A": ("Z",), "B": ()}, {"B"}) == ()


@given(st.permutations(NAMES), ACYCLIC)
def test_unblocks_counts_all_that_waits(names: list[str], after: After) -> None:
    after = {name: after[name] for name in names if name in after}
    counts = unblocks(after)
    assert counts == {name: sum(name in reachable(after, other) for other in after) for name in after}
    assert list(counts) == list(after)


def test_a_chain_of_ten_thousand() -> None:
    assert order(LONG) == tuple(LONG)
    assert unblocks(LONG)["T0"] == 9_999
    assert cycles(LONG) == ()
    assert len(cycles(LONG | {"T0": ("T9999",)})[0]) == 10_000


def test_ten_thousand_arrows_from_one_task() -> None:
    wide = {"root": (), **dict.fromkeys(LONG, ("root",))}
    assert unblocks(wide)["root"] == 10_000
    assert len(ready(wide, {"root"})) == 10_000


def test_tasks_that_hang_together_in_many_ways_are_counted_once_each() -> None:
    layers = {
        f"T{n}.{k}": tuple(f"T{n - 1}.{j}" for j in range(10)) if n else () for n in range(200) for k in range(10)
    }
    assert unblocks(layers) == {name: (199 - int(name[1:].split(".")[0])) * 10 for name in layers}


def test_what_hangs_together_is_counted_apart_from_the_rest() -> None:
    """Else each of the sets would have a bit for each of 100,000 tasks."""
    many = {f"{t}.{n}": tuple(f"{t}.{j}" for j in (n - 1, n - 2) if j >= 0) for t in range(1_000) for n in range(20)}
    tracemalloc.start()
    try:
        assert unblocks(many)["999.0"] == 19
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
