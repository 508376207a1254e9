"""Repositories of any size: a plan, and an artifact for each of its tasks, in a remote and in clones of it.

They are made by `git fast-import`, so all objects of the beginning are in one pack, as after a clone.
"""

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

GITCONFIG = """[user]
name = Ada Lovelace
email = ada@example.org
[init]
defaultBranch = main
[gc]
auto = 0
[maintenance]
auto = false
[advice]
detachedHead = false
"""
_COMMIT = """commit refs/heads/main
committer Ada Lovelace <ada@example.org> {at} +0000
data {length}
{message}
{parent}"""


class Shape(NamedTuple):
    """So many teams, each with so many tasks of one artifact."""

    teams: int
    tasks: int

    @property
    def artifacts(self) -> int:
        return self.teams * self.tasks


class Form(NamedTuple):
    """How a plan says what it expects: `at_ref` looks at the teams' folders as they are committed."""

    expects: str = "exists"
    at_ref: bool = False
    copies: bool = False
    blocks: bool = False


def path_of(team: int, task: int) -> str:
    return f"out/team-{team:05}/f{task:03}.txt"


def content(team: int, task: int, version: int = 0) -> bytes:
    """200 to 3,200 bytes, other ones for each artifact and version; 1.7 KB on the average."""
    name = f"{team} {task} {version} ".encode()
    length = 100 + hashlib.sha256(name).digest()[0] * 1500 // 255
    return name + hashlib.shake_128(name).hexdigest(length).encode() + b"\n"


def plan(shape: Shape, form: Form) -> Iterator[bytes]:
    """The plan, a section at a time; about 82 bytes for each task that expects an artifact to exist."""
    yield b"---\ncheckpoint: 1\n" + (b"copies: allow\n" if form.copies else b"") + b"---\n\n# Scale\n\n"
    if form.blocks:
        yield b"<!-- checkpoint:status -->\n<!-- /checkpoint:status -->\n\n"
    for team in range(shape.teams):
        lines = [f"## Team: team-{team:05}", "", f"- folder: `out/team-{team:05}`"]
        lines += ["- ref: `main`"] if form.at_ref else []
        lines += [""]
        for task in range(shape.tasks):
            lines.append(f"- [ ] **T{team:05}-{task:03}** Deliver part {task:03} of what was agreed")
            lines.append(f"  - `f{task:03}.txt` {_expected(form, team, task)}")
        name = f"team-{team:05}"
        lines += ["", f"<!-- checkpoint:next {name} -->", "<!-- /checkpoint:next -->"] if form.blocks else []
        yield "\n".join((*lines, "", "")).encode()


def _expected(form: Form, team: int, task: int) -> str:
    return f"sha256 `{hashlib.sha256(content(team, task)).hexdigest()}`" if form.expects == "sha256" else form.expects


def environment(home: Path) -> dict[str, str]:
    """A home of its own, made where it is missing, and nothing else of the user's but how to find programs."""
    home.mkdir(parents=True, exist_ok=True)
    (home / ".gitconfig").write_text(GITCONFIG)
    inherited = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return inherited | {"HOME": str(home), "CHECKPOINT_TERMINALS": "", "GIT_CONFIG_NOSYSTEM": "1"}


def forget(env: Mapping[str, str]) -> None:
    """Takes away what checkpoints have kept: the next one is the first."""
    shutil.rmtree(Path(env["HOME"]) / ".local" / "state", ignore_errors=True)


def make_remote(folder: Path, shape: Shape, plans: Mapping[str, Form], env: Mapping[str, str]) -> Path:
    """A bare repository with a commit of all artifacts and plans on main."""
    folder.mkdir(parents=True)
    git(folder, env, "init", "-q", "--bare")
    texts = {name: folder.parent / f"{folder.name}.{name}" for name in plans}
    for name, form in plans.items():
        with texts[name].open("wb") as text:
            text.writelines(plan(shape, form))
    _import(folder, env, lambda stream: _write_all(stream, shape, texts))
    for path in texts.values():
        path.unlink()
    return folder


def _write_all(stream: IO[bytes], shape: Shape, texts: Mapping[str, Path]) -> None:
    _begin(stream, "Begin", "")
    for name, text in texts.items():
        stream.write(f"M 100644 inline {name}\ndata {text.stat().st_size}\n".encode())
        with text.open("rb") as source:
            shutil.copyfileobj(source, stream)
        stream.write(b"\n")
    for team in range(shape.teams):
        for task in range(shape.tasks):
            _modify(stream, path_of(team, task), content(team, task))


def clone(remote: Path, folder: Path, env: Mapping[str, str]) -> None:
    git(remote, env, "clone", "-q", str(remote), str(folder))


def settle(folder: Path, env: Mapping[str, str], seconds: float) -> None:
    """Waits for so long; then nobody needs to doubt that the files are older than the index, which is written again."""
    time.sleep(seconds)
    git(folder, env, "status", "--porcelain")


def edit(folder: Path, paths: Sequence[str], version: int) -> None:
    """New content for files of the work tree, by the way of a new file."""
    for path in paths:
        team, task = path.removeprefix("out/team-").removesuffix(".txt").split("/f")
        beside = folder / f"{path}.new"
        beside.write_bytes(content(int(team), int(task), version))
        beside.replace(folder / path)


def push(remote: Path, files: Mapping[str, bytes | None], env: Mapping[str, str]) -> None:
    """What somebody else does: a commit on main that changes these files, and deletes those that are None."""

    def stream(target: IO[bytes]) -> None:
        _begin(target, "Change files elsewhere", "from refs/heads/main^0\n")
        for path, data in files.items():
            if data is None:
                target.write(f"D {path}\n".encode())
            else:
                _modify(target, path, data)

    _import(remote, env, stream)


def _begin(stream: IO[bytes], message: str, parent: str) -> None:
    head = _COMMIT.format(at=int(time.time()), length=len(message), message=message, parent=parent)
    stream.write(head.encode())


def _modify(stream: IO[bytes], path: str, data: bytes) -> None:
    stream.write(f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n")


def _import(repository: Path, env: Mapping[str, str], write: Callable[[IO[bytes]], None]) -> None:
    process = subprocess.Popen(["git", "fast-import", "--quiet"], cwd=repository, env=env, stdin=subprocess.PIPE)
    assert process.stdin is not None
    with process.stdin as stream:
        write(stream)
    if process.wait():
        raise RuntimeError(f"git fast-import in {repository}: status {process.returncode}")


def git(folder: Path, env: Mapping[str, str], *arguments: str) -> str:
    """What git prints. Raises RuntimeError where it fails."""
    done = subprocess.run(["git", *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()
