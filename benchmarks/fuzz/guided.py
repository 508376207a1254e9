"""One target, searched by atheris: inputs that reach new lines are kept and changed further.

Run as a program of its own, since atheris ends the process: `guided NAME SECONDS CORPUS FINDINGS SEED`, where CORPUS
and FINDINGS are folders. Ends with a status other than 0 after the first input that shows a fault, which is then in
FINDINGS.
"""

import importlib
import random
import sys
import warnings
from pathlib import Path
from typing import Any

atheris: Any = importlib.import_module("atheris")
with atheris.instrument_imports(include=["checkpoint", "markdown_it", "tomllib", "yaml"], enable_loader_override=False):
    targets = importlib.import_module("benchmarks.fuzz.targets")
mutation = importlib.import_module("benchmarks.fuzz.mutation")

SLOWEST = 60
"""Seconds that an input may take before it counts as one that never ends."""


def changed(data: bytes, most: int, seed: int) -> bytes:
    """A change of ours three times of four, else one of libFuzzer's, which knows what the code compares with."""
    if random.Random(seed).random() < 0.25:
        return bytes(atheris.Mutate(data, most))
    return bytes(mutation.mutated(data, seed, b"", most))


def crossed(one: bytes, other: bytes, most: int, seed: int) -> bytes:
    return bytes(mutation.mutated(one, seed, other, most))


def main(name: str, seconds: str, corpus: str, findings: str, seed: str) -> None:
    target = targets.TARGETS[name]
    for number, start in enumerate(target.starts()):
        (Path(corpus) / f"start-{number}").write_bytes(start)
    warnings.simplefilter("error")
    options = [
        f"-max_total_time={seconds}",
        f"-artifact_prefix={findings}/",
        f"-max_len={target.most}",
        f"-timeout={SLOWEST}",
        f"-seed={seed}",
        "-print_final_stats=1",
        "-rss_limit_mb=4096",
        corpus,
    ]
    atheris.Setup([sys.argv[0], *options], target.check, custom_mutator=changed, custom_crossover=crossed)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
