"""Signed commits, with real keys: signed as the person's own are, or not made at all."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checkpoint.errors import CheckpointError, PublishError
from checkpoint.git.failures import not_signed
from checkpoint.git.source import Source
from checkpoint.git.sources import open_source
from tests.git.sourcing import checkout_of, message, publish, source_of
from tests.helpers.programs import Program
from tests.helpers.repositories import git, head, make_published, make_repository, push_edit

needs_ssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")
needs_gpg = pytest.mark.skipif(shutil.which("gpg") is None, reason="needs gpg")
SIGNS = "cat > /dev/null; echo '[GNUPG:] SIG_CREATED ' >&2; printf -- '-----BEGIN SIGNED MESSAGE-----\\n'"


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A repository, with its remote, whose commits are to be signed."""
    work, remote = make_published(tmp_path)
    configure(work, {"commit.gpgsign": "true"})
    return work, remote


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Makes a key for Ada in a key ring of this test; with a passphrase, nobody is there to type it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # a socket's path is short
        monkeypatch.setenv("GNUPGHOME", folder)
        Path(folder, "gpg-agent.conf").write_text("pinentry-program /bin/false\n")

        def make(passphrase: str = "", expire: str = "never") -> None:
            words = ["--batch", "--quiet", "--passphrase", passphrase, "--quick-gen-key"]
            subprocess.run(["gpg", *words, "Ada Lovelace <ada@example.org>", "ed25519", "sign", expire], check=True)
            subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=True)  # it knows the passphrase

        yield make
        subprocess.run(["gpgconf", "--kill", "all"], check=False)


def configure(work: Path, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        git(work, "config", name, value)


def ssh_key(folder: Path, passphrase: str = "") -> Path:
    key = folder / "key"
    words = ["-q", "-t", "ed25519", "-N", passphrase, "-C", "ada@example.org"]
    subprocess.run(["ssh-keygen", *words, "-f", str(key)], check=True)
    return key


def is_signed(work: Path, made: str, key: Path) -> None:
    """Fails unless git itself takes the commit for Ada's."""
    signers = key.with_name("signers")
    signers.write_text(f"ada@example.org {Path(f'{key}.pub').read_text()}")
    git(work, "fetch", "-q", "--all")
    git(work, "-c", f"gpg.ssh.allowedSignersFile={signers}", "verify-commit", made)


def signature(remote: Path, made: str) -> bool:
    return re.search(r"(?m)^gpgsig(-sha256)? ", git(remote, "cat-file", "commit", made)) is not None


def fails(source: Source, where: Path, why: str) -> PublishError:
    """The error of a commit that could not be signed, after which the branch is where it was."""
    before = head(where, "main")
    with pytest.raises(PublishError, match="could not be signed") as caught:
        publish(source, "one")
    assert head(where, "main") == before
    assert why in caught.value.why
    assert (caught.value.exit_code, "git config commit.gpgsign false" in caught.value.mend) == (4, True)
    return caught.value


@needs_ssh
def test_signed_with_an_ssh_key(pair: tuple[Path, Path], tmp_path: Path) -> None:
    work, remote = pair
    key = ssh_key(tmp_path)
    configure(work, {"gpg.format": "ssh", "user.signingkey": f"{key}.pub"})
    made = publish(source_of(work), "one")
    assert made == head(remote, "main")
    is_signed(work, made, key)


@needs_ssh
def test_a_keys_path_counts_from_the_persons_repository(
    pair: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, _ = pair
    key = ssh_key(tmp_path)
    configure(work, {"gpg.format": "ssh", "user.signingkey": "../key.pub"})
    (tmp_path / "far/away").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "far/away")
    is_signed(work, publish(source_of(work), "one"), key)


@needs_ssh
def test_the_repositorys_key_goes_before_the_persons(pair: tuple[Path, Path], tmp_path: Path) -> None:
    work, _ = pair
    git(work, "config", "--global", "user.signingkey", str(tmp_path / "no-such-key"))
    key = ssh_key(tmp_path)
    configure(work, {"gpg.format": "ssh", "user.signingkey": f"{key}.pub"})
    is_signed(work, publish(source_of(work), "one"), key)


@needs_ssh
def test_without_a_remote(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work")
    key = ssh_key(tmp_path)
    configure(work, {"commit.gpgsign": "true", "gpg.format": "ssh", "user.signingkey": f"{key}.pub"})
    is_signed(work, publish(source_of(work), "one"), key)


@needs_ssh
def test_a_commit_with_two_parents_is_signed_too(pair: tuple[Path, Path], tmp_path: Path) -> None:
    work, remote = pair
    key = ssh_key(tmp_path)
    configure(work, {"gpg.format": "ssh", "user.signingkey": f"{key}.pub"})
    plan = "---\ncheckpoint: 1\n---\n\n# Plan\n\n<!-- checkpoint:status -->\n{}<!-- /checkpoint:status -->\n"
    push_edit(work, {"plan.md": plan.format("")})
    source = open_source(checkout_of(work), str(tmp_path / "state"), aside="status")
    for name in ("one", "two"):
        tip = source.tip("plan.md")
        made = source.publish(tip, "plan.md", plan.format(f"{name}\n").encode(), message(name))
        push_edit(work, {f"{name}.txt": name})
    assert len(git(remote, "rev-list", "--parents", "-n1", made).split()) == 3
    is_signed(work, made, key)


@needs_ssh
@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({}, "signingkey"),
        ({"user.signingkey": "/no/such/key.pub"}, "load public key /no/such/key.pub"),
        ({"user.signingkey": "KEY.pub", "gpg.ssh.program": "/no/such/program"}, "/no/such/program"),
        ({"user.signingkey": "KEY.pub", "gpg.ssh.program": "/bin/true"}, "signing data"),
    ],
    ids=["no key chosen", "no such key", "no such program", "a program that does nothing"],
)
def test_ssh_that_cannot_sign(pair: tuple[Path, Path], tmp_path: Path, settings: dict[str, str], why: str) -> None:
    work, remote = pair
    key = ssh_key(tmp_path)
    chosen = {name: value.replace("KEY", str(key)) for name, value in settings.items()}
    configure(work, {"gpg.format": "ssh", **chosen})
    fails(source_of(work), remote, why)


@needs_ssh
def test_a_key_with_a_passphrase_that_nobody_can_type(pair: tuple[Path, Path], tmp_path: Path) -> None:
    work, remote = pair
    configure(work, {"gpg.format": "ssh", "user.signingkey": f"{ssh_key(tmp_path, 'secret')}.pub"})
    fails(source_of(work), remote, "passphrase")


@needs_ssh
def test_a_key_that_only_an_agent_could_have(pair: tuple[Path, Path], tmp_path: Path) -> None:
    work, remote = pair
    key = ssh_key(tmp_path)
    key.unlink()
    configure(work, {"gpg.format": "ssh", "user.signingkey": f"key::{Path(f'{key}.pub').read_text().strip()}"})
    fails(source_of(work), remote, "No private key found")


@needs_gpg
def test_signed_with_an_openpgp_key(pair: tuple[Path, Path], ring: Callable[..., None]) -> None:
    work, remote = pair
    ring()
    made = publish(source_of(work), "one")
    assert made == head(remote, "main")
    git(work, "fetch", "-q")
    git(work, "verify-commit", made)


@needs_gpg
@pytest.mark.parametrize("key", [None, ("secret",), ("", "seconds=1")], ids=["missing", "locked", "expired"])
def test_openpgp_that_cannot_sign(
    pair: tuple[Path, Path], ring: Callable[..., None], key: tuple[str, ...] | None, tmp_path: Path
) -> None:
    work, remote = pair
    if key:
        ring(*key)
    if key == ("", "seconds=1"):  # it has run out by this program's clock
        configure(work, {"gpg.program": str(tmp_path / "later")})
        Program(tmp_path, "later", 'exec gpg --faked-system-time 20500101T000000 "$@"')
    fails(source_of(work), remote, "gpg failed to sign")


def test_x509_by_its_own_program(pair: tuple[Path, Path], tmp_path: Path) -> None:
    work, remote = pair
    program = Program(tmp_path, "smime", SIGNS)
    configure(work, {"gpg.format": "x509", "gpg.x509.program": str(tmp_path / "smime"), "user.signingkey": "0xADA"})
    made = publish(source_of(work), "one")
    assert signature(remote, made)
    assert "0xADA" in program.calls()[0]


@pytest.mark.parametrize("name", ["gpg.program", "gpg.x509.program"])
@pytest.mark.parametrize("program", ["/no/such/program", "/bin/true", "/bin/false"])
def test_a_program_that_does_not_sign(pair: tuple[Path, Path], name: str, program: str) -> None:
    work, remote = pair
    configure(work, {"gpg.format": "x509" if "x509" in name else "openpgp", name: program})
    fails(source_of(work), remote, program if program == "/no/such/program" else "gpg failed to sign")


def test_a_format_that_git_does_not_know(pair: tuple[Path, Path]) -> None:
    work, remote = pair
    before = head(remote, "main")
    configure(work, {"gpg.format": "wax"})
    with pytest.raises(CheckpointError) as caught:
        publish(source_of(work), "one")
    assert "gpg.format" in caught.value.why
    assert head(remote, "main") == before


def test_a_disk_that_is_full_is_no_matter_of_keys() -> None:
    said = not_signed("error: unable to write file x: No space left on device", timed_out=False)
    assert (said.what, said.exit_code) == ("git commit-tree failed", 6)


def test_a_key_that_waits_for_somebody_is() -> None:
    said = not_signed("", timed_out=True)
    assert (said.what, said.exit_code) == ("the commit could not be signed", 4)
    assert "passphrase" in said.why


@needs_ssh
def test_a_push_is_signed_where_the_person_asks_for_it(pair: tuple[Path, Path], tmp_path: Path) -> None:
    work, remote = pair
    key = ssh_key(tmp_path)
    configure(work, {"gpg.format": "ssh", "user.signingkey": f"{key}.pub", "push.gpgSign": "true"})
    git(remote, "config", "receive.certNonceSeed", "seed")
    hook = remote / "hooks/post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\necho "$GIT_PUSH_CERT" > cert\n')
    hook.chmod(0o755)
    publish(source_of(work), "one")
    assert len((remote / "cert").read_text().strip()) == 40
