"""What the two teams of the example plan deliver, in two goes: half of it with three pretences, then all of it."""

from __future__ import annotations

HALF = {
    "out/backend/openapi.json": '{"openapi": "3.1.0", "paths": {"/books": {"get": {"summary": "Search books"}}}}\n',
    "out/backend/search.py": "# TODO def search_books(title): comes later\n",
    "out/frontend/index.html": '<h1>Books</h1>\n<ul id="books"></ul>\n<a href="about.html">About</a>\n',
    "out/frontend/about.html": "<h1>About this shop</h1>\n<p>Every book, found by its title.</p>\n",
    "out/frontend/export.csv": "title,author,price\nEmma,Jane Austen,9.90\nDracula,Bram Stoker\n",
}
"""B2 is a fake, F2 is broken; besides, somebody ticks B4, for which nothing is there."""

FALSE_CLAIM = "B4"
PERSONS_CLAIM = "F3"

REST = {
    "out/backend/search.py": (
        "def search_books(books, title):\n"
        '    """The books whose title holds these words, whatever their case."""\n'
        "    return [book for book in books if title.lower() in book.lower()]\n"
    ),
    "out/backend/test_search.py": (
        "import unittest\n\n"
        "from search import search_books\n\n\n"
        "class SearchTest(unittest.TestCase):\n"
        "    def test_finds_a_title_whatever_its_case(self):\n"
        '        self.assertEqual(search_books(["Emma", "Dracula"], "emma"), ["Emma"])\n'
    ),
    "out/backend/CHANGELOG.md": "# Changelog\n\n- Search books by their title.\n- Publish the contract of the API.\n",
    "out/frontend/export.csv": "title,author,price\nEmma,Jane Austen,9.90\nDracula,Bram Stoker,7.50\n",
}
