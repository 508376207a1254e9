"""The world at a glance: all that a person may deliver is in it, and nothing in it is opened, followed or fatal."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.triggers.found import Found, Looks, found
from checkpoint.triggers.walk import is_noise
from checkpoint.triggers.world import World, changed, digest_of, look, said
from tests.helpers.repositories import write

FILES = {"api.json": "{}", "docs/guide.md": "# Guide", "docs/deep/er.txt": "x", ".env.example": "A=1"}
EVERYTHING = "*world.entries(sys.argv[1])"
UNPRIVILEGED = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""Before a program that root starts: it is held by the modes of files, like everybody."""


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Path]:
    write(tmp_path / "team", FILES)
    yield tmp_path / "team"
    if (tmp_path / "team/docs").is_dir():
        (tmp_path / "team/docs").chmod(0o700)


def now(*folders: Path, files: tuple[Path, ...] = (), **refs: str) -> World:
    return look(map(str, folders), map(str, files), refs)


def paths(world: World) -> set[str]:
    return {path for top in world.folders for path in below(world, top)}


def below(world: World, top: object) -> dict[str, Looks]:
    """What was found below one folder."""
    return world.entries(str(top)) or {}


def names(world: World, top: Path) -> set[str]:
    return {os.path.relpath(path, top) for path in paths(world)}


def test_every_entry_below_a_folder_is_seen(team: Path) -> None:
    assert names(now(team), team) == {".", "docs", "docs/deep", *FILES}


CHANGES: dict[str, Callable[[Path], object]] = {
    "edited": lambda team: (team / "api.json").write_text("{} "),
    "touched": lambda team: os.utime(team / "api.json", ns=(1, 1)),
    "edited as if it were not": lambda team: edit_alike(team / "api.json"),
    "made executable": lambda team: (team / "api.json").chmod(0o755),
    "replaced by one that looks alike": lambda team: replace_alike(team / "api.json"),
    "deleted": lambda team: (team / "api.json").unlink(),
    "made a link": lambda team: make_link(team / "api.json"),
}


def replace_alike(path: Path) -> None:
    before = path.stat()
    new = path.with_name("new")
    new.write_text("[]")
    os.utime(new, ns=(before.st_mtime_ns, before.st_mtime_ns))
    new.rename(path)


def edit_alike(path: Path) -> None:
    before = path.stat()
    path.write_text("[]")
    os.utime(path, ns=(before.st_mtime_ns, before.st_mtime_ns))


def make_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("docs/guide.md")


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_file_has_changed_when_it_was(team: Path, change: Callable[[Path], object]) -> None:
    before = now(team)
    change(team)
    assert changed(before, now(team)) == (f"{team}/api.json",)


def test_nothing_has_changed_when_nothing_did(team: Path) -> None:
    assert changed(now(team, main="a"), now(team, main="a")) == ()


def test_new_files_new_folders_and_moved_ones_are_changes(team: Path) -> None:
    before = now(team)
    (team / "docs").rename(team / "pages")
    (team / "empty").mkdir()
    found = {os.path.relpath(path, team) for path in changed(before, now(team))}
    assert {"docs", "docs/guide.md", "pages", "pages/guide.md", "empty"} <= found
    assert "api.json" not in found


def test_a_folder_that_came_back_is_another_one(team: Path) -> None:
    before = now(team)
    team.rename(team.with_name("old"))
    assert str(team) in changed(before, now(team))
    write(team, FILES)
    assert str(team) in changed(before, now(team))


def test_commits_are_part_of_the_world() -> None:
    assert changed(now(main="a", team="b"), now(main="a", team="c", new="d")) == ("branch new", "branch team")
    assert changed(now(main="a"), now()) == ("branch main",)


def test_files_alone_count_whether_they_are_there_or_not(team: Path) -> None:
    settings = team.parent / "checkpoint.toml"
    before = now(team, files=(settings,))
    settings.write_text("")
    assert changed(before, now(team, files=(settings,))) == (str(settings),)
    (team.parent / "other.toml").write_text("")
    assert changed(before, now(team, files=(settings,))) == (str(settings),)


NOISE = [".git/index", "node_modules/a/b.js", "__pycache__/a.pyc", ".venv/bin/python", "m.pyc", "api.json~"]
NOISE += [".api.json.swp", ".#api.json", "#api.json#", ".DS_Store", ".idea/x.xml", "docs/.git"]
NO_NOISE = ["movie.swf", "build/out.o", ".github/ci.yml", "a~b", "node_modules.txt", "venv/x", "4913", "new\nline"]


def test_what_nobody_delivers_by_hand_is_left_out(team: Path) -> None:
    before = now(team)
    write(team, dict.fromkeys(NOISE, "x"))
    assert changed(before, now(team)) == ()
    write(team, dict.fromkeys(NO_NOISE, "x"))
    assert {str(team / name) for name in NO_NOISE} <= set(changed(before, now(team)))


@given(st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=30).map(str.lower))
def test_names_of_letters_and_digits_are_no_noise(name: str) -> None:
    plain = "".join(c for c in name if c.isalnum()) or "x"
    assert not is_noise(f"{plain}.json")


def test_a_link_is_an_entry_and_leads_nowhere(team: Path, tmp_path: Path) -> None:
    write(tmp_path, {"outside/secret": "x"})
    (team / "link").symlink_to(tmp_path / "outside")
    (team / "round").symlink_to(team)
    assert names(now(team), team) == {".", "docs", "docs/deep", "link", "round", *FILES}


def test_below_a_root_a_link_is_where_looking_ends(team: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(team)
    folders = [str(tmp_path / path) for path in ("link", "link/docs", "link/docs/deep")]
    world = look(folders, [f"{tmp_path}/link/api.json"], {}, [str(tmp_path)])
    assert paths(world) == {str(tmp_path / "link")}
    assert names(look([str(tmp_path / "team")], [], {}, [str(tmp_path)]), team) == names(now(team), team)


def test_elsewhere_a_folder_is_taken_as_it_stands(team: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(team)
    (team / "out").symlink_to(tmp_path)
    for path in ("link", "link/docs"):
        world = look([str(tmp_path / path)], [], {}, [f"{tmp_path}/li", f"{tmp_path}/link/docs"])
        assert f"{tmp_path}/link/docs/guide.md" in paths(world)
        assert f"{tmp_path}/link/out/team" not in paths(world)


def test_a_folder_within_another_is_looked_at_once(team: Path) -> None:
    world = now(team, team / "docs")
    assert names(world, team) == names(now(team), team)
    assert str(team / "docs/guide.md") not in below(world, team)


def test_a_folder_that_is_named_counts_though_its_name_is_noise(team: Path) -> None:
    write(team, {"node_modules/ours/index.js": "x"})
    assert str(team / "node_modules/ours/index.js") in paths(now(team, team / "node_modules/ours"))


def test_strange_entries_are_seen_from_outside(team: Path) -> None:
    os.mkfifo(team / "pipe")
    (team / os.fsdecode(b"\xff\xfe")).write_text("x")
    (team / "broken").symlink_to("nowhere")
    with socket.socket(socket.AF_UNIX) as server:
        folder = os.open(team, os.O_DIRECTORY)
        server.bind(f"/proc/self/fd/{folder}/socket")
        os.close(folder)
        world = now(team)
    assert {"pipe", os.fsdecode(b"\xff\xfe"), "broken", "socket"} < names(world, team)
    assert len(world.digest) == 64


@pytest.mark.parametrize("path", ["missing", "api.json", "api.json/below", "x" * 300, "nul\0"])
def test_what_is_no_folder_has_nothing_below_it(team: Path, path: str) -> None:
    world = look([f"{team}/{path}"], [f"{team}/{path}/file"], {})
    assert len(paths(world)) <= 1


def test_a_folder_deeper_than_any_path_may_be_is_looked_into_as_far_as_possible(team: Path) -> None:
    folder = os.open(team, os.O_DIRECTORY)
    for _ in range(1000):
        os.mkdir("deep", dir_fd=folder)
        inner = os.open("deep", os.O_DIRECTORY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)
    assert 500 < len(paths(now(team))) < 1000
    subprocess.run(["rm", "-rf", str(team)], check=True)


@pytest.mark.parametrize("mode", [0o000, 0o300])
def test_a_folder_that_may_not_be_read_hides_only_itself(team: Path, mode: int) -> None:
    (team / "docs").chmod(mode)
    seen = {os.path.relpath(path, team) for path in printed(team, EVERYTHING)}
    assert seen == {".", "docs", "api.json", ".env.example"}


def test_entries_that_may_be_listed_but_not_looked_at_are_seen_by_their_names(team: Path) -> None:
    (team / "docs").chmod(0o400)
    assert str(team / "docs/guide.md") in printed(team, EVERYTHING)


def test_what_vanishes_during_a_look_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, {f"{number}/file": "x" for number in range(2000)})
    vanishing = subprocess.Popen(["find", str(tmp_path), "-mindepth", "1", "-delete"])
    while vanishing.poll() is None:
        assert all(mode for mode, *_ in below(now(tmp_path), tmp_path).values())
    assert paths(now(tmp_path)) == {str(tmp_path)}


def test_a_look_has_an_end_and_says_so(tmp_path: Path) -> None:
    write(tmp_path, {f"{number:03}": "x" for number in range(200)})
    assert look([str(tmp_path)], [], {}, limit=200).complete
    world = look([str(tmp_path)], [], {}, limit=99)
    assert not world.complete
    assert len(paths(world)) <= 101


def test_a_look_at_some_folders_takes_the_others_as_they_were_known(tmp_path: Path) -> None:
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    write(tmp_path, {"one/a": "x", "two/a": "x", "settings": "x"})
    known = now(one, two)
    write(tmp_path, {"one/b": "x", "two/b": "x", "three/a": "x", "settings": "xx"})
    tops, files = list(map(str, (one, two, three))), [str(tmp_path / "settings")]
    world = look(tops, files, {}, known=known, only={str(one)})
    assert world.folders[str(two)] is known.folders[str(two)]
    whole = look(tops, files, {})
    assert {top: digest_of(found) for top, found in world.folders.items() if top != str(two)} == {
        top: digest_of(found) for top, found in whole.folders.items() if top != str(two)
    }
    assert changed(world, whole) == (f"{two}/b",)


def test_what_looks_as_it_did_is_the_same_object_and_needs_no_memory(team: Path) -> None:
    known = now(team, team / "docs")
    write(team, {"docs/new": "x"})
    world = look([str(team), str(team / "docs")], [], {}, known=known)
    same = [top for top, found in world.folders.items() if found is known.folders[top]]
    assert same == [str(team)]


def test_the_limit_counts_what_is_known_already(tmp_path: Path) -> None:
    write(tmp_path, {f"{number:03}/a": "x" for number in range(20)})
    tops = sorted(str(path) for path in tmp_path.iterdir())
    known = look(tops, [], {})
    assert look(tops, [], {}, limit=40, known=known, only={tops[0]}).complete
    assert not look(tops, [], {}, limit=37, known=known, only={tops[0]}).complete


def make_folder_link(path: Path) -> None:
    shutil.rmtree(path)
    path.symlink_to("elsewhere")


LEAVINGS: dict[str, Callable[[Path], object]] = {
    "noise": lambda team: write(team, {"docs/__pycache__/a.pyc": "x"}),
    "a swap file": lambda team: write(team, {"docs/.guide.md.swp": "x"}),
    "another team": lambda team: write(team, {"other/a": "x"}),
    "nothing there": shutil.rmtree,
    "a link": make_folder_link,
}


@pytest.mark.parametrize("leave", LEAVINGS.values(), ids=LEAVINGS)
def test_where_something_is_left_out_it_is_not(team: Path, leave: Callable[[Path], object]) -> None:
    write(team.parent, {"elsewhere/a": "x"})
    leave(team)
    found = look([str(team), str(team / "other")], [], {}).found(str(team))
    assert found
    assert not found.is_whole


def test_a_huge_folder_does_not_hide_the_others(tmp_path: Path) -> None:
    write(tmp_path, {f"huge/{number}/file": "x" for number in range(3000)} | {"small/a/b/c": "x"})
    world = look([str(tmp_path / "huge"), str(tmp_path / "small")], [], {}, limit=2500)
    assert not world.complete
    assert str(tmp_path / "small/a/b/c") in paths(world)


def test_the_digest_is_the_same_in_every_process(team: Path) -> None:
    (team / os.fsdecode(b"\xff")).write_text("x")
    printed_by = [printed(team, "world.digest", PYTHONHASHSEED=seed) for seed in "12"]
    assert printed_by == [[now(team, b="1").digest]] * 2


def printed(folder: Path, expression: str, **env: str) -> list[str]:
    """What another process without root's privileges says of the world of that folder and a branch `b`."""
    if os.geteuid() == 0 and not shutil.which(UNPRIVILEGED[0]):
        pytest.skip("root may read everything, and there is no setpriv")
    code = "from checkpoint.triggers.world import look; import sys; world = look(sys.argv[1:], [], {'b': '1'}); "
    argv = [sys.executable, "-c", f"{code}print({expression}, sep='\\n')", str(folder)]
    argv = [*UNPRIVILEGED, *argv] if os.geteuid() == 0 else argv
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **env}
    return subprocess.run(argv, env=environment, capture_output=True, check=True, text=True).stdout.splitlines()


def test_the_digest_does_not_depend_on_the_order_in_which_things_were_found(team: Path) -> None:
    world = now(team, team / "docs", main="1", side="2")
    turned = [(top, found(top, dict(reversed(below(world, top).items())))) for top in world.folders]
    assert World(dict(reversed(world.refs.items())), dict(reversed(turned))).digest == world.digest


looks = st.tuples(*[st.integers(0, 3)] * 5)


def folder(top: str) -> st.SearchStrategy[Found | str]:
    return st.dictionaries(st.sampled_from([top, f"{top}/b", f"{top}/\udcff"]), looks).map(partial(found, top))


worlds = st.builds(
    World,
    st.dictionaries(st.sampled_from("ab"), st.sampled_from("12")),
    st.fixed_dictionaries({top: folder(top) for top in ("/a", "/b")}),
)


@given(worlds, worlds)
def test_worlds_that_differ_have_changes_and_digests_that_differ(one: World, other: World) -> None:
    assert (changed(one, other) == ()) == (one.digest == other.digest)
    assert changed(one, other) == changed(other, one) == tuple(sorted(changed(one, other)))


def test_changes_are_said_to_people() -> None:
    changes = ("/r/out/backend/api.json", "/r/x", "/r/y", "branch main")
    assert said(changes, "/r") == "out/backend/api.json and 3 more changed"
    assert said(changes[:1], "/r/") == "out/backend/api.json changed"
    assert said(("branch main",), "/r") == "branch main changed"
    assert said(("/r/\x1b[1m\udcff",), "/r") == "\\x1b[1m\\udcff changed"
    assert said(()) == "nothing changed"
