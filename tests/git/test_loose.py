"""Objects and commits written without git: the same, byte for byte, as git's own."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint.errors import Stalled
from checkpoint.git import loose
from checkpoint.git.commit_text import compose
from tests.helpers.repositories import commit, git, head, make_repository

FEW = settings(max_examples=25, deadline=None)  # each starts git
LIMIT = 1 << 20
TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
LINES = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\n# -:<>\0"), max_size=60)
NAMES = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(" .,:;<>\"\\'\t"), max_size=12)


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One for each way in which git names objects."""
    made = {name: tmp_path_factory.mktemp(name) for name in ("sha1", "sha256")}
    for name, folder in made.items():
        git(folder, "init", "-q", f"--object-format={name}")
        commit(folder, {"a.txt": "one\n"})
    return made


@FEW
@given(content=st.binary(max_size=2000), name=st.sampled_from(["sha1", "sha256"]))
def test_git_reads_what_is_written(repositories: dict[str, Path], content: bytes, name: str) -> None:
    folder = repositories[name]
    made = loose.write(str(folder / ".git/objects"), "blob", content, name)
    assert git(folder, "hash-object", "--stdin", content=content) == made
    assert git(folder, "cat-file", "-s", made) == str(len(content))
    assert loose.read(str(folder / ".git/objects"), made, LIMIT) == ("blob", content)


def test_what_git_writes_is_read(repositories: dict[str, Path]) -> None:
    folder = repositories["sha1"]
    made = head(folder)
    objects = str(folder / ".git/objects")
    kind, content = loose.read(objects, made, LIMIT) or ("", b"")
    assert (kind, content.decode()) == ("commit", git(folder, "cat-file", "commit", made) + "\n")
    tree = loose.read(objects, git(folder, "rev-parse", f"{made}^{{tree}}"), LIMIT)
    assert tree is not None
    assert tree[0] == "tree"


def test_it_is_as_git_leaves_it(repositories: dict[str, Path]) -> None:
    folder = repositories["sha1"]
    objects = folder / ".git/objects"
    ours = loose.write(str(objects), "blob", b"ours" * 1000)
    theirs = git(folder, "hash-object", "-w", "--stdin", content="theirs")
    files = [objects / name[:2] / name[2:] for name in (ours, theirs)]
    assert files[0].stat().st_mode == files[1].stat().st_mode
    assert files[0].parent.stat().st_mode == files[1].parent.stat().st_mode
    assert git(folder, "fsck", "--strict", "--no-dangling") == ""
    assert [each.name for each in files[0].parent.iterdir()] == [ours[2:]]


def test_one_that_is_there_stays_and_counts_as_new(repositories: dict[str, Path]) -> None:
    objects = repositories["sha1"] / ".git/objects"
    made = loose.write(str(objects), "blob", b"again")
    path = objects / made[:2] / made[2:]
    os.utime(path, (0, 0))
    before = path.stat().st_ino
    assert loose.write(str(objects), "blob", b"again") == made
    assert path.stat().st_ino == before
    assert path.stat().st_mtime > 0


@pytest.mark.parametrize("damage", [b"", b"x", b"x\x9c"])
def test_one_that_is_damaged_is_not_there(repositories: dict[str, Path], damage: bytes) -> None:
    objects = repositories["sha1"] / ".git/objects"
    made = loose.write(str(objects), "blob", b"to be damaged %d" % len(damage))
    path = objects / made[:2] / made[2:]
    path.chmod(0o600)
    path.write_bytes(damage)
    assert loose.read(str(objects), made, LIMIT) is None


def test_one_that_is_too_large_is_not_read(repositories: dict[str, Path]) -> None:
    objects = str(repositories["sha1"] / ".git/objects")
    made = loose.write(objects, "blob", bytes(LIMIT))
    assert loose.read(objects, made, LIMIT) == ("blob", bytes(LIMIT))
    assert loose.read(objects, made, LIMIT - 64) is None


def test_where_it_cannot_be_written_nothing_is_left(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "work") / ".git/objects"
    made = loose.write(str(folder), "blob", b"x")
    (folder / made[:2] / made[2:]).unlink()
    (folder / made[:2]).rmdir()
    (folder / made[:2]).write_bytes(b"in the way")
    with pytest.raises(Stalled, match="cannot be used"):
        loose.write(str(folder), "blob", b"x")
    assert (folder / made[:2]).read_bytes() == b"in the way"


@FEW
@given(
    message=LINES.filter(str.strip),
    name=NAMES.map("A{}".format),
    email=NAMES.map("a{}".format),
    date=st.sampled_from(["2026-01-02T03:04:05+00:00", "2026-07-02T03:04:05-03:30", "@86400 +0530", "yesterday"]),
    parents=st.integers(0, 2),
)
def test_a_commit_is_what_git_would_make_of_it(
    repositories: dict[str, Path], message: str, name: str, email: str, date: str, parents: int
) -> None:
    folder = repositories["sha1"]
    tree = git(folder, "hash-object", "-w", "-t", "tree", "--stdin")
    heads = [head(folder)] * parents
    role = {"NAME": name, "EMAIL": email, "DATE": date}
    env = {f"GIT_{who}_{part}": value for who in ("AUTHOR", "COMMITTER") for part, value in role.items()}
    text = None if "\0" in name + email else compose(tree, heads, message, {}, env, 0.0)
    if text is not None:
        words = [word for parent in heads for word in ("-p", parent)]
        assert git(folder, "commit-tree", *words, "-F", "-", tree, content=message, env=env) == loose.write(
            str(folder / ".git/objects"), "commit", text
        )


CONFIGURED = {"user.name": "Ada Lovelace", "user.email": "ada@example.org"}


@pytest.mark.parametrize("zone", ["UTC", "America/St_Johns", "Asia/Kathmandu"])
def test_now_is_told_as_git_tells_it(repositories: dict[str, Path], zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    folder = repositories["sha1"]
    tree = git(folder, "hash-object", "-w", "-t", "tree", "--stdin")
    env = {f"GIT_{who}_DATE": "" for who in ("AUTHOR", "COMMITTER")}
    made = git(folder, "cat-file", "commit", git(folder, "commit-tree", "-m", "now", tree, env=env))
    moment = int(made.splitlines()[1].split()[-2])
    time.tzset()
    text = compose(tree, (), "now\n", CONFIGURED, {}, moment + 0.9)
    assert text is not None
    assert text.decode() == made + "\n"


@pytest.mark.parametrize(
    ("values", "env"),
    [
        ({}, {}),
        ({"user.name": "Ada Lovelace"}, {}),
        (CONFIGURED, {"GIT_AUTHOR_NAME": ""}),
        (CONFIGURED | {"user.name": "Ada Lovelace."}, {}),
        (CONFIGURED | {"author.email": "<ada@example.org>"}, {}),
        (CONFIGURED | {"i18n.commitencoding": "latin-1"}, {}),
        (CONFIGURED, {"GIT_COMMITTER_DATE": "noon"}),
        (CONFIGURED, {"GIT_COMMITTER_DATE": "2026-01-02T03:04:05"}),
        (CONFIGURED | {"user.name": "Ad\udce4"}, {}),
    ],
)
def test_what_git_would_read_otherwise_is_left_to_git(values: dict[str, str], env: dict[str, str]) -> None:
    assert compose(TREE, (), "words", values, env, 1.0) is None


def test_a_line_of_its_own_for_the_author() -> None:
    text = compose(TREE, (), "words", CONFIGURED | {"author.name": "Grace"}, {}, 1.0) or b""
    assert b"author Grace <ada@example.org> 1 " in text
    assert b"committer Ada Lovelace <ada@example.org> 1 " in text
