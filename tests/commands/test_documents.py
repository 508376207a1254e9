"""What `--json` prints is what its page says, for every command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from checkpoint.cli import COMMANDS
from checkpoint.documents import DOCUMENTS, Demo
from tests.helpers import json_page
from tests.helpers.repositories import git
from tests.helpers.scenes import API, decoded, local


@pytest.fixture(scope="module")
def parts() -> dict[str, dict[str, object]]:
    return msgspec.json.schema_components(DOCUMENTS.values())[1]


def test_the_page_is_made_from_the_types() -> None:
    assert json_page.PAGE.read_text("utf-8") == json_page.generated(), "python -m tests.helpers.json_page"


def test_no_field_is_explained_that_is_not_there(parts: dict[str, dict[str, dict[str, object]]]) -> None:
    fields = {f"{name}.{field}" for name, schema in parts.items() for field in schema["properties"]}
    general = {field.partition(".")[2] for field in fields}
    assert json_page.MEANING.keys() <= fields | general


def test_every_command_but_completion_has_a_document() -> None:
    assert {name.partition("-")[0] for name in DOCUMENTS} - {"error"} == COMMANDS.keys() - {"completion"}
    schemas = [each.__struct_defaults__[0] for each in DOCUMENTS.values()]
    assert schemas == [f"checkpoint.{name}/1" for name in DOCUMENTS]


LINES = {"notify": ("notify", "list"), "serve-install": ("serve", "--install"), "serve": ("serve", "--once")}
"""How a document is asked for, where its name alone does not do it."""


@pytest.mark.parametrize("name", sorted(DOCUMENTS.keys() - {"demo", "error", "init"}))
def test_what_is_printed_is_the_document_and_nothing_else(tmp_path: Path, name: str) -> None:
    scene = local(tmp_path)
    scene.deliver(API)
    scene.now("--dry-run") if name == "serve" else scene.now()
    command, *words = LINES.get(name, (name,))
    ran = scene.run(command, "--json", *words)
    if name == "serve":
        ran = ran._replace(out=ran.out.splitlines()[-1])
    assert ran.err == ""
    assert decoded(ran.out, DOCUMENTS[name])
    assert json.loads(ran.out)["schema"] == f"checkpoint.{name}/1"
    assert next(iter(json.loads(ran.out))) == "schema"


def test_the_demo_takes_three_checkpoints_to_the_proof_of_all_of_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "checkpoint", "demo", "--json"],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    document = decoded(done.stdout, Demo)
    reports = [each.report for each in document.checkpoints]
    assert [(each.count.done, each.count.false_claims) for each in reports] == [(0, 0), (3, 1), (7, 0)]
    assert reports[2].is_proven
    log = git(Path(document.folder) / "remote.git", "log", "--format=%s", "main").splitlines()
    assert sum(subject.startswith("checkpoint: ") for subject in log) == 3
