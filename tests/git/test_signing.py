"""Signed commits, with real keys."""

import shutil
import subprocess
from pathlib import Path

import pytest

from checkpoint.errors import PublishError
from tests.git.sourcing import publish, source_of
from tests.helpers.repositories import git, head, make_published


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen")
def test_signed_with_an_ssh_key(tmp_path: Path) -> None:
    work, remote = make_published(tmp_path)
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    for name, value in {"gpg.format": "ssh", "user.signingkey": f"{key}.pub", "commit.gpgsign": "true"}.items():
        git(work, "config", name, value)
    assert publish(source_of(work), "one") == head(remote, "main")
    signers = tmp_path / "signers"
    signers.write_text(f"ada@example.org {Path(f'{key}.pub').read_text()}")
    git(work, "fetch", "-q")
    git(work, "-c", f"gpg.ssh.allowedSignersFile={signers}", "verify-commit", "origin/main")


@pytest.mark.skipif(shutil.which("gpg") is None, reason="needs gpg")
def test_a_missing_gpg_key_publishes_nothing(tmp_path: Path) -> None:
    work, remote = make_published(tmp_path)
    git(work, "config", "commit.gpgsign", "true")
    before = head(remote, "main")
    with pytest.raises(PublishError, match="could not be signed"):
        publish(source_of(work), "one")
    assert head(remote, "main") == before
