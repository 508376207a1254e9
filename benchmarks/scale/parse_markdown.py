"""Parses Markdown once with markdown-it-py, and does nothing else: `python -P parse_markdown.py FILE`."""

import sys
from pathlib import Path

from markdown_it import MarkdownIt

if __name__ == "__main__":
    sys.exit(not MarkdownIt("commonmark").parse(Path(sys.argv[1]).read_text()))
