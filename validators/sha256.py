"""Whether a file is exactly the one that is meant."""

import hashlib
import re
from collections.abc import Iterator

from checkpoint.validator import Artifact, Finding, validator

_LIMIT = 1024 * 1024 * 1024
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
_EXAMPLE = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"


def _lint(digest: str) -> None:
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"`{digest}` is not a sha256: 64 hexadecimal digits")


@validator("sha256", empty=True, examples=(f"`model.bin` sha256 `{_EXAMPLE}`",), lint=_lint)
def sha256(artifact: Artifact, digest: str) -> Iterator[Finding]:
    """The file's content has this sha256, in 64 hexadecimal digits. Files of up to 1 GiB."""
    _lint(digest)
    found = hashlib.sha256(artifact.read(_LIMIT)).hexdigest()
    if found != digest.lower():
        action = f"deliver as `{artifact.path}` the very file that the plan names"
        yield Finding(f"sha256 {digest.lower()}", f"sha256 {found}", artifact.path, action)
