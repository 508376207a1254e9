"""What people have under way in a checkout: each state as the commands that lead to it."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests.helpers.repositories import make_published
from tests.helpers.scenes import PLAN, Scene

SECRET = "secret.env"
FILES = {
    "plan.md": PLAN,
    "a.txt": "a\n",
    "b.txt": "b\n",
    "c.txt": "c\n",
    "docs/d.txt": "d\n",
    "asset.bin": "an asset\n",
    ".gitignore": "/out/\n*.log\n",
}
_SIDE = "git checkout -q -b side; echo theirs > a.txt; git commit -qam theirs; git checkout -q main; "
_DIVERGE = f"{_SIDE} echo mine > a.txt; git commit -qam mine; git push -q; "
_FILTER = "git config filter.asset.clean 'tr a-z A-Z'; git config filter.asset.smudge 'tr A-Z a-z'; "
_COLLEAGUE = (
    "git clone -q ../remote.git ../colleague; cd ../colleague; {}; git add -A; git commit -qm theirs; git push -q; "
    "cd ../work; "
)
_SUBMODULE = (
    "git init -q ../module; git -C ../module commit -q --allow-empty -m x; "
    "git -c protocol.file.allow=always submodule --quiet add ../module module; git commit -qm module; git push -q; "
)
_REBASE = f"{_DIVERGE} git checkout -q side; git rebase -q main || true"
_HOOKS = "post-merge post-checkout reference-transaction post-index-change pre-commit"
_AUTOSTASH = "for name in merge rebase; do git config $name.autoStash true; done; "


class State(NamedTuple):
    """Shell commands that are run in the clone, and the environment of the checkpoint.

    `follows`: the checkout may be brought up to what was published, since nothing of the person's is in the way.
    `status` is that with which `checkpoint now` ends.
    """

    script: str
    follows: bool = False
    env: Mapping[str, str] = {}
    status: int = 0

    @property
    def publishes(self) -> bool:
        return self.status == 0


_ON_MAIN = {"CHECKPOINT_BRANCH": "main"}
STATES = {
    "clean": State("true", follows=True),
    "staged": State(f"echo x > {SECRET}; git add {SECRET}; echo staged > a.txt; git add a.txt"),
    "staged, then edited": State(f"echo x > {SECRET}; echo 1 > a.txt; git add {SECRET} a.txt; echo 2 > a.txt"),
    "edited": State("echo edited > a.txt"),
    "the plan edited": State("echo words >> plan.md"),
    "the plan staged": State("echo words >> plan.md; git add plan.md"),
    "deleted and removed": State("rm a.txt; git rm -q b.txt"),
    "renamed": State("git mv a.txt renamed.txt"),
    "to be added": State("echo x > new.txt; git add -N new.txt"),
    "made executable": State("chmod +x plan.md"),
    "the plan a link": State("mv plan.md other.md; ln -s other.md plan.md"),
    "untracked and ignored": State(f"echo x > new.txt; echo x > x.log; echo x > {SECRET}; mkdir empty", follows=True),
    "untracked in the way": State(_COLLEAGUE.format("echo theirs > new.txt") + "echo mine > new.txt"),
    "ignored in the way": State(_COLLEAGUE.format("echo theirs > x.log; git add -f x.log") + "echo mine > x.log"),
    "stashes": State("echo 1 > a.txt; git stash -q; echo 2 > b.txt; git stash -q -m two", follows=True),
    "commits of one's own": State("echo mine > a.txt; git commit -qam mine"),
    "a merge with conflicts": State(f"{_DIVERGE} git merge -q side || true"),
    "a merge to be committed": State("git checkout -q -b side; echo x > new.txt; git add new.txt; git commit -qm x; "
                                     "git checkout -q main; git merge -q --no-ff --no-commit side"),
    "a cherry-pick with conflicts": State(f"{_DIVERGE} git cherry-pick side || true"),
    "a revert with conflicts": State("for n in 1 2; do echo $n > a.txt; git commit -qam $n; done; git push -q; "
                                     "git revert --no-edit HEAD~1 || true"),
    "a rebase with conflicts": State(_REBASE, env=_ON_MAIN),
    "a rebase with conflicts, and no branch named": State(_REBASE, status=6),
    "an am that stopped": State(f"{_DIVERGE} git format-patch -q -1 side -o ../patches; "
                                "git am -q ../patches/* || true"),
    "a bisection": State("for n in 1 2 3; do echo $n > a.txt; git commit -qam $n; done; git push -q; git bisect start; "
                         "git bisect bad; git bisect good HEAD~3", env=_ON_MAIN),
    "a detached HEAD with edits": State("git checkout -q --detach; echo edited > a.txt", env=_ON_MAIN),
    "a detached HEAD, and no branch named": State("git checkout -q --detach; echo edited > a.txt", status=6),
    "another branch with edits": State("git checkout -q -b topic; echo edited > a.txt; git add a.txt", env=_ON_MAIN),
    "a lock that was left": State("echo somebody > .git/index.lock"),
    "hidden edits": State("git update-index --skip-worktree b.txt; git update-index --assume-unchanged c.txt; "
                          "echo hidden > b.txt; echo hidden > c.txt", follows=True),
    "a hidden edit of the plan": State("git update-index --assume-unchanged plan.md; echo hidden >> plan.md"),
    "a skipped edit of the plan": State("git update-index --skip-worktree plan.md; echo hidden >> plan.md"),
    "a sparse checkout": State("git sparse-checkout set --cone docs; echo x > docs/new.txt", follows=True),
    "a sparse checkout without the plan": State("git sparse-checkout set --no-cone /a.txt /.gitignore", follows=True),
    "a linked work tree": State("git worktree add -q ../linked -b topic; echo edited > ../linked/a.txt; "
                                "echo x > ../linked/new.txt; cd ../linked; git add new.txt", follows=True),
    "a submodule with edits": State(f"{_SUBMODULE} echo x > module/new.txt", follows=True),
    "a submodule with commits": State(f"{_SUBMODULE} git -C module commit -q --allow-empty -m y"),
    "line ends of its own": State("for name in txt md; do echo \"*.$name text eol=crlf\" >> .gitattributes; done; "
                                  "git add .gitattributes; git commit -qm eol; git push -q; rm *.txt plan.md; "
                                  "git checkout -q -- .", follows=True),
    "filters": State(f"{_FILTER} echo '*.bin filter=asset' > .gitattributes; git add .gitattributes asset.bin; "
                     "git commit -qm filter; git push -q; rm asset.bin; git checkout -q -- asset.bin", follows=True),
    "filters, and an edit": State(f"{_FILTER} echo '*.bin filter=asset' > .gitattributes; git add .gitattributes; "
                                  "git add --renormalize .; git commit -qm filter; git push -q; echo mine > asset.bin"),
    "a filter that fails": State("echo '*.md filter=none' > .gitattributes; git add .gitattributes; git commit -qm x; "
                                 "git push -q; git config filter.none.required true; "
                                 "git config filter.none.smudge false; git config filter.none.clean cat"),
    "hooks of one's own": State(f"for name in {_HOOKS}; do "
                                "printf '#!/bin/sh\\necho $0 >> a.txt\\n' > .git/hooks/$name; "
                                "chmod +x .git/hooks/$name; done", follows=True),
    "an index in parts": State("git update-index --split-index; git update-index --untracked-cache; "
                               "git update-index --index-version 4", follows=True),
    "autostash": State(f"{_AUTOSTASH} git config pull.rebase true; echo edited > a.txt"),
    "autostash, and a hidden edit": State(f"{_AUTOSTASH} git update-index --assume-unchanged plan.md; "
                                          "echo hidden >> plan.md"),
    "a repository within": State("git init -q inner; echo x > inner/x; git -C inner add x", follows=True),
}  # fmt: skip
EVERYTHING = State(
    f"echo 1 > b.txt; git stash -q; echo x > {SECRET}; echo 1 > a.txt; git add {SECRET} a.txt; echo 2 > a.txt; "
    "rm c.txt; echo x > new.txt; echo x > x.log; echo words >> plan.md; git update-index --skip-worktree docs/d.txt; "
    "echo hidden > docs/d.txt; git worktree add -q ../linked -b topic; echo edited > ../linked/a.txt"
)
"""What can be there at the same time."""


def prepared(folder: Path, state: State) -> Scene:
    """A clone in that state, and its remote. Raises CalledProcessError where the commands cannot lead to it."""
    scene = Scene(*make_published(folder, FILES))
    (scene.work / ".git/hooks").mkdir(exist_ok=True)
    subprocess.run(["sh", "-ec", state.script], cwd=scene.work, check=True, timeout=60, capture_output=True)
    return scene
