"""What Slack would make of a message beyond showing it: mentions, links, previews, emoji, pictures."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_SEQUENCE = re.compile(r"<[^<>\s][^<>]*>")
"""`<!channel>`, `<@U1>`, `<#C1>`, `<http://x|y>`: expanded whatever `verbatim` and `parse` say."""
_PARSED = re.compile(r"https?://\S|www\.\S|mailto:\S|(?<!\w)@(?:here|channel|everyone)\b|(?<!\w)[@#]\w")
"""What Slack finds by itself in a mrkdwn text that is not verbatim."""
_EMOJI = re.compile(r":[a-z0-9_+'-]+(?:::skin-tone-[2-6])?:")
_RICH = {"user", "usergroup", "broadcast", "channel", "link", "emoji", "team", "date", "color"}


def expansions(arguments: Mapping[str, Any]) -> list[str]:
    """Each thing in a message's arguments that would be expanded, fetched, or notify anybody."""
    return [*_of_options(arguments), *_of_text(arguments), *_of_blocks(arguments.get("blocks") or [])]


def _of_options(arguments: Mapping[str, Any]) -> Iterator[str]:
    if arguments.get("link_names"):
        yield "link_names is on"
    if arguments.get("parse") == "full":
        yield "parse is full"
    for option in ("unfurl_links", "unfurl_media"):
        if arguments.get(option):
            yield f"{option} is on"
    if "unfurl_media" not in arguments and "ts" not in arguments:
        yield "unfurl_media is not off"
    for option in ("attachments", "markdown_text", "reply_broadcast"):
        if arguments.get(option):
            yield f"{option} is used"


def _of_text(arguments: Mapping[str, Any]) -> Iterator[str]:
    text = str(arguments.get("text") or "")
    yield from _sequences(text)
    if arguments.get("parse") != "none":
        yield from (f"parsed: {match[0]}" for match in _PARSED.finditer(text))


def _sequences(text: str) -> Iterator[str]:
    yield from (f"expanded: {match[0]}" for match in _SEQUENCE.finditer(text))


def _of_blocks(blocks: object) -> Iterator[str]:
    if isinstance(blocks, list):
        for each in blocks:
            yield from _of_blocks(each)
    elif isinstance(blocks, dict):
        yield from _of_object(blocks)
        for each in blocks.values():
            yield from _of_blocks(each)


def _of_object(value: Mapping[str, Any]) -> Iterator[str]:
    kind = value.get("type")
    if kind == "plain_text":
        if value.get("emoji", True):
            yield from (f"an emoji: {match[0]}" for match in _EMOJI.finditer(str(value.get("text"))))
    elif kind == "mrkdwn":
        yield from _of_mrkdwn(str(value.get("text")), bool(value.get("verbatim")))
    elif kind in ("image", "video", "markdown", "actions", "button"):
        yield f"a block of the kind {kind}"
    elif kind in _RICH and "elements" not in value:
        yield f"an element of the kind {kind}"


def _of_mrkdwn(text: str, verbatim: bool) -> Iterator[str]:
    yield from _sequences(text)
    yield from (f"an emoji: {match[0]}" for match in _EMOJI.finditer(text))
    if not verbatim:
        yield from (f"parsed: {match[0]}" for match in _PARSED.finditer(text))


def shown(blocks: object) -> list[str]:
    """Every text of the blocks as people read it, in order."""
    if isinstance(blocks, list):
        return [text for each in blocks for text in shown(each)]
    if not isinstance(blocks, dict):
        return []
    if isinstance(blocks.get("text"), str):
        return [read(blocks["text"]) if blocks.get("type") == "mrkdwn" else blocks["text"]]
    return [text for each in blocks.values() for text in shown(each)]


def read(text: str) -> str:
    """A mrkdwn text as people read it, its entities resolved."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
