"""Fakes of the forges' own programs: they remember their calls, and the requests that they have opened."""

from pathlib import Path

from tests.helpers.programs import Program
from tests.helpers.repositories import git

_LIST = {
    "gh": """[ -e FOLDER/open ] && echo '[{"url": "https://github.com/ada/shop/pull/7"}]' || echo '[]'""",
    "glab": """[ -e FOLDER/open ] && echo '[{"iid": 7}]' || echo '[]'""",
    "tea": """[ -e FOLDER/open ] && echo '[{"head": "x", "base": "main"}, {"head": "BRANCH", "base": "main"}]' || :""",
}
_SCRIPT = """\
case "$2" in
list) LISTED ;;
create) touch FOLDER/open; echo 'Creating it'; echo 'https://HOST/ada/shop/pull/7' ;;
esac"""
HOSTS = {"gh": "github.com", "glab": "gitlab.example.org", "tea": "codeberg.org"}


def forge(folder: Path, name: str, branch: str = "checkpoint/status") -> Program:
    """The program of that name in the folder, logged in and at work; it opens one request at most."""
    listed = _LIST[name].replace("BRANCH", branch)
    script = _SCRIPT.replace("LISTED", listed).replace("FOLDER", str(folder)).replace("HOST", HOSTS[name])
    return Program(folder, name, script)


def close_requests(folder: Path) -> None:
    """What happens when people merge or close them."""
    (folder / "open").unlink()


def live_on(work: Path, remote: Path, host: str) -> None:
    """The remote has an address at that host, which git on this machine takes for the one it has."""
    git(work, "remote", "set-url", "origin", f"https://{host}/ada/shop.git")
    git(work, "config", f"url.{remote}.insteadOf", f"https://{host}/ada/shop.git")
