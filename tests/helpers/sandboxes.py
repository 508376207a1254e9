"""Whether this machine can show commands less than there is."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from checkpoint.sandbox import View, objection, prepare

DEEP = "i=0; while [ $i -lt 1500 ]; do mkdir a && cd -P a || exit 1; i=$((i + 1)); done"
"""Makes folders in folders, deeper than a program can go that calls itself for each."""


def why_not(*, layers: bool = True) -> str:
    """Why there is no sandbox here, or none that keeps what is written apart; empty where there is."""
    with tempfile.TemporaryDirectory() as name:
        top = Path(name).resolve() / "top"
        top.mkdir()
        view = View(folder=str(top), scratch=str(top.parent), home="/tmp/home", layered=(str(top),))
        prepare(view)
        return objection(view, layers=layers)


_LAYERED, _PLAIN = why_not(), why_not(layers=False)
needs_sandbox = pytest.mark.skipif(bool(_PLAIN), reason=_PLAIN or "there is a sandbox")
needs_layers = pytest.mark.skipif(bool(_LAYERED), reason=_LAYERED or "there are layers")


def on(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with a sandbox asked for: what cannot have one is an error."""
    return {**environ, "CHECKPOINT_SANDBOX": "on"}
