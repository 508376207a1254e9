"""Where something was heard to change: which folders have to be looked at again, and that nothing is forgotten."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.triggers.touches import PATHS_LIMIT, Touched, Touches

names = st.sampled_from(["a", "b", "ab", "c", "0", "-"])
paths = st.lists(names, max_size=4).map(lambda parts: f"/{'/'.join(parts)}")


def slowly(path: str, tops: set[str]) -> set[str]:
    """The folders in which a path says something, found by asking each of them."""
    above = {top for top in tops if path.startswith(f"{top.rstrip('/')}/") and path != top}
    below = {top for top in tops if top.startswith(f"{path.rstrip('/')}/") and path != top}
    return below | (tops & {path}) | ({max(above, key=len)} if above else set())


@given(st.frozensets(paths), st.sets(paths))
def test_folders_are_those_that_asking_each_of_them_finds(touched: frozenset[str], tops: set[str]) -> None:
    expected = {top for path in touched for top in slowly(path, tops)}
    assert Touched(touched).tops(tops) == expected


@pytest.mark.parametrize(
    ("path", "tops"),
    [
        ("/r/out/a/file", {"/r/out/a"}),
        ("/r/out/a", {"/r/out/a"}),
        ("/r/out", {"/r/out/a", "/r/out/b"}),
        ("/r/deep/in/file", {"/r/deep/in"}),
        ("/r/deep/file", {"/r/deep"}),
        ("/r/deep/in", {"/r/deep", "/r/deep/in"}),
        ("/elsewhere", set()),
        ("/r/out/abc/file", set()),
    ],
)
def test_a_path_concerns(path: str, tops: set[str]) -> None:
    assert Touched(frozenset([path])).tops(["/r/out/a", "/r/out/b", "/r/deep", "/r/deep/in"]) == tops


def test_everywhere_is_all_folders() -> None:
    assert Touched(everywhere=True).tops(["/a", "/b"]) == {"/a", "/b"}


def test_who_does_not_hear_all_looks_everywhere_each_time() -> None:
    touches = Touches()
    touches.heard(["/a"])
    assert touches.taken().everywhere
    assert touches.taken().everywhere


def test_who_hears_all_looks_everywhere_once_and_then_where_it_heard_something() -> None:
    touches = Touches()
    touches.hears_all(hears=True)
    assert touches.taken().everywhere
    touches.heard(["/a", "/b"])
    touches.heard(["/b", "/c"])
    assert touches.taken() == Touched(frozenset(["/a", "/b", "/c"]))
    assert touches.taken() == Touched()
    touches.doubt()
    assert touches.taken().everywhere
    assert touches.taken() == Touched()
    touches.hears_all(hears=False)
    assert touches.taken().everywhere
    assert touches.taken().everywhere


def test_more_paths_than_help_are_everywhere() -> None:
    touches = Touches()
    touches.hears_all(hears=True)
    touches.taken()
    touches.heard(map(str, range(PATHS_LIMIT)))
    assert not touches.taken().everywhere
    touches.heard(map(str, range(PATHS_LIMIT + 1)))
    assert touches.taken().everywhere


def test_nothing_that_is_heard_while_somebody_takes_is_lost() -> None:
    touches, taken, number = Touches(), set[str](), 3000
    touches.hears_all(hears=True)
    touches.taken()

    def speak() -> None:
        for each in range(number):
            touches.heard([f"/{each}"])

    speaker = threading.Thread(target=speak)
    speaker.start()
    while speaker.is_alive():
        taken |= touches.taken().paths
    assert len(taken | touches.taken().paths) == number
