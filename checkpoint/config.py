"""Every option, declared once, and how values from several places become one configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NewType

import msgspec

from checkpoint import DEFAULT_PLAN
from checkpoint.arguments import duration, size
from checkpoint.errors import ConfigurationError
from checkpoint.lazy import load
from checkpoint.validator import Duration, Size

DEFAULT = "default"


PlanPath = NewType("PlanPath", str)
"""A path relative to the repository's top, and inside of the repository."""
Requests = NewType("Requests", str)
"""`auto`, `off`, or the program that asks for merges."""
Jobs = NewType("Jobs", int)
"""A number, or `auto`, which is 0."""
Confinement = NewType("Confinement", str)
"""`auto`, `on` or `off`: whether commands run in a sandbox."""
Credential = NewType("Credential", str)
"""Where a secret is, never the secret itself (`checkpoint.credentials`)."""


class Option(msgspec.Struct, frozen=True):
    """One option: its default as a user writes it, and its help.

    `harmless` options may also stand in the repository's `checkpoint.toml`: that file is content like any other, so
    it decides nothing about what runs, what is written where, and where anything is sent.
    """

    name: str
    default: str
    help: str
    harmless: bool = False

    @property
    def field(self) -> str:
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        return f"CHECKPOINT_{self.field.upper()}"

    @property
    def kind(self) -> str:
        """The name of the type of its field in `Configuration`."""
        kind: str = Configuration.__annotations__[self.field]
        return kind


class Configuration(msgspec.Struct, frozen=True):
    """The value of every option, and where each comes from: a file, a variable, the command line, or `default`."""

    plan: PlanPath
    remote: str
    branch: str
    publish_branch: str
    pull_request: Requests
    skip_ci: bool
    git_timeout: Duration
    command_timeout: Duration
    command_jobs: Jobs
    sandbox: Confinement
    sandbox_readable: tuple[str, ...]
    sandbox_writable: tuple[str, ...]
    lock_wait: Duration
    keep_days: int
    keep_size: Size
    notify: tuple[str, ...]
    terminals: tuple[str, ...]
    notice_folder: str
    slack_channel: tuple[str, ...]
    slack_token: Credential
    slack_webhook: Credential
    slack_api: str
    apprise: Credential
    poll: Duration
    ping: Credential
    sources: dict[str, str]


OPTIONS = (
    Option("plan", DEFAULT_PLAN, "the plan, relative to the repository's top", harmless=True),
    Option("remote", "", "the remote to publish to; empty: the branch's own, else `origin`, else the only one"),
    Option("branch", "", "the branch that the plan is on; empty: the one that is checked out"),
    Option("publish-branch", "", "the branch of the remote to publish to; empty: the one that the plan is on"),
    Option("pull-request", "auto", "what asks to merge it: `gh`, `glab` or `tea`; `auto`: by the host; `off`: nothing"),
    Option("skip-ci", "false", "whether a checkpoint's commit asks CI not to run for it (`[skip ci]`)"),
    Option("git-timeout", "120s", "how long one exchange with a remote may take"),
    Option("command-timeout", "300s", "how long a command of the plan may run, unless it says `within`", harmless=True),
    Option("command-jobs", "auto", "how many commands of a plan run at the same time; `auto`: one more than cores"),
    Option("sandbox", "auto", "whether commands run in bubblewrap: `on`, `off`, or `auto`, where it is installed"),
    Option("sandbox-readable", "", "folders of your home that commands see there, such as `~/sdk`"),
    Option("sandbox-writable", "", "folders in which commands write there for good, such as `build, ~/.cache/pip`"),
    Option("lock-wait", "10s", "how long to wait for another checkpoint of the same plan to end"),
    Option("keep-days", "30", "for how many days the private store keeps runs and their evidence"),
    Option("keep-size", "500MB", "the most that the private store keeps"),
    Option("notify", "terminal, file", "the notifiers that are told, separated by commas; empty: none"),
    Option("terminals", "/dev/pts/*, /dev/ttys*", "the terminals that may be written to; empty: none"),
    Option("notice-folder", "", "where the notifier `file` writes; empty: in the private store"),
    Option("slack-channel", "", "Slack channels, as `#plans`; `TEAM=#channel` gets what concerns that team alone"),
    Option("slack-token", "", "a Slack bot's token, as `file:PATH` or `env:NAME`"),
    Option("slack-webhook", "", "a Slack incoming webhook's address, instead of a bot, as `file:PATH` or `env:NAME`"),
    Option("slack-api", "https://slack.com/api/", "where Slack's API is"),
    Option("apprise", "", "addresses of services, one a line, for apprise to tell, as `file:PATH` or `env:NAME`"),
    Option("poll", "30s", "how often `serve` asks the remote for what is new"),
    Option("ping", "", "an address that hears of each scheduled checkpoint, as `file:PATH` or `env:NAME`"),
)

_BY_NAME = {option.name: option for option in OPTIONS}


class Layer(msgspec.Struct, frozen=True):
    """Options that one place sets, by name. With `harmless_only` it may not set the others."""

    source: str
    values: Mapping[str, object]
    harmless_only: bool = False


def environment(environ: Mapping[str, str]) -> Layer:
    """What the variables `CHECKPOINT_*` set; an empty one says nothing where an option cannot be empty."""
    values = {
        option.name: environ[option.variable]
        for option in OPTIONS
        if option.variable in environ and (environ[option.variable] or _may_be_empty(option))
    }
    return Layer("environment", values)


def resolve(layers: Iterable[Layer]) -> Configuration:
    """The configuration that these layers make, a later one over an earlier one.

    Raises ConfigurationError for an unknown option, a value that is none of its kind, or one that a layer may not set.
    """
    values: dict[str, Any] = {option.field: _convert(option, option.default, DEFAULT) for option in OPTIONS}
    sources = {option.name: DEFAULT for option in OPTIONS}
    for layer in layers:
        for name, value in layer.values.items():
            option = _option(name, layer)
            values[option.field] = _convert(option, value, layer.source)
            sources[name] = option.variable if layer.source == "environment" else layer.source
    return Configuration(**values, sources=sources)


def _option(name: str, layer: Layer) -> Option:
    option = _BY_NAME.get(name)
    if option is None:
        near = load("difflib").get_close_matches(name, _BY_NAME, 1)
        mend = f"did you mean `{near[0]}`?" if near else f"the options are: {', '.join(_BY_NAME)}"
        raise ConfigurationError(f"`{name}` is no option", why=f"it is set in {layer.source}", mend=mend)
    if layer.harmless_only and not option.harmless:
        why = f"{layer.source} is part of the repository, so whoever can push could change it"
        mend = f"set it in your own configuration, or as {option.variable}"
        raise ConfigurationError(f"`{name}` cannot be set by a repository", why=why, mend=mend)
    return option


def _convert(option: Option, value: object, source: str) -> Any:
    word = ", ".join(value) if isinstance(value, list) and all(isinstance(each, str) for each in value) else value
    if isinstance(word, int) and (option.kind == "bool" or not isinstance(word, bool)):
        word = str(word).lower()
    try:
        if not isinstance(word, str):
            raise ValueError(f"`{value}` is neither a text nor a whole number")
        return _CONVERTERS[option.kind](word)
    except (ValueError, OverflowError) as error:
        mend = f"write it as in: {option.name} = {_example(option)}"
        raise ConfigurationError(f"`{option.name}` in {source} is wrong", why=str(error), mend=mend) from error


def _may_be_empty(option: Option) -> bool:
    return option.kind == "tuple[str, ...]" or (option.kind in ("str", "Credential") and not option.default)


def _example(option: Option) -> str:
    if option.kind == "Credential":
        return f'"file:~/.config/checkpoint/{option.name}"'
    return option.default if option.kind in ("int", "bool") else f'"{option.default}"'


def _text(word: str) -> str:
    if not word.isprintable():
        raise ValueError("it holds a control character")
    return word


def _plan_path(word: str) -> PlanPath:
    if any(part in ("", ".", "..") for part in word.split("/")):
        raise ValueError(f"`{word}` is no plain path below the repository's top")
    return PlanPath(_text(word))


def _credential(word: str) -> Credential:
    kind, _, name = word.partition(":")
    if word and (kind not in ("env", "file") or not name):
        raise ValueError("a secret does not stand in a configuration: say where it is, as `file:PATH` or `env:NAME`")
    return Credential(_text(word))


def _requests(word: str) -> Requests:
    if word not in ("auto", "off", "gh", "glab", "tea"):
        raise ValueError(f"`{word}` is none of `auto`, `off`, `gh`, `glab` and `tea`")
    return Requests(word)


def _confinement(word: str) -> Confinement:
    if word not in ("auto", "on", "off"):
        raise ValueError(f"`{word}` is none of `auto`, `on` and `off`")
    return Confinement(word)


def _switch(word: str) -> bool:
    if word not in ("true", "false"):
        raise ValueError(f"`{word}` is neither `true` nor `false`")
    return word == "true"


def _positive(word: str) -> int:
    if not word.isascii() or not word.isdigit() or not int(word):
        raise ValueError(f"`{word}` is not a whole number above 0")
    return int(word)


def _jobs(word: str) -> Jobs:
    return Jobs(0 if word == "auto" else _positive(word))


def _names(word: str) -> tuple[str, ...]:
    return tuple(name for name in (_text(part.strip()) for part in word.split(",")) if name)


_CONVERTERS: dict[str, Callable[[str], Any]] = {
    "str": _text,
    "PlanPath": _plan_path,
    "Credential": _credential,
    "Requests": _requests,
    "Confinement": _confinement,
    "bool": _switch,
    "int": _positive,
    "Jobs": _jobs,
    "Size": size,
    "Duration": duration,
    "tuple[str, ...]": _names,
}
