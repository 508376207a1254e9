"""A checkpoint as a thread of Slack's shows it: the blocks as Slack's server has them after an edit, and the reply.

Slack marks no message as edited that was brought up to date by its blocks.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from html import unescape
from typing import Any

from checkpoint.demonstration import FALSE_CLAIM, HALF, PERSONS_CLAIM
from docs.pictures.bookshop import BEGINNING, bookshop, expect
from docs.pictures.serve import told_by
from docs.pictures.sheet import Run, Sheet, Style
from tests.helpers.slack_server import SlackServer
from tests.helpers.slack_state import Message

INK, GREY = "#1d1c1d", "#616061"
TEXT = Style(15, 22, INK)
BOLD = Style(15, 22, INK, bold=True)
HEADER = Style(18, 28, INK, bold=True)
SMALL = Style(13, 19, GREY)
TIME = Style(12, 22, GREY)
BADGE = Style(10, 14, GREY, bold=True)
EMOJI = {"🔴": "#dd2e44", "🟡": "#fdcb58", "🟢": "#78b159"}
LEFT, INDENT, WIDTH = 20, 64, 740
GAP = 8


def main() -> None:
    with bookshop() as shop, SlackServer() as slack:
        shop.environ |= told_by(slack)
        shop.deliver(BEGINNING)
        shop.checkpoint("serve", "--once")
        shop.deliver(HALF)
        shop.pretend(FALSE_CLAIM, PERSONS_CLAIM)
        shop.checkpoint("serve", "--once")
        (root,), (reply,) = slack.roots, slack.replies
        expect(len(root.revisions) == len(reply.revisions) == 2, "the message was not brought up to date")
    sys.stdout.write(thread(root, reply))


def thread(root: Message, reply: Message) -> str:
    sheet = Sheet(WIDTH)
    sheet.y = 14
    sheet.line(LEFT, [Run("Thread", HEADER), Run("   # plans", SMALL)], 28)
    rule(sheet, 0)
    draw_message(sheet, root)
    end = sheet.write(LEFT, sheet.y + 13, Run("1 reply", SMALL))
    sheet.y += 9
    rule(sheet, end + 10)
    draw_message(sheet, reply)
    return sheet.svg("A checkpoint in Slack: a message, and in its thread what is to be done next")


def rule(sheet: Sheet, x: float) -> None:
    sheet.draw(f'<path d="M{x:g} {sheet.y + 0.5:g}H{WIDTH - 1}" stroke="#ddd"/>')
    sheet.y += 16


def draw_message(sheet: Sheet, message: Message) -> None:
    draw_avatar(sheet)
    end = sheet.write(INDENT, sheet.y + 14, Run("checkpoint", BOLD)) + 6
    sheet.draw(f'<rect x="{end:g}" y="{sheet.y + 3:g}" width="28" height="14" rx="2" fill="#e8e8e8"/>')
    sheet.write(end + 3.5, sheet.y + 13.5, Run("APP", BADGE))
    sheet.write(end + 36, sheet.y + 14, Run(clock(message), TIME))
    sheet.y += 24
    for block in message.last.blocks:
        draw_block(sheet, block)
        sheet.y += GAP
    sheet.y += GAP


def draw_avatar(sheet: Sheet) -> None:
    """An app's picture: here a box with a tick."""
    sheet.draw(f'<rect x="{LEFT}" y="{sheet.y:g}" width="36" height="36" rx="8" fill="#2f6f4f"/>')
    tick = f"M{LEFT + 9} {sheet.y + 19:g}l6 6 12-13"
    sheet.draw(f'<path d="{tick}" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round"/>')


def clock(message: Message) -> str:
    return time.strftime("%I:%M %p", time.gmtime(float(message.ts))).lstrip("0")


def draw_block(sheet: Sheet, block: dict[str, Any]) -> None:
    """A block of one of the kinds that a notice is made of."""
    if block["type"] == "header":
        sheet.paragraph(INDENT, block["text"]["text"], HEADER)
    elif block["type"] == "context":
        (element,) = block["elements"]
        sheet.paragraph(INDENT, element["text"], SMALL)
    elif block["text"]["type"] == "mrkdwn":
        draw_marked(sheet, block["text"]["text"])
    else:
        sheet.paragraph(INDENT, block["text"]["text"], TEXT)


def draw_marked(sheet: Sheet, text: str) -> None:
    """A line of mrkdwn, with an emoji at its head."""
    sheet.draw(f'<circle cx="{INDENT + 9}" cy="{sheet.y + 10:g}" r="8" fill="{EMOJI[text[0]]}"/>')
    sheet.line(INDENT + 18, runs(text[1:]), TEXT.line)


def runs(marked: str) -> Iterator[Run]:
    """Runs of mrkdwn: what stands between asterisks is bold."""
    for number, part in enumerate(marked.split("*")):
        if part:
            yield Run(unescape(part), BOLD if number % 2 else TEXT)


if __name__ == "__main__":
    main()
