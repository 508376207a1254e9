"""Programs that one could use instead, each in an environment of its own, and none of them a dependency of ours."""

import subprocess
import sys
import venv
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from shutil import which

PROFILER = "py-spy"
PYTHON: Mapping[str, tuple[str, ...]] = {
    PROFILER: ("py-spy>=0.4",),
    "dvc": ("dvc>=3.60",),
    "doit": ("doit>=0.36",),
    "pre-commit": ("pre-commit>=4",),
    "snakemake": ("snakemake>=9",),
    "naive": ("gitpython>=3.1", "jinja2>=3.1", "markdown-it-py>=3", "pydantic>=2.10", "rich>=14", "typer>=0.15"),
    "watchdog": ("watchdog>=6",),
}
"""What to install for each, with a lower bound."""
SYSTEM = (
    ("ninja", "--version"),
    ("make", "--version"),
    ("sha256sum", "--version"),
    ("xargs", "--version"),
    ("bwrap", "--version"),
    ("dpkg-query", "-W", "-f", "mtree ${Version}", "mtree-netbsd"),
)
"""How each program of the system says its version."""
_VERSIONS = "import sys, importlib.metadata as m; print(*(f'{n} {m.version(n)}' for n in sys.argv[1:]), sep='\\n')"


def install(folder: Path, say: Callable[[str], None], names: Collection[str] = ()) -> None:
    """Makes what is missing. A peer that cannot be installed is left out, and said so where it would be measured.

    All but the profiler are made unless some are named.
    """
    for name, requirements in PYTHON.items():
        is_wanted = name in (names or PYTHON.keys() - {PROFILER})
        if not is_wanted or (folder / name / ".complete").exists():
            continue
        say(f"installing {name}")
        venv.create(folder / name, clear=True, with_pip=False)
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", folder / name / "bin" / "python")
        done = subprocess.run([*pip, "install", "--quiet", *requirements], capture_output=True, text=True, check=False)
        if done.returncode:
            say(f"{name} could not be installed: {done.stderr.strip()[-300:]}")
        else:
            (folder / name / ".complete").touch()


def program(folder: Path, name: str) -> Path | None:
    """The command of a peer, or the interpreter where it is a library, or a stack of them."""
    found = folder / name / "bin" / ("python" if name in ("naive", "watchdog") else name)
    return found if (folder / name / ".complete").exists() else None


def versions(folder: Path) -> list[str]:
    """The versions of all that is there: `dvc 3.60.0`."""
    found = [_said(words) for words in SYSTEM if which(words[0])]
    for name, requirements in PYTHON.items():
        python = folder / name / "bin" / "python"
        if program(folder, name):
            script = (
                "import sys, importlib.metadata as m; print(*(f'{n} {m.version(n)}' for n in sys.argv[1:]), sep='\\n')"
            )
            names = [each.split(">")[0] for each in requirements]
            found += subprocess.check_output([python, "-c", script, *names], text=True).splitlines()
    return list(dict.fromkeys(filter(None, found)))


def _said(words: Sequence[str]) -> str:
    """The first line of what a program says, with its name."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    line = done.stdout.partition("\n")[0]
    return "" if done.returncode else line if line[:1].isalpha() else f"{words[0]} {line}"
