"""What happens to the store when a process is killed, the disk is full, or the file is damaged."""

import os
import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from checkpoint import private
from checkpoint.errors import ConfigurationError
from checkpoint.place import Place
from checkpoint.store import Store, database
from checkpoint.store.database import Database
from checkpoint.store.outcomes import Outcomes
from checkpoint.store.runs import Run
from checkpoint.store.schema import MIGRATIONS
from tests.helpers.scenes import published

KILLS = 24

WORK = """
import os, sys
import msgspec
from checkpoint.store import Store
from checkpoint.store.runs import Run
from checkpoint.verdicts import Verdict

store = Store(sys.argv[1])
for number in range(1000):
    name = f"{os.getpid()}-{number}"
    with store.lock(60.0):
        run = Run(name)
        store.journal.begin(run)
        verdicts = [Verdict("api", f"A{i}", "e", "a", "exists", "passed", evidence=("output",)) for i in range(20)]
        for verdict in verdicts[:3]:
            store.keep(name, "api", verdict.task, "e", "output", f"{name} {verdict.task}" * 1000)
        store.journal.finish(msgspec.structs.replace(run, result="published"), verdicts, name.encode())
    print(name, flush=True)
"""

HOLD = """
import resource, sys
from checkpoint.store.lock import locked
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
with locked(sys.argv[1], 0.0):
    print("held")
"""

FILL = """
import resource, sys
from checkpoint.errors import Stalled
from checkpoint.snapshot import write_snapshot
from checkpoint.store import Store
from checkpoint.store.runs import Run
store = Store(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
for attempt in (
    lambda: store.keep("r1", "api", "A1", "e", "output", "x" * 500_000),
    lambda: store.journal.finish(Run("r1", result="published"), (), b"y" * 500_000),
    lambda: write_snapshot(sys.argv[1], {"report": {"teams": [], "z": "z" * 500_000}}, (), None),
):
    try:
        attempt()
    except Stalled as error:
        print("refused", error.what)
"""


def script(source: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", source, *arguments], stdout=subprocess.PIPE, text=True)


def test_killed_at_any_moment_what_was_finished_is_whole(tmp_path: Path) -> None:
    folder = str(tmp_path / "store")
    chance = random.Random(1)
    finished: list[str] = []
    for _ in range(KILLS):
        with script(WORK, folder) as worker:
            assert worker.stdout
            finished += [worker.stdout.readline().strip() for _ in range(chance.randrange(1, 6))]
            assert all(finished)
            worker.kill()
            finished += worker.stdout.read().splitlines()
    with Store(folder) as store:
        for name in finished:
            _assert_whole(store, name)
        runs = store.journal.runs(-1)
        for run in runs:
            if run.is_finished:
                _assert_whole(store, run.id)
        assert store.set_aside == ()
        assert {run.result for run in runs[1:]} <= {"published", "interrupted"}
        assert len([run for run in runs if not run.is_finished]) <= KILLS


def _assert_whole(store: Store, name: str) -> None:
    run = store.journal.run(name)
    assert run is not None
    assert run.is_finished
    assert store.journal.plan(run.plan) == name.encode()
    assert len(store.journal.verdicts(name)) == 20
    texts = [store.text(kept.digest) for kept in store.journal.evidence(name)]
    assert texts == [f"{name} A{i}" * 1000 for i in range(3)]


def test_a_full_disk_is_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    folder = str(tmp_path / "store")
    with Store(folder) as store:
        store.journal.begin(Run("r0"))
        store.journal.finish(Run("r0", result="published"), (), b"plan")
        store.journal.begin(Run("r1"))
    with script(FILL, folder, "100000") as filler:
        assert filler.stdout
        lines = filler.stdout.read().splitlines()
    assert [line.split()[0] for line in lines] == ["refused"] * 3
    with Store(folder) as store:
        assert [(run.id, run.result) for run in store.journal.runs()] == [("r1", "running"), ("r0", "published")]
    assert not [name for _, _, names in os.walk(folder) for name in names if name.startswith(".")]


@pytest.mark.parametrize("damage", ["not a database", "a page in the middle", "cut short"])
def test_a_damaged_journal_is_set_aside_and_named(tmp_path: Path, damage: str) -> None:
    folder = str(tmp_path / "store")
    with Store(folder) as store:
        for number in range(30):
            store.journal.begin(Run(f"r{number}", error="x" * 2000))
    content = _damage(tmp_path / "store" / "journal.db", damage)
    with Store(folder) as store:
        assert store.journal.runs() == []
        store.journal.begin(Run("new"))
        (aside,) = store.set_aside
        assert [run.id for run in store.journal.runs()] == ["new"]
    assert Path(aside).read_bytes() == content
    assert Path(aside).name.startswith("journal.db.damaged-2")
    with Store(folder) as store:
        assert store.set_aside == ()
        assert [run.id for run in store.journal.runs()] == ["new"]


def _damage(path: Path, damage: str) -> bytes:
    content = path.read_bytes()
    if damage == "not a database":
        content = b"garbage" * 1000
    elif damage == "a page in the middle":
        content = content[:4096] + b"\xff" * (len(content) - 4096)
    else:
        content = content[: len(content) // 2]
    path.write_bytes(content)
    return content


def test_a_run_under_way_is_recorded_although_another_process_set_its_journal_aside(tmp_path: Path) -> None:
    with Store(str(tmp_path / "store")) as store, Store(str(tmp_path / "store")) as other:
        store.journal.begin(Run("r1"))
        for name in ("journal.db", "journal.db-wal"):
            _overwrite(tmp_path / "store" / name)
        assert other.journal.runs() == []
        finished = store.journal.finish(Run("r1", result="published"), (), b"plan")
        assert other.journal.runs() == [finished]
        assert (len(other.set_aside), store.set_aside) == (1, ())


def test_a_run_under_way_is_recorded_although_its_journal_was_moved(tmp_path: Path) -> None:
    with Store(str(tmp_path / "store")) as store:
        store.journal.begin(Run("r1"))
        for path in (tmp_path / "store").glob("journal.db*"):
            path.rename(tmp_path / path.name)
        finished = store.journal.finish(Run("r1", result="published"), (), b"plan")
        with Store(str(tmp_path / "store")) as other:
            assert other.journal.runs() == [finished]


def _overwrite(path: Path) -> None:
    with path.open("r+b") as file:  # not cut short first: SQLite has it open
        file.write(b"\xff" * path.stat().st_size)


def test_a_journal_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store" / "journal.db"
    Store(str(path.parent)).close()
    content = bytearray(path.read_bytes())
    content[60:64] = (99).to_bytes(4, "big")  # where SQLite keeps the user version
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="newer checkpoint") as caught:
        Store(str(path.parent))
    assert caught.value.why == f"it has version 99, and this program knows {len(MIGRATIONS)}"
    assert path.read_bytes() == content


def test_many_processes_may_open_a_new_store_at_once(tmp_path: Path) -> None:
    source = "import sys; from checkpoint.store import Store; Store(sys.argv[1]).journal.runs()"
    processes = [script(source, str(tmp_path / "store")) for _ in range(4)]
    assert [process.wait() for process in processes] == [0] * 4
    for process in processes:
        assert process.stdout
        process.stdout.close()


def test_everything_in_the_store_is_private(tmp_path: Path) -> None:
    with Store(str(tmp_path / "store")) as store, store.lock():
        store.journal.begin(Run("r1"))
        store.keep("r1", "api", "A1", "e", "output", "secret")
        modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "store").rglob("*")}
    assert {"journal.db", "journal.db-wal", "journal.db-shm", "lock", "raw"} <= modes.keys()
    assert set(modes.values()) == {0}


def test_the_page_names_everything_that_is_kept(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "store.md").read_text()
    scene = published(tmp_path)
    assert scene.run("serve", "--once").status == 0
    folder = Path(Place(str(scene.work), None).store_folder)
    with Store(str(folder)) as store:
        store.keep("r1", "api", "A1", "e", "output", "text")
        Outcomes(f"{folder}/outcomes").write("key", b"what a command did")
        (folder / "marks").mkdir(0o700, exist_ok=True)  # where a terminal was told
        kept = {path.name for path in folder.iterdir() if not path.name.endswith(("-wal", "-shm"))}
    general = {"couriers": "couriers/NAME.lock", "accounted-main.marshal": "accounted-BRANCH.marshal"}
    named = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    general |= {name: "teams-ID" for name in kept if name.startswith("teams-")}
    assert {general.get(name, name) for name in kept} == named


@pytest.mark.parametrize("code", [sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB])
def test_a_read_that_failed_once_costs_nothing(tmp_path: Path, code: int) -> None:
    """SQLite calls an I/O error damage, too."""
    tries: list[int] = []

    def work(connection: sqlite3.Connection) -> int:
        tries.append(1)
        if len(tries) == 1:
            error = sqlite3.DatabaseError("database disk image is malformed")
            error.sqlite_errorcode = code
            raise error
        return int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])

    with Store(str(tmp_path / "store")) as store:
        store.journal.begin(Run("r0"))
        database = Database(f"{store.folder}/journal.db")
        assert (database.read(work), database.set_aside) == (1, ())
        database.close()


def test_on_a_full_disk_a_lock_is_held_all_the_same(tmp_path: Path) -> None:
    with script(HOLD, str(tmp_path / "lock")) as holder:
        assert holder.stdout
        assert holder.stdout.read() == "held\n"


def test_what_cannot_be_tidied_up_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    private.discard(str(tmp_path / "folder"))
    private.discard(str(tmp_path / "nothing"))


def test_looking_whether_a_journal_is_damaged_makes_none(tmp_path: Path) -> None:
    """SQLite would make it for others to read, and then it is refused."""
    assert database._is_whole(str(tmp_path / "journal.db"))
    assert not list(tmp_path.iterdir())
