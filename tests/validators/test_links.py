import os
from pathlib import Path

import pytest

from checkpoint.validator import Finding
from tests.helpers.artifacts import say, the
from tests.helpers.repositories import write

GUIDE = "# The Guide\n\n## Set up, `now`!\n\n## Twice\n\n## Twice\n\n<a id='by-hand'></a>\n\nSetext *title*\n---\n"
OTHERS = {
    "docs/guide.md": GUIDE,
    "docs/a b.md": "# x\n",
    "logo.png": "x",
    "src/main.py": "x",
}


def judge(folder: Path, text: str, name: str = "README.md") -> list[Finding]:
    write(folder, {**OTHERS, name: text})
    return say("links", folder, name)


@pytest.mark.parametrize(
    "text",
    [
        "[a](docs/guide.md) ![b](logo.png) [c](docs) [d](docs/) [e](./docs/../logo.png) [f](src/main.py#L10)",
        "[a](docs/guide.md#the-guide) [b](docs/guide.md#set-up-now)",
        "[c](docs/guide.md#twice-1) [d](docs/guide.md#by-hand)",
        "[a](docs/guide.md#setext-title) [b](docs/guide.md#Twice) [c](#here)\n\n# Here\n",
        "[a](docs/a%20b.md) [b](<docs/a b.md>) [c][ref] ![d][ref]\n\n[ref]: logo.png 'title'\n",
        "[a](https://example.com/x) [b](mailto:a@example.com) [c](//example.com/x) <https://example.com>",
        "`[a](nowhere.md)`\n\n    [b](nowhere.md)\n\n```\n[c](nowhere.md)\n```\n\\[d](nowhere.md) [e]",
        "[a](docs/guide.md?plain=1) [b](.) [c](#)",
    ],
)
def test_links_that_lead_somewhere(tmp_path: Path, text: str) -> None:
    assert judge(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "expected", "found", "line"),
    [
        ("[a](nowhere.md)", "`nowhere.md`", "no such file", 1),
        ("x\n\nfirst\nsecond [a](docs/nowhere.md)", "`docs/nowhere.md`", "no such file", 4),
        ("- a\n- b ![c](no.png)\n", "`no.png`", "no such file", 2),
        ("| a |\n|---|\n| [b](no.md) |\n", "`no.md`", "no such file", 3),
        ("| `a | [b](no.md)` |\n|---|---|\n", "`no.md`", "no such file", 1),
        ("[a][ref]\n\n[ref]: no.md\n", "`no.md`", "no such file", 1),
        ("[a](docs/guide.md#nowhere)", "the heading `#nowhere` in `docs/guide.md`", "no such heading", 1),
        ("[a](#nowhere)", "the heading `#nowhere` in `README.md`", "no such heading", 1),
        ("[a](docs/guide.md#twice-2)", "the heading `#twice-2` in `docs/guide.md`", "no such heading", 1),
        ("[a](../README.md)", "a link within the team's folder", "`../README.md`", 1),
        ("[a](docs/../../x)", "a link within the team's folder", "`docs/../../x`", 1),
        ("[a](..)", "a link within the team's folder", "`..`", 1),
        ("[a](/etc/hostname)", "a link within the team's folder", "`/etc/hostname`", 1),
        ("[a](%2e%2e/x.md)", "a link within the team's folder", "`../x.md`", 1),
        ("[a](Docs/guide.md)", "`Docs/guide.md`", "no such file", 1),
        ("[a](<//[[:]>)", "an address", "`//[%5B:]`", 1),
    ],
)
def test_a_link_that_leads_nowhere(tmp_path: Path, text: str, expected: str, found: str, line: int) -> None:
    finding = the(judge(tmp_path, text))
    assert (finding.expected, finding.found, finding.where) == (expected, found, f"README.md:{line}")
    assert finding.action.startswith("mend the link to `")


def test_links_are_relative_to_their_file(tmp_path: Path) -> None:
    assert judge(tmp_path, "[a](guide.md) [b](../logo.png)", "docs/index.md") == []
    assert the(judge(tmp_path, "[a](logo.png)", "docs/index.md")).expected == "`docs/logo.png`"


def test_a_link_to_a_link_of_the_file_system(tmp_path: Path) -> None:
    os.symlink("/etc/hostname", tmp_path / "host.md")
    assert the(judge(tmp_path, "[a](host.md)")).found == "a link"
    os.symlink("/etc", tmp_path / "etc")
    assert len(judge(tmp_path, "[a](etc/hostname) [b](host.md#a)")) == 2


def test_twenty_are_named(tmp_path: Path) -> None:
    findings = judge(tmp_path, "[a](nowhere.md)\n" * 100)
    assert len(findings) == 21
    assert findings[-1].found == "more that do not"


def test_an_address_is_not_quoted_at_length(tmp_path: Path) -> None:
    finding = the(judge(tmp_path, f"[a]({'x' * 5000}.md#{'y' * 5000})"))
    assert max(map(len, (finding.expected, finding.found, finding.action))) < 250


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[" * 100_000, ["at most 20,000 brackets"]),
        ("a" * 300_000, ["at most 262,144 bytes"]),
        ("[a](b\0c)", ["`b\ufffdc`"]),
        ("> " * 1000 + "[a](no.md)", []),
        ("[a](" * 5000, []),
    ],
)
def test_hostile_text_comes_back(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert [finding.expected for finding in judge(tmp_path, text)] == expected


def test_it_takes_no_argument(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "x"})
    with pytest.raises(ValueError, match="too many"):
        say("links", tmp_path, "a.md", "x")
