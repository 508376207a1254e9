"""`checkpoint serve` for ten minutes with two people at work, killed and started again 20 times.

The example plan has a cron line for every minute. One person delivers into the teams' folders of the clone that is
served, edits the plan, ticks boxes of what nobody has proven, commits and pushes; another edits, ticks and pushes from
a clone of their own. The remote is a folder on the same disk. People are told in a tmux pane (`terminal`), in a
terminal that looks at its session (`tmux`), in a file, and by a Slack on the loopback which now and then fails. Three
of the kills come just before a minute begins; of the others a third at random moments, a third within four seconds
after a change, and a third within 0.6 seconds after a checkpoint has begun. After half of them it is started again at
once, after the others within ten seconds.

A change is acted on when the commit of a checkpoint that must have seen it is on the remote, or when such a checkpoint
has found nothing new. The server looks when two seconds have passed without anything stirring (a change, or a pull, a
saved plan or a commit on the way to one), or thirty seconds since the first of it. Where it was killed meanwhile, the
time counts from its next start.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.floor import ROOT
from benchmarks.serving import idle, quiet
from benchmarks.serving.busy import Busy, Chosen, Outcome
from benchmarks.serving.page import CatchUp, Results, page
from benchmarks.serving.scene import EVERY_MINUTE, Scene, audience
from checkpoint.slots import moment_of

_IDLE = 120.0
_AFTER = 15.0
"""Seconds after the long downtime in which what is made up for must have been."""


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="checkpoint-") as name:
        folder = options.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        chosen = Chosen(options.minutes, options.kills, options.seed, options.pace, options.faults)
        results = _results(folder, options.checkpoint.absolute(), chosen)
    text, is_met = page(__doc__ or "", results)
    print(text)
    if options.write:
        made = f"Made by `python -m benchmarks.serve --write`; seed {chosen.seed}."
        (ROOT / "benchmarks/results/serve.md").write_text(f"# serve\n\n{text}\n\n{made}\n")
    return 0 if is_met else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long people are at work (default: 10)")
    parser.add_argument("--kills", type=int, default=20, help="how often it is killed meanwhile (default: 20)")
    parser.add_argument("--seed", type=int, default=1, help="from which all that is random follows (default: 1)")
    parser.add_argument("--pace", type=float, default=7.0, help="mean seconds between two deeds of one (default: 7)")
    parser.add_argument("--faults", type=int, default=8, help="how often Slack fails (default: 8)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="work there, and leave all that can be looked into")
    parser.add_argument("--checkpoint", type=Path, default=Path(sys.executable).with_name("checkpoint"), metavar="FILE")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/serve.md too")
    return parser.parse_args()


def _results(folder: Path, program: Path, chosen: Chosen) -> Results:
    with audience(folder) as told:
        scene = Scene(folder / "busy", program, EVERY_MINUTE)
        busy = Busy(scene, told, chosen)
        outcome = busy.run()
        _show(outcome)
        busy.serving.kill()
        waits = idle.measure(folder, program, told.env, _IDLE)
        caught_up = _catch_up(busy, scene)
        busy.serving.stop()
    behind_http, through_memory = quiet.both(folder, program, chosen.seed)
    unheard = {
        "pushed behind HTTP, which is asked every 30 s": behind_http,
        "written through memory, of which no event tells": through_memory,
    }
    return Results(chosen, outcome, unheard, caught_up, waits)


def _catch_up(busy: Busy, scene: Scene) -> CatchUp:
    """What follows a downtime of several minutes."""
    down, start = busy.serving.kills[-1], time.time()
    busy.serving.start()
    busy.serving.wait_for("serving")
    time.sleep(_AFTER)
    with scene.store() as store:
        runs = [run for run in store.journal.runs(50) if run.is_finished and run.trigger == "cron"]
    made_up = [run for run in runs if run.started > start and (moment_of(run.slot) or start) < start]
    return CatchUp(int(start // 60) - int(down // 60), len(made_up))


def _show(outcome: Outcome) -> None:
    """What went wrong, for who looks for its cause."""
    wrong = {
        "late": [str(each) for each in outcome.waits if each.settled is None or each.settled > 5.0],
        "told": {each.channel: {"lost": each.lost, "twice": each.twice} for each in outcome.tallies},
        "never told": outcome.untold,
        "results": outcome.results,
        "missing": outcome.remote.missing,
    }
    print(json.dumps(wrong, indent=1, ensure_ascii=False), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
