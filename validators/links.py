"""Whether the links of a text lead somewhere."""

import re
from collections.abc import Iterator
from itertools import islice
from posixpath import dirname, join, normpath
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from checkpoint.validator import Artifact, Finding, Unreadable, short, validator

_LIMIT = 256 * 1024
_MOST_BRACKETS = 20_000
"""Each of them may begin a link, and is looked after to the end of its paragraph."""
_MOST_FINDINGS = 20
_MARKDOWN = (".md", ".markdown")
_NOT_A_WORD = re.compile(r"[^\w\- ]")
_HTML_NAME = re.compile(r"""\b(?:id|name)\s*=\s*["']?([^"'\s>]+)""")


@validator("links", examples=("`README.md` links", "`docs/**/*.md` links"))
def links(artifact: Artifact) -> Iterator[Finding]:
    """Each relative link and image of the Markdown file leads to a file of the team, each anchor to a heading.

    Links with a scheme or a host are not followed.
    """
    found = list(islice(_broken(artifact), _MOST_FINDINGS + 1))
    yield from found[:_MOST_FINDINGS]
    if len(found) > _MOST_FINDINGS:
        yield Finding("links that lead somewhere", "more that do not", artifact.path, f"mend all of `{artifact.path}`")


def _broken(artifact: Artifact) -> Iterator[Finding]:
    pages = _Pages(artifact)
    for line, address in _addresses(pages.tokens(artifact.entry.path)):
        found = pages.fault(address)
        if found:
            expected, fault = found
            action = f"mend the link to `{short(address)}` in `{artifact.path}`, or deliver what it leads to"
            yield Finding(expected, fault, f"{artifact.path}:{line}", action)


def _addresses(tokens: list[Token]) -> Iterator[tuple[int, str]]:
    for token in tokens:
        line = token.map[0] + 1 if token.map else 0
        for inner in token.children or ():
            if inner.type in ("softbreak", "hardbreak"):
                line += 1
            elif inner.type in ("link_open", "image"):
                yield line, str(inner.attrGet("href" if inner.type == "link_open" else "src") or "")


class _Pages:
    """The Markdown files that links lead to, each read once."""

    def __init__(self, artifact: Artifact) -> None:
        self._artifact = artifact
        self._anchors: dict[str, set[str]] = {}
        self._markdown = MarkdownIt("commonmark").enable("table")

    def tokens(self, path: str) -> list[Token]:
        data = self._artifact.tree.read(path, _LIMIT)
        if data.count(b"[") > _MOST_BRACKETS:
            action = f"split `{path}` into smaller files"
            raise Unreadable(Finding(f"at most {_MOST_BRACKETS:,} brackets", "more", path, action))
        return self._markdown.parse(data.decode("utf-8", "replace"))

    def fault(self, address: str) -> tuple[str, str] | None:
        """What was expected and what was found, where a link leads nowhere."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return "an address", f"`{short(address)}`"
        if parts.scheme or parts.netloc:
            return None
        own = self._artifact.entry.path
        path, anchor = unquote(parts.path), unquote(parts.fragment)
        target = normpath(join(dirname(own), path)) if path else own
        if target.startswith(("../", "/")) or target == "..":
            return "a link within the team's folder", f"`{short(path)}`"
        fault = self._no_file(target)
        if fault or not anchor or not target.lower().endswith(_MARKDOWN):
            return fault
        heading = anchor.lower() in self._names(target) or anchor in self._names(target) or anchor == "top"
        return None if heading else (f"the heading `#{short(anchor)}` in `{short(target)}`", "no such heading")

    def _no_file(self, target: str) -> tuple[str, str] | None:
        if target == ".":
            return None
        try:
            entry = self._artifact.tree.entry(target)
        except Unreadable as error:
            return f"`{short(target)}`", error.finding.found
        if entry is None:
            return f"`{short(target)}`", "no such file"
        return None if entry.kind in ("file", "folder") else (f"the file `{short(target)}`", f"a {entry.kind}")

    def _names(self, path: str) -> set[str]:
        if path not in self._anchors:
            self._anchors[path] = set(_anchors(self.tokens(path)))
        return self._anchors[path]


def _anchors(tokens: list[Token]) -> Iterator[str]:
    """The names of headings as GitHub makes them, and those that HTML in the text gives."""
    seen: dict[str, int] = {}
    previous = ""
    for token in tokens:
        if previous == "heading_open":
            name = _NOT_A_WORD.sub("", _text(token).strip().lower()).replace(" ", "-")
            count = seen[name] = seen.get(name, -1) + 1
            yield f"{name}-{count}" if count else name
        html = [inner.content for inner in (token, *(token.children or ())) if inner.type.startswith("html_")]
        for piece in html:
            yield from _HTML_NAME.findall(piece)
        previous = token.type


def _text(token: Token) -> str:
    return "".join(inner.content for inner in token.children or () if inner.type in ("text", "code_inline"))
