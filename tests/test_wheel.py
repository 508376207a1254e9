"""What is shipped is what is in the tree, and it works wherever it is put."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHIPPED = {"checkpoint/": "checkpoint/", "validators/": "checkpoint/validators/", "templates/": "checkpoint/templates/"}
PRINT_RESOURCES = "from checkpoint import resources as r; print(r.example_plan(), *map(r.template_source, r.TEMPLATES))"
pytestmark = pytest.mark.xdist_group("wheel")


def run(*argv: object, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [os.fspath(each) if isinstance(each, os.PathLike) else str(each) for each in argv],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(kind: str, source: Path, target: Path) -> Path:
    run(sys.executable, "-m", "build", "--no-isolation", f"--{kind}", "--outdir", target, source, cwd=source)
    (built,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


def environment(folder: Path) -> Path:
    """A virtual environment that sees this one's libraries, but not this checkout; its Python."""
    venv.create(folder, with_pip=False, symlinks=True)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder)}))
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin" / "python"


def install(python: Path, what: Path, *options: str) -> None:
    pip = (sys.executable, "-m", "pip", "--quiet", "--python", python, "install", "--no-deps", "--no-build-isolation")
    run(*pip, "--no-index", "--ignore-installed", *options, what, cwd=python.parent)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment in which the wheel is installed."""
    python = environment(tmp_path_factory.mktemp("installed") / "venv")
    install(python, wheel)
    return python


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def in_the_tree() -> dict[str, bytes]:
    """What git knows of the shipped folders, by its place in the wheel."""
    tracked = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).split("\0")
    expected = {"checkpoint/plan.example.md": (ROOT / "plan.example.md").read_bytes()}
    for name in filter(None, tracked):
        for folder, shipped in SHIPPED.items():
            if name.startswith(folder) and (ROOT / name).is_file():
                expected[shipped + name.removeprefix(folder)] = (ROOT / name).read_bytes()
    return expected


def test_the_wheel_holds_the_tree_and_nothing_else(wheel: Path) -> None:
    found = contents(wheel)
    packed = {name: data for name, data in found.items() if ".dist-info/" not in name}
    expected = in_the_tree()
    assert sorted(packed) == sorted(expected)
    assert packed == expected
    assert {name.split("/")[0] for name in found} == {"checkpoint", wheel.name.split("-py3")[0] + ".dist-info"}


def test_the_sdist_builds_the_same_wheel(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    run("tar", "-xzf", sdist, "-C", tmp_path, cwd=tmp_path)
    rebuilt = build("wheel", tmp_path / sdist.name.removesuffix(".tar.gz"), tmp_path / "again")
    assert contents(rebuilt) == contents(wheel)


def test_an_installed_wheel_knows_every_validator(installed: Path, tmp_path: Path) -> None:
    document = json.loads(run(installed.with_name("checkpoint"), "validators", "--json", cwd=tmp_path))
    ours = {path.stem.replace("_", "-") for path in (ROOT / "validators").glob("*.py")}
    assert {each["name"] for each in document["validators"]} == ours


def test_an_installed_wheel_finds_its_example_and_templates(installed: Path, tmp_path: Path) -> None:
    printed = run(installed, "-c", PRINT_RESOURCES, cwd=tmp_path)
    templates = [path.read_text() for path in sorted((ROOT / "templates").iterdir())]
    assert (ROOT / "plan.example.md").read_text() in printed
    assert all(text.strip() in printed for text in templates)


def test_another_package_of_the_name_validators_is_unharmed(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "validators.py").write_text("email = 'theirs'\n")
    text = "import validators, checkpoint.validators.exists as ours; print(validators.email, ours.__name__)"
    assert run(installed, "-c", text, cwd=tmp_path, PYTHONPATH=str(tmp_path)) == "theirs checkpoint.validators.exists\n"


def test_an_editable_install_runs_the_checkout(tmp_path: Path) -> None:
    python = environment(tmp_path / "venv")
    install(python, ROOT, "--editable")
    text = "import checkpoint.validators.exists as ours; print(ours.__file__)"
    assert run(python, "-c", text, cwd=tmp_path) == f"{ROOT / 'validators' / 'exists.py'}\n"
    assert run(python.with_name("checkpoint"), "--version", cwd=tmp_path).startswith("checkpoint ")


@pytest.mark.parametrize(
    "arguments",
    [("-m", "checkpoint", "--version"), ("-m", "checkpoint", "validators", "--json"), ("-c", PRINT_RESOURCES)],
    ids=["version", "validators", "resources"],
)
def test_a_wheel_runs_from_its_archive(
    wheel: Path, installed: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    python = environment(tmp_path / "venv")
    zipped = run(python, *arguments, cwd=tmp_path, PYTHONPATH=str(wheel))
    assert zipped == run(installed, *arguments, cwd=tmp_path)
