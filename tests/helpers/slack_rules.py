"""What Slack refuses in a message: its blocks, its text and its metadata, with the words that Slack has for it.

From docs.slack.dev (Block Kit, chat.postMessage, message metadata). That all blocks of a message together may have
about 13,200 characters, counted as JSON, is not documented: github.com/slackapi/bolt-js/issues/2509.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

Json: TypeAlias = Mapping[str, Any]

BLOCKS = 50
TOTAL = 13_200
TEXT = 40_000
SECTION = 3000
FIELD = 2000
HEADER = 150
ELEMENTS = 10
METADATA = 16_384

_KEYS = {
    "divider": {"type", "block_id"},
    "header": {"type", "block_id", "text"},
    "section": {"type", "block_id", "text", "fields", "accessory", "expand"},
    "context": {"type", "block_id", "elements"},
    "image": {"type", "block_id", "image_url", "slack_file", "alt_text", "title"},
    "rich_text": {"type", "block_id", "elements"},
    "markdown": {"type", "block_id", "text"},
    "actions": {"type", "block_id", "elements"},
}
_EVENT = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,254}")


class RefusedError(Exception):
    """Slack's word for why it does not take something, and what it says beside."""

    def __init__(self, code: str, *details: str, **more: object) -> None:
        super().__init__(code, *details)
        self.code = code
        self.details = details
        self.more = more


def length(text: str) -> int:
    """Characters as Slack counts them: UTF-16 units, so that an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def refuse_message(arguments: Json) -> None:
    """Raises RefusedError for a text, blocks or metadata that Slack would not take."""
    text, blocks = arguments.get("text") or "", arguments.get("blocks")
    if not isinstance(text, str):
        raise RefusedError("invalid_arguments")
    if any("\ud800" <= character <= "\udfff" for character in json.dumps(arguments, ensure_ascii=False)):
        raise RefusedError("invalid_json", "a lone surrogate")
    if blocks is None and not arguments.get("attachments") and not text.strip():
        raise RefusedError("no_text")
    if blocks is not None:
        refuse_blocks(blocks)
    if arguments.get("metadata") is not None:
        refuse_metadata(arguments["metadata"])


def refuse_blocks(blocks: object) -> None:
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise RefusedError("invalid_blocks_format")
    if len(blocks) > BLOCKS:
        raise RefusedError("invalid_blocks", f"no more than {BLOCKS} items allowed [json-pointer:/blocks]")
    for number, block in enumerate(blocks):
        _refuse_block(block, f"/blocks/{number}")
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(set(ids)) < len(ids):
        raise RefusedError("invalid_blocks", "block_id already exists")
    if sum(length(json.dumps(block, ensure_ascii=False, separators=(",", ":"))) for block in blocks) > TOTAL:
        raise RefusedError("msg_blocks_too_long")


def _refuse_block(block: Json, where: str) -> None:
    kind = block.get("type")
    known = _KEYS.get(str(kind))
    if known is None:
        raise _invalid(f"unsupported type: {kind}", where)
    if extra := set(block) - known:
        raise _invalid(f"invalid additional property: {min(extra)}", where)
    if length(str(block.get("block_id", ""))) > 255:
        raise _invalid("must be less than 256 characters", f"{where}/block_id")
    if kind == "header":
        _refuse_text(block.get("text"), f"{where}/text", HEADER, ("plain_text",))
    elif kind == "section":
        _refuse_section(block, where)
    elif kind == "context":
        _refuse_context(block, where)


def _refuse_section(block: Json, where: str) -> None:
    if "text" not in block and "fields" not in block:
        raise _invalid("missing required field: text", where)
    if "text" in block:
        _refuse_text(block["text"], f"{where}/text", SECTION)
    fields = block.get("fields", [{"type": "plain_text", "text": "-"}])
    if not isinstance(fields, list) or not 1 <= len(fields) <= ELEMENTS:
        raise _invalid("must have 1 to 10 items", f"{where}/fields")
    for number, field in enumerate(fields):
        _refuse_text(field, f"{where}/fields/{number}", FIELD)


def _refuse_context(block: Json, where: str) -> None:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= ELEMENTS:
        raise _invalid("must have 1 to 10 items", f"{where}/elements")
    for number, element in enumerate(elements):
        if not isinstance(element, dict) or element.get("type") != "image":
            _refuse_text(element, f"{where}/elements/{number}", FIELD)


def _refuse_text(value: object, where: str, most: int, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> None:
    if not isinstance(value, dict) or value.get("type") not in kinds:
        raise _invalid("failed to match all allowed schemas", where)
    extra = set(value) - {"type", "text", "emoji" if value["type"] == "plain_text" else "verbatim"}
    if extra:
        raise _invalid(f"invalid additional property: {min(extra)}", where)
    if not all(isinstance(value.get(flag, True), bool) for flag in ("emoji", "verbatim")):
        raise _invalid("must be a boolean", where)
    text = value.get("text")
    if not isinstance(text, str) or not text.strip():
        raise _invalid("must be more than 0 characters", f"{where}/text")
    if length(text) > most:
        raise _invalid(f"must be less than {most + 1} characters", f"{where}/text")


def _invalid(what: str, where: str) -> RefusedError:
    return RefusedError("invalid_blocks", f"[ERROR] {what} [json-pointer:{where}]")


def refuse_metadata(metadata: object) -> None:
    if not isinstance(metadata, dict) or set(metadata) != {"event_type", "event_payload"}:
        raise RefusedError("invalid_metadata_format")
    if not isinstance(metadata["event_type"], str) or not _EVENT.fullmatch(metadata["event_type"]):
        raise RefusedError("invalid_metadata_schema")
    if not isinstance(metadata["event_payload"], dict):
        raise RefusedError("invalid_metadata_schema")
    if len(json.dumps(metadata)) > METADATA:
        raise RefusedError("metadata_too_large")
