"""Whether a command succeeds."""

from collections.abc import Iterator

from checkpoint.validator import Artifact, Duration, Finding, validator

_CONFIGURED = Duration(-1.0)
"""No `within`: what the option `command-timeout` says."""


def _lint(*, within: Duration = _CONFIGURED) -> None:
    if not within:
        raise ValueError("`within` needs a time above nothing, such as `60s`")


@validator(
    "command",
    on="artifact",
    examples=("`$ pytest -q` passes", "`$ make check` passes within 10m"),
    lint=_lint,
)
def command(artifact: Artifact, *, within: Duration = _CONFIGURED) -> Iterator[Finding]:
    """The command, run with the shell in the team's folder, ends with status 0.

    Without `within` it may take what the option `command-timeout` says, 5 minutes unless set.
    It runs only after a person approved it, word by word. Its output is kept as evidence.
    """
    _lint(within=within)
    outcome = artifact.services.run(artifact.path, within if within > 0 else None)
    artifact.keep("output", outcome.output)
    if outcome.timed_out:
        limit = f"an end within {within:g}s" if within > 0 else "an end in time"
        yield _finding(artifact.path, limit, "still running, ended")
    elif outcome.status < 0:
        yield _finding(artifact.path, "exit status 0", f"ended by signal {-outcome.status}")
    elif outcome.status:
        yield _finding(artifact.path, "exit status 0", f"exit status {outcome.status}")


def _finding(command: str, expected: str, found: str) -> Finding:
    return Finding(expected, found, "", f"make `{command}` pass; `checkpoint show` has its output")
