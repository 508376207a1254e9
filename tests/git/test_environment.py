"""The variables that git gets, and what its words are taken for: pure decisions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.errors import PublishError, Stalled
from checkpoint.git.environment import FIXED, Setting, clean, environment, passed_on
from checkpoint.git.failures import LostRace, classify, failed, not_signed, rejection, unreachable, words


def in_force(variables: dict[str, str]) -> list[tuple[str, str]]:
    count = int(variables["GIT_CONFIG_COUNT"])
    return [(variables[f"GIT_CONFIG_KEY_{n}"], variables[f"GIT_CONFIG_VALUE_{n}"]) for n in range(count)]


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_CONFIG_PARAMETERS", "GIT_ASKPASS"])
def test_what_would_lead_git_astray_goes(name: str) -> None:
    assert environment({name: "x", "HOME": "/h"}).get(name, "") == ""
    assert environment({name: "x", "HOME": "/h"})["HOME"] == "/h"


@pytest.mark.parametrize("name", ["GIT_SSL_CAINFO", "GIT_CONFIG_GLOBAL", "GIT_EXEC_PATH", "GIT_SSH", "GIT_AUTHOR_NAME"])
def test_what_git_needs_stays(name: str) -> None:
    assert environment({name: "x"})[name] == "x"


def test_nothing_of_a_hooks_commit_stays() -> None:
    within = {"GIT_INDEX_FILE": "x", "GIT_AUTHOR_NAME": "x", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "a.b"}
    assert "GIT_AUTHOR_NAME" not in clean(within)
    assert in_force(clean(within)) == []


def test_ours_comes_last_and_so_wins() -> None:
    given_by_ci = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.hooksPath", "GIT_CONFIG_VALUE_0": "/evil"}
    found = in_force(environment(given_by_ci, [Setting("core.fsmonitor", "evil")]))
    assert dict(found)["core.hooksPath"] == "/dev/null"
    assert dict(found)["core.fsmonitor"] == "false"
    assert found[-len(FIXED) :] == [(setting.key, setting.value) for setting in FIXED]


@given(
    st.dictionaries(st.text(max_size=30).map("GIT_CONFIG_".__add__) | st.just("GIT_CONFIG_COUNT"), st.text(max_size=5))
)
def test_any_environment_gives_a_consistent_one(environ: dict[str, str]) -> None:
    made = environment(environ)
    assert len(in_force(made)) == int(made["GIT_CONFIG_COUNT"])


@pytest.mark.parametrize(
    ("environ", "configured", "expected"),
    [
        ({}, "", "ssh -o BatchMode=yes"),
        ({}, "ssh -i key", "ssh -i key -o BatchMode=yes"),
        ({"GIT_SSH_COMMAND": "/usr/bin/ssh -v"}, "ssh -i key", "/usr/bin/ssh -v -o BatchMode=yes"),
        ({}, "plink -batch", "plink -batch"),
        ({}, "'C:/a b/ssh' -i key", "'C:/a b/ssh' -i key"),
    ],
)
def test_ssh_never_asks(environ: dict[str, str], configured: str, expected: str) -> None:
    assert environment(environ, ssh=configured)["GIT_SSH_COMMAND"].startswith(expected)


def test_a_program_named_for_ssh_is_left_alone() -> None:
    assert "GIT_SSH_COMMAND" not in environment({"GIT_SSH": "wrapper"})


def test_what_a_clone_needs_is_passed_on() -> None:
    keys = [
        "url.a.insteadof",
        "http.https://x.proxy",
        "credential.helper",
        "core.sshcommand",
        "user.signingkey",
        "gpg.format",
    ]
    others = ["core.hookspath", "alias.x", "filter.x.smudge", "include.path", "core.pager", "safe.directory"]
    found = passed_on(Setting(key, "v") for key in keys + others)
    assert [setting.key for setting in found if setting.value] == keys
    assert [setting.key for setting in found if not setting.value] == ["credential.helper"]


SAID = {
    "fatal: Authentication failed for 'https://x/'": "stalled",
    "remote: Permission to a/b.git denied to c.\nfatal: unable to access 'x': returned error: 403": "stalled",
    "fatal: could not read Username for 'https://x': terminal prompts disabled": "stalled",
    "git@x: Permission denied (publickey).\nfatal: Could not read from remote repository.": "stalled",
    "Host key verification failed.": "stalled",
    "fatal: '/x' does not appear to be a git repository": "stalled",
    "ssh: connect to host x port 22: Connection timed out": "retry",
    "fatal: unable to access 'https://x/': Could not resolve host: x": "retry",
    "error: RPC failed; HTTP 502 curl 22 The requested URL returned error: 502": "retry",
    "fatal: the remote end hung up unexpectedly": "retry",
    "fatal: unable to access 'x': Operation too slow. Less than 1000 bytes/sec": "retry",
    "fatal: bad object refs/heads/main": "unknown",
    "error: cannot lock ref 'refs/heads/x': Unable to create 'x.lock': File exists.": "unknown",
}


@pytest.mark.parametrize("said", SAID)
def test_the_class_of_what_was_said(said: str) -> None:
    assert classify(said) == SAID[said]
    error = unreachable("it failed", said, timed_out=False)
    assert type(error) is (Stalled if SAID[said] == "stalled" else PublishError)


def test_no_answer_in_time_may_work_later() -> None:
    error = unreachable("it failed", "", timed_out=True)
    assert (type(error), error.why) == (PublishError, "no answer in time")


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("fetch first", LostRace),
        ("non-fast-forward", LostRace),
        ("cannot lock ref 'refs/heads/main': is at a but expected b", LostRace),
        ("failed to update ref", LostRace),
        ("pre-receive hook declined", Stalled),
        ("protected branch hook declined", Stalled),
        ("shallow update not allowed", Stalled),
        ("branch is currently checked out", Stalled),
    ],
)
def test_what_a_refusal_means(reason: str, error: type[PublishError]) -> None:
    assert type(rejection(reason, "", "main")) is error


def test_the_words_of_a_server_are_one_short_line() -> None:
    said = "remote: error: GH006: Protected branch.\nremote: \nTo https://x\n! [x]\nhint: try\nremote: Ask a friend.\n"
    assert words(said) == "GH006: Protected branch; Ask a friend"
    assert len(words("x" * 10_000)) == 300


def test_local_failures_have_their_mend() -> None:
    assert "user.email" in failed("x", "*** Please tell me who you are.").mend
    assert "commit.gpgsign" in not_signed("error: gpg failed to sign the data", timed_out=False).mend
    assert "user.email" in not_signed("*** Please tell me who you are.", timed_out=False).mend
    assert type(failed("x", "fatal: something else")) is PublishError


def test_somebody_elses_repository_as_the_remote_is_a_matter_of_trust() -> None:
    error = unreachable("origin/main cannot be fetched", "fatal: detected dubious ownership in '/srv/r.git'", False)
    assert (error.exit_code, error.mend.split(":")[0]) == (6, "if you trust it")
