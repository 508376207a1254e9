"""`same-as`: held against a reference of the repository."""

from pathlib import Path

import pytest

from checkpoint.validator import Finding
from tests.helpers.artifacts import Trial, judge, the
from tests.helpers.repositories import write

REFERENCES = {
    "expected/report.json": '{\n  "total": 3\n}\n',
    "expected/site/index.html": "<p>",
    "expected/site/css/a.css": "a{}",
}


def held(folder: Path, path: str, reference: str) -> Trial:
    write(folder / "repository", REFERENCES)
    (folder / "team").mkdir(exist_ok=True)
    return judge("same-as", folder / "team", path, reference, references=folder / "repository")


@pytest.mark.parametrize(
    ("path", "reference"),
    [("report.json", "expected/report.json"), ("site/", "expected/site"), ("site", "expected/site/")],
)
def test_the_same(tmp_path: Path, path: str, reference: str) -> None:
    write(tmp_path / "team", {path.removeprefix("expected/"): text for path, text in REFERENCES.items()})
    assert held(tmp_path, path, reference) == Trial([], {})


def test_a_file_that_differs_is_shown_as_a_diff(tmp_path: Path) -> None:
    write(tmp_path / "team", {"report.json": '{\n  "total": 4\n}\n'})
    trial = held(tmp_path, "report.json", "expected/report.json")
    assert the(trial.findings) == Finding(
        "the same content as `expected/report.json`",
        "other content",
        "report.json:2",
        "make report.json:2 the same as `expected/report.json` of the repository",
    )
    assert '-  "total": 3\n+  "total": 4\n' in trial.evidence["report.json.diff"]


@pytest.mark.parametrize(("content", "line"), [("", 1), ("{", 2), ('{\n  "total": 3\n', 3), ('{\n  "total": 3\n}', 4)])
def test_a_file_that_is_cut_short_differs_after_its_end(tmp_path: Path, content: str, line: int) -> None:
    write(tmp_path / "team", {"report.json": content})
    assert the(held(tmp_path, "report.json", "expected/report.json").findings).where == f"report.json:{line}"


@pytest.mark.parametrize("content", [b"\0\1\2", b"x\n" * 20_000, b"x" * 300_000])
def test_a_binary_or_long_file_has_no_line_by_line_diff(tmp_path: Path, content: bytes) -> None:
    write(tmp_path / "team", {"report.json": content})
    trial = held(tmp_path, "report.json", "expected/report.json")
    assert the(trial.findings).found == "other content"
    assert all(len(text) < 200 for text in trial.evidence.values())


def test_a_folder_that_differs_is_shown_as_a_list(tmp_path: Path) -> None:
    write(tmp_path / "team", {"site/index.html": "<b>", "site/new.html": "x"})
    trial = held(tmp_path, "site/", "expected/site")
    finding = the(trial.findings)
    assert (finding.expected, finding.found) == (
        "the same files as `expected/site`",
        "1 missing, 1 other, 1 superfluous",
    )
    assert (finding.where, finding.action) == (
        "site/css/a.css",
        "make `site` the same as `expected/site` of the repository: add `site/css/a.css` first",
    )
    assert trial.evidence == {"differences": "- css/a.css\n~ index.html\n+ new.html\n"}


@pytest.mark.parametrize(
    ("files", "found", "verb"),
    [
        ({"index.html": "<p>"}, "1 missing, 0 other, 0 superfluous", "add `site/css/a.css`"),
        ({"index.html": "<b>", "css/a.css": "a{}"}, "0 missing, 1 other, 0 superfluous", "mend `site/index.html`"),
        ({"index.html": "<p>", "css/a.css": "a{}", "x": ""}, "0 missing, 0 other, 1 superfluous", "remove `site/x`"),
    ],
)
def test_each_way_in_which_a_folder_can_differ(tmp_path: Path, files: dict[str, str], found: str, verb: str) -> None:
    write(tmp_path / "team/site", files)
    finding = the(held(tmp_path, "site", "expected/site").findings)
    assert finding.found == found
    assert finding.action == f"make `site` the same as `expected/site` of the repository: {verb} first"


def test_a_link_is_not_the_same_as_what_it_points_to(tmp_path: Path) -> None:
    write(tmp_path / "team", {"site/index.html": "<p>", "site/css/b": "a{}"})
    (tmp_path / "team/site/css/a.css").symlink_to("./b")
    assert the(held(tmp_path, "site", "expected/site").findings).found == "0 missing, 1 other, 1 superfluous"


@pytest.mark.parametrize(
    ("path", "reference", "found"),
    [("site", "expected/report.json", "a folder"), ("report.json", "expected/site", "a file")],
)
def test_another_kind_of_thing(tmp_path: Path, path: str, reference: str, found: str) -> None:
    write(tmp_path / "team", {path.removeprefix("expected/"): text for path, text in REFERENCES.items()})
    assert the(held(tmp_path, path, reference).findings).found == found


def test_nothing_there(tmp_path: Path) -> None:
    assert the(held(tmp_path, "report.json", "expected/report.json").findings).found == "nothing there"


@pytest.mark.parametrize("reference", ["expected/nothing.json", "hollow"])
def test_a_reference_that_is_not_there(tmp_path: Path, reference: str) -> None:
    (tmp_path / "repository/hollow").mkdir(parents=True)
    write(tmp_path / "team", {"report.json": "x", "site/x": "x"})
    with pytest.raises(ValueError, match="the reference"):
        held(tmp_path, "site", reference)


def test_a_word_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="REFERENCE is missing"):
        judge("same-as", tmp_path, "a")
