"""Whether a command succeeds."""

from collections.abc import Iterator

from checkpoint.validator import Artifact, Duration, Finding, validator

_CONFIGURED = Duration(-1.0)
"""No `within`: what the option `command-timeout` says."""


def _lint(
    *,
    within: Duration = _CONFIGURED,
    with_network: bool = False,
    without_sandbox: bool = False,
    reads: tuple[str, ...] = (),
) -> None:
    if not within:
        raise ValueError("`within` needs a time above nothing, such as `60s`")
    if with_network and without_sandbox:
        raise ValueError("`without-sandbox` has the network already")
    for each in reads:
        if each.startswith(("/", "~")) or ".." in each.split("/"):
            raise ValueError(f"`{each}` is no path of the team's folder")


@validator(
    "command",
    on="artifact",
    examples=(
        "`$ pytest -q` passes",
        "`$ make check` passes within 10m",
        "`$ pytest -q` passes (reads `src/**` `tests/**`)",
        "`$ npm ci && npm test` passes with-network",
        "`$ docker compose run tests` passes without-sandbox",
    ),
    lint=_lint,
)
def command(
    artifact: Artifact,
    *,
    within: Duration = _CONFIGURED,
    with_network: bool = False,
    without_sandbox: bool = False,
    reads: tuple[str, ...] = (),
) -> Iterator[Finding]:
    """The command, run with the shell in the team's folder, ends with status 0.

    Without `within` it may take what the option `command-timeout` says, 5 minutes unless set.
    It runs only after a person approved it, word by word, and where bubblewrap is installed in a sandbox: an empty
    home, no network unless it is `with-network`, and what it writes is thrown away. Its output is kept as evidence.

    `(reads …)` names the paths and globs of the team's folder that its outcome depends on. It is not run again as long
    as they hold what they held when it last ended by itself.
    """
    _lint(within=within, with_network=with_network, without_sandbox=without_sandbox, reads=reads)
    limit = within if within > 0 else None
    outcome = artifact.services.run(artifact.path, limit, network=with_network, outside=without_sandbox, reads=reads)
    artifact.keep("output", outcome.output)
    if outcome.sandbox:
        artifact.keep("sandbox", outcome.sandbox)
    if outcome.timed_out:
        limit_words = f"an end within {within:g}s" if within > 0 else "an end in time"
        yield _finding(artifact.path, limit_words, "still running, ended")
    elif outcome.status < 0:
        yield _finding(artifact.path, "exit status 0", f"ended by signal {-outcome.status}")
    elif outcome.status:
        yield _finding(artifact.path, "exit status 0", f"exit status {outcome.status}")


def _finding(command: str, expected: str, found: str) -> Finding:
    return Finding(expected, found, "", f"make `{command}` pass; `checkpoint show` has its output")
