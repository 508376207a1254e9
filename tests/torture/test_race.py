"""The checker of the first promise: what it calls broken, shown on histories that are, and on GitPython's way."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.torture.history import damage, missing, read_history
from benchmarks.torture.machines import BEGINS_A_PUSH, PUSHES, Machine, Ran, Site, site
from benchmarks.torture.naive_edit import rewritten
from benchmarks.torture.race import NAIVE, OURS, broken, figure
from benchmarks.torture.racers import Editor, Race, Round, Size, edited, take
from benchmarks.torture.states import STATES, conflicts, deliver, delivered, human, is_whole, plan_text, spelt
from tests.helpers.scenes import published

SIZE = Size(orchestrators=1, editors=1, rounds=1, pause=0.0)
STATUS = "<!-- checkpoint:status -->\n"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path / "site") as made:
        yield made


@pytest.fixture
def machine(place: Site) -> Machine:
    return place.machine("orchestrator-0")


def checkpointed(machine: Machine, state: int) -> str:
    """The newest plan as a sound checkpoint leaves it that finds this state."""
    deliver(machine.clone, state)
    return rewritten((machine.clone / "plan.md").read_text(), delivered(machine.clone))


def push(machine: Machine, text: str, *words: str) -> None:
    """Commits the plan with that text, and pushes."""
    (machine.clone / "plan.md").write_text(text)
    machine.git("commit", "-qam", "checkpoint")
    machine.git("push", "-q", *words, "origin", "HEAD:main")


def found(place: Site, machine: Machine) -> list[str]:
    return damage(read_history(place.remote), [machine.name])


@pytest.mark.parametrize("state", [1, 42, STATES - 1])
def test_a_checkpoint_spells_what_it_finds(tmp_path: Path, state: int) -> None:
    scene = published(tmp_path, plan_text())
    deliver(scene.work, state)
    assert scene.now().result == "published"
    assert spelt(scene.plan) == state
    assert human(scene.plan + "\n") == human(plan_text())
    assert is_whole(scene.plan)


@pytest.mark.parametrize(
    ("old", "new", "is_human"),
    [
        pytest.param("[ ] **B1**", "[x] **B1**", False, id="box"),
        pytest.param(STATUS, f"{STATUS}any\n## Team: x\n\n- 0\n", False, id="block"),
        pytest.param("[ ] **F4**", "[x] **F4**", True, id="box of a person"),
        pytest.param("Deliver b1.txt", "Deliver b1", True, id="title"),
        pytest.param("- 0\n", "- 0", True, id="line end"),
        pytest.param("- 0\n", "", True, id="prose"),
        pytest.param(STATUS, f"any\n{STATUS}", True, id="above the block"),
        pytest.param("<!-- /checkpoint:status -->\n", "", True, id="end of a block"),
        pytest.param("  - `b1.txt` exists", "  - `b*` exists", True, id="expectation"),
    ],
)
def test_only_boxes_and_blocks_are_the_checkpoints(old: str, new: str, is_human: bool) -> None:
    changed = plan_text().replace(old, new, 1)
    assert changed != plan_text()
    assert (human(changed) != human(plan_text())) == is_human


def test_editors_write_everywhere_and_only_what_is_theirs() -> None:
    chance, plan, words = random.Random(1), plan_text(), [f"word.{number}" for number in range(30)]
    for word in words:
        plan = edited(plan, word, chance)
    lines = human(plan).splitlines()
    assert all(sum(word in line.split() for line in lines) == 1 for word in words)
    assert any("word" in line and "**" in line for line in lines)
    assert "word" in lines[lines.index(STATUS.strip()) - 1]
    assert "word" in lines[lines.index("<!-- /checkpoint:status -->") + 1]
    assert human(rewritten(plan, {"B1"})) == human(plan)


def test_a_sound_history_has_no_damage(place: Site, machine: Machine) -> None:
    push(machine, checkpointed(machine, 5))
    assert found(place, machine) == []
    assert read_history(place.remote).by([machine.name])[0].state == 5


def test_a_merge_is_damage(place: Site, machine: Machine) -> None:
    machine.git("checkout", "-q", "-b", "aside")
    machine.git("commit", "-q", "--allow-empty", "-m", "aside")
    machine.git("checkout", "-q", "main")
    machine.git("commit", "-q", "--allow-empty", "-m", "main")
    machine.git("merge", "-q", "--no-ff", "-m", "both", "aside")
    machine.git("push", "-q", "origin", "HEAD:main")
    assert any(each.endswith("is a merge") for each in found(place, machine))


def test_an_update_by_force_is_damage(place: Site, machine: Machine) -> None:
    push(machine, checkpointed(machine, 5))
    machine.git("reset", "-q", "--hard", "HEAD~")
    push(machine, checkpointed(machine, 6), "--force")
    assert any(each.endswith("by force") for each in found(place, machine))


@pytest.mark.parametrize(
    ("damaged", "words"),
    [
        (lambda text: text.replace("Agree", "Disagree"), "changes more than is the checkpoint's"),
        (lambda text: text.removesuffix("\n"), "changes more than is the checkpoint's"),
        (lambda text: text.replace("- 0\n", "<<<<<<< HEAD\n- 0\n"), "holds marks of a conflict"),
        (lambda text: text.replace("| backend | 1/4 | 1 |", "| backend | 0/4 | 0 |"), "is not whole"),
        (lambda text: text.replace("[ ] **B2**", "[x] **B2**"), "is not whole"),
    ],
)
def test_a_text_that_is_not_as_it_should_be_is_damage(
    place: Site, machine: Machine, damaged: Callable[[str], str], words: str
) -> None:
    text = checkpointed(machine, 1)
    assert damaged(text) != text
    push(machine, damaged(text))
    assert any(words in each for each in found(place, machine))


def test_another_file_in_the_commit_is_damage(place: Site, machine: Machine) -> None:
    text = checkpointed(machine, 1)
    machine.git("add", "--force", "out/backend")
    push(machine, text)
    (said,) = found(place, machine)
    assert said.endswith("changes more than is the checkpoint's, in A\tout/backend/b1.txt, M\tplan.md")


def test_two_commits_in_one_push_are_damage(place: Site, machine: Machine) -> None:
    (machine.clone / "plan.md").write_text(checkpointed(machine, 1))
    machine.git("commit", "-qam", "checkpoint")
    push(machine, checkpointed(machine, 2))
    assert [each.split(" ", 3)[3] for each in found(place, machine)] == [
        "was not put on what was the newest commit"
    ] * 2


def test_an_object_that_is_gone_is_damage(place: Site, machine: Machine) -> None:
    first = machine.git("rev-parse", "HEAD:.gitignore")
    push(machine, checkpointed(machine, 5))
    (place.remote / "objects" / first[:2] / first[2:]).unlink()
    (said,) = found(place, machine)
    assert said.startswith("fsck: ")
    assert f"missing blob {first}" in said


def test_a_word_that_is_gone_or_there_twice_is_missing(place: Site, machine: Machine) -> None:
    push(machine, plan_text().replace("- 0\n", "- twice\n- twice\n- once\n"))
    assert missing(read_history(place.remote), ["once", "twice", "gone"]) == ["twice", "gone"]


def test_a_word_between_markers_is_missing(place: Site, machine: Machine) -> None:
    push(machine, plan_text().replace(STATUS, f"{STATUS}- word\n"))
    assert missing(read_history(place.remote), ["word"]) == ["word"]


def test_marks_of_a_conflict_are_seen() -> None:
    assert conflicts("a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> 1234567\n") == [
        "<<<<<<< HEAD",
        "=======",
        ">>>>>>> 1234567",
    ]


def test_a_round_that_did_not_end_well_or_is_not_there_or_twice_is_broken(place: Site, machine: Machine) -> None:
    for state in (1, 2, 1):
        push(machine, checkpointed(machine, state))
    rounds = [Round(machine.name, state, Ran(status, "said"), 1) for state, status in ((1, 0), (2, 0), (2, 4), (3, 0))]
    race = Race(read_history(place.remote), rounds, [], 0, 0.0)
    assert [each.state for each in race.published] == [2]
    assert broken(race) == [
        "orchestrator-0, state 1: status 0, said",
        "orchestrator-0, state 2: status 4, said",
        "orchestrator-0, state 3: status 0, said",
    ]


@pytest.mark.parametrize("moment", [BEGINS_A_PUSH, PUSHES])
def test_gitpythons_way_is_broken_for_ever_by_one_lost_race(place: Site, machine: Machine, moment: str) -> None:
    race = raced(place, machine, NAIVE, moment)
    assert figure(race).startswith("0/2 published, 1/1 edits kept")
    assert [each.ran.status for each in race.rounds] == [0, 1]
    assert len(broken(race)) == 2


@pytest.mark.parametrize("moment", [BEGINS_A_PUSH, PUSHES])
def test_ours_publishes_on_what_somebody_else_was_faster_with(place: Site, machine: Machine, moment: str) -> None:
    race = raced(place, machine, OURS, moment)
    assert broken(race) == []
    assert figure(race) == "2/2 published, 1/1 edits kept, 0 merge commits, 0 commits beyond machine parts"
    assert [each.pushes for each in race.rounds] == [2, 1]


def raced(place: Site, machine: Machine, argv: tuple[str, ...], moment: str) -> Race:
    """Two rounds. When the first one is about to push, an editor does: at the moment of that request."""
    editor = Editor(place.machine("editor-0"), "seed")

    def meddle(path: str) -> None:
        if path == f"/{machine.name}/remote.git{moment}" and not editor.tries:
            editor.edit(0)

    place.meddle = meddle
    rounds = [take(place, machine, argv, SIZE, 0, number) for number in range(2)]
    return Race(read_history(place.remote), rounds, editor.acknowledged, editor.tries, 0.0)
