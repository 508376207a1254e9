"""`checkpoint serve` over a repository of 100,000 files, as rows of the table of this package."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.scale.model import Row


def measure(checkpoint: Path, repository: Path) -> Sequence[Row]:
    """The rows of `serve`: `checkpoint` is the command, `repository` a clean clone that may be changed."""
    return (Row("under `serve`", None, 20.0, "ms", note=f"{checkpoint.name} of {repository.name} has no measure yet"),)
