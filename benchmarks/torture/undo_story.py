"""Random checkpoints of a plan, each with the plan as it stood right before it: for the tests of undos."""

import random
import re
from pathlib import Path

from tests.helpers.scenes import ALL, PLAN, Scene, local, published

_WITH_BLOCKS = PLAN.replace(
    "# Shop\n", "# Shop\n\n<!-- checkpoint:status -->\nby hand\n<!-- /checkpoint:status -->\n"
).replace("\n## Team: frontend", "\n<!-- checkpoint:next backend -->\n<!-- /checkpoint:next -->\n\n## Team: frontend")
_TEAM = "\n## Team: team-{n}\n\n- folder: `out/team-{n}`\n\n- [ ] **T{n}** Deliver {n}\n  - `{n}.txt` exists\n"
_TITLE = re.compile(r"^(- \[.\] \*\*\w+\*\* [^(\n]*)", re.MULTILINE)
_ADDED = re.compile(r"- \[.\] \*\*N\d+\*\* .*\n(?:  .*\n)+")


class Story:
    """A scene and its checkpoints: their commits and ids, and the plans right `before` each."""

    def __init__(self, scene: Scene, *, is_edited: bool) -> None:
        self.scene = scene
        self.is_edited = is_edited
        self.commits: list[str] = []
        self.ids: list[str] = []
        self.before: list[str] = []
        self._words = 0

    def take(self, chance: random.Random) -> None:
        """Takes a checkpoint that publishes something, of a world that has changed until it does."""
        while True:
            self._deliver(chance)
            if chance.random() < 0.4:
                self._claim(chance)
            if self.is_edited and chance.random() < 0.5:
                self.write(chance)
            before = self.scene.plan + "\n"
            taken = self.scene.now()
            if taken.commit:
                self.before.append(before)
                self.commits.append(taken.commit)
                self.ids.append(taken.report.id)
                return

    def _deliver(self, chance: random.Random) -> None:
        for path, content in ALL.items():
            file = self.scene.work / path
            what = chance.choice(("good", "spoilt", "gone", "as it is"))
            if what in ("good", "spoilt"):
                self.scene.deliver({path: content if what == "good" else "nothing of it\n"})
            elif what == "gone":
                file.unlink(missing_ok=True)

    def _claim(self, chance: random.Random) -> None:
        """Ticks a box that is empty, or empties one that is ticked."""
        self._change(re.sub(r"\[.\] \*\*B1\*\*", chance.choice(("[x] **B1**", "[X] **B1**", "[ ] **B1**")), self._text))

    def write(self, chance: random.Random) -> None:
        """A person changes the plan where it is theirs to."""
        self._words += 1
        n, text = self._words, self._text
        kind = chance.choice(("title", "prose", "task", "gone", "end", "team"))
        if kind == "title":
            titles = _TITLE.findall(text)
            title = chance.choice(titles)
            text = text.replace(title, f"{title.rstrip()} word{n} ", 1)
        elif kind == "prose":
            text = text.replace("# Shop\n", f"# Shop\n\nA sentence, word{n}.\n", 1)
        elif kind == "task":
            task = f"- [ ] **N{n}** Also this\n  - `{n}.txt` exists\n"
            text = text.replace("- [ ] **F2**", f"{task}- [ ] **F2**", 1)
        elif kind == "gone":
            text = _ADDED.sub("", text, count=1)
        else:
            text += f"\nA line, word{n}.\n" if kind == "end" else _TEAM.format(n=n)
        self._change(text)

    @property
    def _text(self) -> str:
        return (self.scene.work / "plan.md").read_text()

    def _change(self, text: str) -> None:
        if text != self._text:
            self.scene.commit({"plan.md": text}, "Change the plan")


def told(folder: Path, seed: int, number: int, runs: int) -> Story:
    """The story of that number: people edit in every second one, and of four two have a remote, two blocks at first."""
    make = local if number % 4 in (1, 2) else published
    story = Story(make(folder, _WITH_BLOCKS if number % 4 in (2, 3) else PLAN), is_edited=bool(number % 2))
    chance = random.Random(seed)
    for _ in range(runs):
        story.take(chance)
    return story
