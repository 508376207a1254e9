"""Prints the completion script for a shell.

bash: `eval "$(checkpoint completion bash)"`; zsh: write it to a file `_checkpoint` in your fpath;
fish: `checkpoint completion fish > ~/.config/fish/completions/checkpoint.fish`.
"""

from __future__ import annotations

import argparse
import sys

import shtab

SHELLS = ("bash", "zsh", "fish")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS)


def run(options: argparse.Namespace) -> int:
    sys.stdout.write(shtab.complete(options.whole_parser(), options.shell) + "\n")
    return 0
