"""`docs/validators.md` says what the validators say of themselves, and its example works."""

import hashlib
import re
from pathlib import Path

from checkpoint.arguments import bind
from checkpoint.registry import Registry
from tests.helpers.artifacts import judge, the
from tests.helpers.repositories import write
from tests.helpers.validators_page import PAGE, PART, generated

TEXT = PAGE.read_text("utf-8")


def test_the_page_is_up_to_date() -> None:
    (written,) = PART.findall(TEXT)
    assert written == generated(), "run python -m tests.helpers.validators_page"


def test_the_validator_of_the_page_works(tmp_path: Path) -> None:
    (source,) = (block for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL) if "shouts" in block)
    write(tmp_path, {"validators/shouts.py": source, "motto.txt": "Onwards!"})
    approved = {str(tmp_path / "validators/shouts.py"): hashlib.sha256(source.encode()).hexdigest()}
    registry = Registry(approved)
    assert len(source.strip().splitlines()) == 10
    assert registry.describe("shouts").examples == ("`motto.txt` shouts at-least 2",)
    assert bind(registry.find("shouts").check, ("at-least", "2")) == ([], {"at_least": 2})
    assert judge("shouts", tmp_path, "motto.txt", registry=registry).findings == []
    assert the(judge("shouts", tmp_path, "motto.txt", "at-least", "2", registry=registry).findings).found == "1"
