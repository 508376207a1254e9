"""Merges of two branches of a plan, each with edits and checkpoints of its own: by git alone, and with the driver.

Each merge is of three texts made by chance: people change titles, add tasks, expectations, prose and teams, in one to
three edits on each side; four of five texts have had a checkpoint, whose boxes and blocks say something else each time.
Counted are merges that conflict. The floor is what conflicts where no checkpoint ever was: people's own edits, merged
by git. *Lost* is a merge without conflict whose people's text is not the one of that floor.
"""

import argparse
import os
import sys
import tempfile
from typing import NamedTuple

from benchmarks.floor import ROOT, machine
from checkpoint.git.command import Git
from checkpoint.git.environment import clean
from checkpoint.git.merging import Merged, merge_file, merge_plan
from checkpoint.plan.derived import derived, people
from checkpoint.plan.parse import parse
from tests.helpers.plan_merges import Sides, by_chance


class Case(NamedTuple):
    """One merge: by git, with the driver, and of what people alone have done."""

    plain: Merged
    ours: Merged
    floor: Merged


def case(git: Git, sides: Sides) -> Case:
    every = {key for text in sides for key in derived(text).blocks}
    return Case(
        merge_file(git, *sides), merge_plan(git, *sides), merge_file(git, *(people(text, every) for text in sides))
    )


def is_lost(merged: Merged, floor: Merged) -> bool:
    """Whether a merge without a conflict has another text of people's than the floor."""
    if merged.conflicts or floor.conflicts:
        return False
    if parse(merged.text).refusals:
        return True
    every = {**derived(merged.text).blocks, **derived(floor.text).blocks}
    return people(merged.text, every) != people(floor.text, every)


def table(cases: list[Case]) -> str:
    lines = [f"| {len(cases):,} merges | conflicts | lost |", "|---|--:|--:|"]
    for name, found in (
        ("git alone", [each.plain for each in cases]),
        ("with the driver", [each.ours for each in cases]),
        ("floor: people's edits alone", [each.floor for each in cases]),
    ):
        lost = sum(is_lost(merged, each.floor) for merged, each in zip(found, cases, strict=True))
        lines.append(f"| {name} | {sum(bool(merged.conflicts) for merged in found):,} | {lost} |")
    worse = sum(bool(each.ours.conflicts) and not each.plain.conflicts for each in cases)
    return "\n".join((*lines, "", f"Merges that conflict with the driver and not by git alone: {worse}."))


def main() -> int:
    """Prints the table, and writes it where asked to; 1 where the driver is not as good as the floor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--merges", type=int, default=2000, help="how many")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/merging.md too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="merging-") as folder:
        git = Git(("-C", folder), clean(os.environ))
        cases = [case(git, by_chance(seed)) for seed in range(options.merges)]
    text = f"{(__doc__ or '').strip()}\n\n{table(cases)}\n\n{machine()}.\n"
    print(text)
    if options.write:
        target = ROOT / "benchmarks" / "results" / "merging.md"
        target.write_text(f"# merging\n\n{text}\nMade by `python -m benchmarks.merging --write`.\n")
    return int(any(each.ours.conflicts > each.floor.conflicts or is_lost(each.ours, each.floor) for each in cases))


if __name__ == "__main__":
    sys.exit(main())
