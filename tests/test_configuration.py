"""Configuration: every option in one table, four places, each value with its source."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.config import OPTIONS, Configuration, Layer, Option, environment, resolve
from checkpoint.config_paths import has_files
from checkpoint.configuration import read_configuration
from checkpoint.errors import ConfigurationError

PAGE = Path(__file__).parents[1] / "docs" / "configuration.md"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home" / ".config" / "checkpoint").mkdir(parents=True)
    (tmp_path / "project").mkdir()
    return tmp_path


def configure(home: Path, environ: Mapping[str, str] | None = None, **arguments: object) -> Configuration:
    return read_configuration(str(home / "project"), {"HOME": str(home / "home"), **(environ or {})}, arguments)


def user_file(home: Path) -> Path:
    return home / "home" / ".config" / "checkpoint" / "config.toml"


def test_the_options_are_the_fields() -> None:
    assert [*(option.field for option in OPTIONS), "sources"] == list(Configuration.__struct_fields__)


def test_the_page_holds_the_table() -> None:
    options = PAGE.read_text().partition("## Options\n")[2].partition("\n## ")[0]
    rows = [line for line in options.splitlines() if line.startswith("| `")]
    assert rows == [row(option) for option in OPTIONS]


def row(option: Option) -> str:
    default = f"`{option.default}` " if option.default else ""
    harmless = "yes" if option.harmless else "no"
    return f"| `{option.name}` | {default}| `{option.variable}` | {harmless} | {option.help} |"


def test_nothing_set_gives_the_defaults(home: Path) -> None:
    configuration = configure(home)
    assert configuration.plan == "plan.md"
    assert (configuration.command_timeout, configuration.keep_size) == (300.0, 500_000_000)
    assert configuration.notify == ("terminal", "file")
    assert set(configuration.sources.values()) == {"default"}


def test_a_later_place_overrules_an_earlier_one(home: Path) -> None:
    user_file(home).write_text('plan = "a.md"\ncommand-timeout = "1m"\nkeep-days = 7\n')
    (home / "project" / "checkpoint.toml").write_text('plan = "b.md"\ncommand-timeout = "2m"\n')
    configuration = configure(home, {"CHECKPOINT_PLAN": "c.md", "CHECKPOINT_KEEP_DAYS": "3"}, plan="d.md", remote=None)
    assert (configuration.plan, configuration.command_timeout, configuration.keep_days) == ("d.md", 120.0, 3)
    assert configuration.sources["plan"] == "command line"
    assert configuration.sources["command-timeout"] == str(home / "project" / "checkpoint.toml")
    assert configuration.sources["keep-days"] == "CHECKPOINT_KEEP_DAYS"
    assert configuration.sources["remote"] == "default"


@pytest.mark.parametrize("where", ["home/.config/checkpoint/config.toml", "project/checkpoint.toml"])
def test_a_file_is_noticed_without_being_read(home: Path, where: str) -> None:
    environ = {"HOME": str(home / "home")}
    assert not has_files(str(home / "project"), environ)
    (home / where).symlink_to("dangling")
    assert has_files(str(home / "project"), environ)


def test_the_users_file_lies_where_xdg_says(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)
    (home / "xdg" / "checkpoint").mkdir(parents=True)
    (home / "xdg" / "checkpoint" / "config.toml").write_text("keep-days = 9")
    assert configure(home, {"XDG_CONFIG_HOME": str(home / "xdg")}).keep_days == 9
    assert configure(home, {"XDG_CONFIG_HOME": "xdg"}).keep_days == 30


@pytest.mark.parametrize("option", [option for option in OPTIONS if not option.harmless], ids=lambda each: each.name)
def test_a_repository_sets_only_what_is_harmless(home: Path, option: Option) -> None:
    (home / "project" / "checkpoint.toml").write_text(f'{option.name} = "1"\n')
    with pytest.raises(ConfigurationError, match="cannot be set by a repository") as caught:
        configure(home)
    assert option.variable in caught.value.mend


def test_an_unknown_option_names_the_nearest(home: Path) -> None:
    user_file(home).write_text('comand-timeout = "1m"\n')
    with pytest.raises(ConfigurationError) as caught:
        configure(home)
    assert str(user_file(home)) in caught.value.why
    assert caught.value.mend == "did you mean `command-timeout`?"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("keep-days", "0"),
        ("keep-days", "two"),
        ("keep-days", -1),
        ("keep-days", True),
        ("keep-days", 1.5),
        ("keep-size", "1e3"),
        ("keep-size", "9" * 400),
        ("command-timeout", "soon"),
        ("plan", ""),
        ("plan", "/etc/plan.md"),
        ("plan", "../plan.md"),
        ("plan", "a\nb"),
        ("notify", ["file", 3]),
        ("notify", {"file": "x"}),
        ("remote", "a\x1b]0;b"),
        ("remote", True),
        ("sandbox", "maybe"),
        ("sandbox", True),
    ],
)
def test_a_value_that_is_none_of_its_kind_is_refused(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=f"`{name}` in here is wrong") as caught:
        resolve([Layer("here", {name: value})])
    assert caught.value.why
    assert name in caught.value.mend


def test_numbers_and_lists_may_be_written_as_such() -> None:
    configuration = resolve([Layer("here", {"keep-days": 4, "keep-size": 1000, "notify": ["file", "slack"]})])
    assert (configuration.keep_days, configuration.keep_size, configuration.notify) == (4, 1000, ("file", "slack"))


def test_an_empty_variable_empties_a_list_and_leaves_a_number_alone() -> None:
    layer = environment(
        {"CHECKPOINT_TERMINALS": "", "CHECKPOINT_NOTIFY": " , ", "CHECKPOINT_KEEP_DAYS": "", "CHECKPOINT_PLAN": ""}
    )
    configuration = resolve([layer])
    assert (configuration.terminals, configuration.notify, configuration.keep_days) == ((), (), 30)
    assert configuration.plan == "plan.md"


def test_other_variables_are_none_of_ours() -> None:
    assert environment({"CHECKPOINT_SOMETHING": "1", "PATH": "/bin"}).values == {}


def test_a_users_file_may_be_a_link_and_a_repositorys_may_not(home: Path) -> None:
    (home / "elsewhere.toml").write_text('plan = "a.md"')
    user_file(home).symlink_to(home / "elsewhere.toml")
    assert configure(home).plan == "a.md"
    (home / "project" / "checkpoint.toml").symlink_to(home / "elsewhere.toml")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        configure(home)


@pytest.mark.parametrize("content", [b"plan", b"\xff", b"a = " + b"[" * 30_000, b"#" * 70_000])
def test_a_file_that_is_no_configuration_is_refused(home: Path, content: bytes) -> None:
    (home / "project" / "checkpoint.toml").write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"checkpoint\.toml"):
        configure(home)


def test_a_pipe_is_refused_without_waiting_for_a_writer(home: Path) -> None:
    os.mkfifo(home / "project" / "checkpoint.toml")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        configure(home)


@given(st.dictionaries(st.sampled_from([option.name for option in OPTIONS]), st.text(), max_size=3))
def test_any_text_is_a_value_or_a_configuration_error(values: dict[str, str]) -> None:
    with suppress(ConfigurationError):
        resolve([Layer("here", values)])
