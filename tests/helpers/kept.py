"""What a checkpoint has left for the next one, as if time had passed since."""

from checkpoint.glance import UNSETTLED_NS
from checkpoint.place import Place
from checkpoint.snapshot import open_snapshot, write_snapshot
from tests.helpers.scenes import Scene


def keep(scene: Scene, *, sequel: bool = True) -> None:
    """As if the last look had been later, so that nothing was changed shortly before it; and without what is kept."""
    folder = Place(str(scene.work), None).store_folder
    snapshot = open_snapshot(folder)
    assert snapshot
    states: dict[str, bytes] = {}
    bodies = [(team["name"], snapshot.body(team["name"]) or {}) for team in snapshot.teams]
    for name, body in bodies:
        looked = body["looked"]
        if not looked["commit"]:
            looked["began"] += 10 * UNSETTLED_NS
            states[name] = looked["state"]
    kept = snapshot.kept if sequel else None
    for row in kept["rows"] if kept else ():
        row["state"] = states.get(row["team"]["name"], row["state"])
    write_snapshot(folder, snapshot.document, [body for _, body in bodies], snapshot, kept)
