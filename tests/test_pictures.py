"""The pictures of the pages: text that can be selected, small, and whole without anything from elsewhere."""

import re
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest

from docs.pictures.draw import PICTURES, is_news
from tests.test_docs import PAGES, ROOT, links

FOLDER = ROOT / "docs" / "pictures"
LIMIT = 60_000
FROM_ELSEWHERE = re.compile(r"@import|@font-face|url\((?!#)|href=|<(image|script|foreignObject)\b")


def shown() -> set[Path]:
    """The files to which links and pictures of all pages lead."""
    return {(ROOT / page).parent.joinpath(target).resolve() for page, text in PAGES.items() for target in links(text)}


def test_each_picture_has_its_module_and_its_page() -> None:
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(PICTURES)
    assert all(find_spec(f"docs.pictures.{name}") for name in PICTURES)
    assert {FOLDER / f"{name}.svg" for name in PICTURES} <= shown()


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_text_and_whole(name: str) -> None:
    content = (FOLDER / f"{name}.svg").read_text()
    texts = [each for each in ElementTree.fromstring(content).iter() if each.tag.endswith("}text")]
    assert len(texts) > 5
    assert len(content.encode()) <= LIMIT
    assert not FROM_ELSEWHERE.search(content)


def test_a_picture_is_drawn_anew_only_for_a_cause() -> None:
    old = '<text textLength="97.6">10:00:31 published 1f15aae23f: 1/4; next Sat 21 Nov 10:05</text>'
    same = '<text textLength="98.1">16:59:07 published 20767138e2: 1/4; next Fri 04 Dec 17:00</text>'
    assert not is_news(old, same)
    assert is_news(old, same.replace("1/4", "2/4"))
