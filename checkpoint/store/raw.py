"""Raw output, each text in a file named by the sha256 of what it holds."""

from __future__ import annotations

import hashlib
import os

from checkpoint import private

LIMIT = 1024 * 1024
"""The most bytes kept of one text: its head and its tail, with a line between that says what was left out."""


class RawFiles:
    """The files of one folder. One that is added again becomes recent again, so that pruning leaves it."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def add(self, text: str, limit: int = LIMIT) -> tuple[str, int]:
        """Keeps the text; returns the digest to read it by, and how many bytes are kept."""
        content = cut(text.encode(errors="backslashreplace"), limit)
        digest = hashlib.sha256(content).hexdigest()
        private.make_folder(self._folder)
        if not self._touch(digest):
            private.write(self._path(digest), content)
        return digest, len(content)

    def read(self, digest: str) -> str | None:
        """The text as it was kept; None where it has been pruned."""
        content = private.read(self._path(digest))
        return None if content is None else content.decode(errors="replace")

    def _path(self, digest: str) -> str:
        return f"{self._folder}/{digest}"

    def _touch(self, digest: str) -> bool:
        try:
            os.utime(self._path(digest), follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True


def cut(content: bytes, limit: int) -> bytes:
    """The content, or where it is longer than `limit` bytes its head and its tail around a note."""
    left_out = len(content) - limit
    if left_out <= 0:
        return content
    return content[: limit // 2] + f"\n[{left_out} bytes left out]\n".encode() + content[len(content) - limit // 2 :]
