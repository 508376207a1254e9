"""The tmux notifier, with a real server and terminals that look at it."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from checkpoint.documents import Told
from checkpoint.notify import Means, Notice, NotifyError, TeamNotice
from checkpoint.notify.tmux import TmuxNotifier
from checkpoint.tmux import Server
from tests.helpers.killed import send_killed
from tests.helpers.scenes import PLAN, local
from tests.helpers.tmux_server import EVERY_FORM, TmuxClient, TmuxServer, needs_tmux, serving, wait_until

pytestmark = needs_tmux

BACKEND = TeamNotice("backend", "1. B2 Implement login - tests fail\n   - mend test_login\n", "pay:backend")
FRONTEND = TeamNotice("frontend", "Nothing to do: every task is done.\n", "shop:pages.0")
NOTICE = Notice("r1", "plan.md", "Shop: backend 3/5", "backend 3/5", "bad", teams=(BACKEND, FRONTEND))


@pytest.fixture
def server() -> Iterator[TmuxServer]:
    with serving() as made:
        made.new("home")
        made.new("pay", "backend")
        made.new("shop", "pages")
        yield made


def send(server: TmuxServer, notice: Notice = NOTICE, memory: str = "", **changes: object) -> None:
    TmuxNotifier(Server(server.environ), memory).send(msgspec.structs.replace(notice, **changes))


def test_who_looks_at_a_teams_session_is_told(server: TmuxServer) -> None:
    with server.attached("pay") as looking, server.attached("pay") as too, server.attached("home") as elsewhere:
        send(server)
        for client in (looking, too):
            client.wait_for("✗ Shop: backend 3/5 | backend: B2 Implement login - tests fail")
        assert len(server.messages()) == 2
        assert "Shop" not in elsewhere.read()


def test_status_lines_and_borders_have_options(server: TmuxServer) -> None:
    send(server)
    assert server.option("@checkpoint", "-t", "=pay:") == "✗ backend 3/5"
    assert server.option("@checkpoint", "-t", "=shop:") == "✗ backend 3/5"
    assert server.option("@checkpoint_next", "-w", "-t", "=pay:backend") == "backend: B2 Implement login - tests fail"
    assert server.option("@checkpoint_next", "-p", "-t", "=shop:pages.0").startswith("frontend: Nothing to do")
    assert server.option("@checkpoint", "-t", "=home:") == server.option("@checkpoint", "-g") == ""


def test_teams_of_one_window_share_its_border(server: TmuxServer) -> None:
    send(server, teams=(BACKEND, TeamNotice("tests", "1. T1 Cover it - missing", "pay:backend")))
    shown = "backend: B2 Implement login - tests fail | tests: T1 Cover it - missing"
    assert server.option("@checkpoint_next", "-w", "-t", "=pay:backend") == shown


def test_a_pane_is_found_by_its_id(server: TmuxServer) -> None:
    pane = server.new("third")
    send(server, teams=(msgspec.structs.replace(BACKEND, terminal=pane),))
    assert server.option("@checkpoint_next", "-p", "-t", pane).startswith("backend: B2")
    assert server.option("@checkpoint", "-t", "=third:") == "✗ backend 3/5"


@pytest.mark.parametrize("terminal", ["", "home"])
def test_without_terminals_everybody_is_told(server: TmuxServer, terminal: str) -> None:
    with server.attached("home") as looking:
        send(server, teams=(msgspec.structs.replace(BACKEND, terminal=terminal),))
        looking.wait_for("✗ Shop: backend 3/5")
    assert server.option("@checkpoint", "-g") == ("" if terminal else "✗ backend 3/5")


@pytest.mark.parametrize(
    "terminal", ["nowhere", "pa", "=pay", "pay*", "*", "$0", "@0", "%99", "{last}", "-t", "-g", ":"]
)
def test_a_terminal_that_is_not_there_is_nobodys(server: TmuxServer, terminal: str) -> None:
    before = options(server)
    with server.attached("pay"):
        send(server, teams=(msgspec.structs.replace(BACKEND, terminal=terminal),))
        assert server.messages() == []
    assert options(server) == before


def options(server: TmuxServer) -> str:
    """Every option that is set anywhere."""
    scopes = [("-g",), ("-s",), ("-gw",), *(("-t", f"={name}:") for name in ("home", "pay", "shop"))]
    scopes += [(kind, "-t", f"={name}:") for kind in ("-w", "-p") for name in ("home", "pay", "shop")]
    return "\n".join(server.tmux("show-options", *scope) for scope in scopes)


def test_no_server_is_no_error(tmp_path: Path) -> None:
    TmuxNotifier(Server({"PATH": os.environ["PATH"], "TMUX": f"{tmp_path}/none,1,0"})).send(NOTICE)
    TmuxNotifier(Server({"PATH": os.environ["PATH"], "TMUX_TMPDIR": str(tmp_path)})).send(NOTICE)


def test_no_tmux_is_one_that_lasts(tmp_path: Path) -> None:
    with pytest.raises(NotifyError, match="tmux cannot be run") as caught:
        TmuxNotifier(Server({"PATH": str(tmp_path)})).send(NOTICE)
    assert (caught.value.lasting, caught.value.mend) == (True, "install tmux")


def test_what_tmux_refuses_is_told(server: TmuxServer, tmp_path: Path) -> None:
    (tmp_path / "tmux").write_text("#!/bin/sh\necho 'unknown flag' >&2; exit 1\n")
    (tmp_path / "tmux").chmod(0o700)
    with pytest.raises(NotifyError, match="tmux refused") as caught:
        TmuxNotifier(Server({"PATH": str(tmp_path)})).send(NOTICE)
    assert (caught.value.why, caught.value.lasting) == ("unknown flag", False)


def test_a_session_is_told_once(server: TmuxServer) -> None:
    with server.attached("pay"):
        send(server)
        send(server)
        assert len(server.messages()) == 1
        with server.attached("shop") as later:
            send(server)
            later.wait_for("frontend: Nothing to do")
        assert len(server.messages()) == 2
        send(server, key="r2")
        send(server, memory="another plan")
        assert len(server.messages()) == 4


def test_trouble_has_an_option_of_its_own_until_it_is_over(server: TmuxServer) -> None:
    send(server, teams=(), level="good", text="all done")
    trouble = msgspec.structs.replace(NOTICE, teams=(), kind="trouble", text="401")
    with server.attached("home") as looking:
        send(server, trouble, key="t1", title="slack is degraded")
        looking.wait_for("✗ trouble: slack is degraded | 401")
        assert server.option("@checkpoint_trouble", "-g") == "! slack is degraded"
        send(server, trouble, key="t2", title="slack works", level="good")
        looking.wait_for("✓ slack works | 401")
    assert server.option("@checkpoint_trouble", "-g") == ""
    assert server.option("@checkpoint", "-g") == "✓ all done"


def test_the_end_of_one_trouble_leaves_the_others(server: TmuxServer) -> None:
    slack = Notice("d1", "plan.md", "slack is degraded", "", "bad", "trouble", 1.0, "the channel slack")
    stuck = Notice("t1", "plan.md", "no checkpoint", "", "bad", "trouble", 2.0, "checkpoints")
    send(server, slack)
    send(server, stuck)
    send(server, stuck, memory="another plan", title="nor of another plan", at=3.0)
    assert server.option("@checkpoint_trouble", "-g") == "! nor of another plan"
    send(server, stuck, memory="another plan", key="o1", level="good", at=4.0)
    assert server.option("@checkpoint_trouble", "-g") == "! no checkpoint"
    send(server, stuck, key="t2", title="still none", at=5.0)
    send(server, slack, key="r1", level="good", at=6.0)
    assert server.option("@checkpoint_trouble", "-g") == "! still none"
    send(server, stuck, key="o2", level="good", at=7.0)
    assert "@checkpoint_trouble" not in options(server)


def test_a_trouble_that_is_shown_runs_nothing(server: TmuxServer, tmp_path: Path) -> None:
    server.tmux("set-option", "-g", "status-left", "#{E:@checkpoint_trouble}")
    title = f"#(touch {tmp_path / 'witness'}) #{{E:@checkpoint_trouble}}"
    with server.attached("home") as looking:
        send(server, Notice("t1", "plan.md", title, "", "bad", "trouble", 1.0, "checkpoints"))
        looking.wait_for("! \uff03(touch")
        server.tmux("set-option", "-g", "status-left", f"#(touch {tmp_path / 'after'})")
        wait_until((tmp_path / "after").exists)
    assert not (tmp_path / "witness").exists()


def test_a_test_changes_no_option(server: TmuxServer) -> None:
    before = options(server)
    with server.attached("home") as looking:
        send(server, teams=(), kind="test", level="info", title="hello", text="you")
        looking.wait_for("· test: hello | you")
    assert re.sub(r"@checkpoint_told_\w+ \w+\n", "", options(server)) == before


def test_what_else_it_stands_for_is_said(server: TmuxServer) -> None:
    with server.attached("pay") as looking:
        send(server, earlier=("a", "b"), unsure=("c",), teams=(msgspec.structs.replace(BACKEND, text="B2"),))
        looking.wait_for("backend 3/5 | backend: B2 | stands for 2 earlier checkpoints too | may not have arrived: c")


def test_many_teams_fit(server: TmuxServer) -> None:
    for number in range(60):
        server.tmux("new-window", "-d", "-t", "=pay:", "-n", f"w{number}", "cat")
    teams = tuple(TeamNotice(f"team-{n}", "\U0001d518" * 300, f"pay:w{n}") for n in range(60))
    with server.attached("pay") as looking:
        send(server, teams=teams)
        looking.wait_for("Shop: backend 3/5 | team-0: ")
    shown = [server.option("@checkpoint_next", "-w", "-t", f"=pay:w{number}") for number in range(60)]
    assert all(line.startswith(f"team-{n}: \U0001d518") and len(line) == 200 for n, line in enumerate(shown))


def test_a_kill_loses_nothing_and_tells_nothing_twice(server: TmuxServer) -> None:
    titles = [f"notice {number}" for number in range(50)]
    notices = [msgspec.structs.replace(NOTICE, key=title, title=title, text=title) for title in titles]
    means = Means("", "/marks/of/a/plan", environ=server.environ)
    with server.attached("pay"), server.attached("shop"):
        assert send_killed("tmux", means, notices) > len(titles)
        told = [re.sub(r" \|.*", "", message) for message in server.messages()]
    assert sorted(told) == sorted(2 * [f"✗ {title}" for title in titles])
    assert server.option("@checkpoint", "-t", "=pay:") == "✗ notice 49"


HOSTILE = [
    "#(touch WITNESS)",
    "##(touch WITNESS)",
    "###(touch WITNESS)",
    "#\u200b(touch WITNESS)",
    "#\x1b[m(touch WITNESS)",
    "\x1b[38;5;201m#(touch WITNESS)",
    "#{E:@raw}",
    "#{T:@raw}",
    "#{E:#(touch WITNESS)}",
    "#{?1,#(touch WITNESS),}",
    "#{l:#(touch WITNESS)}#,#}",
    "#[fg=colour201]restyled",
    "##[fg=colour201]restyled",
    "###[fg=colour201,blink]restyled",
    "#[range=user|x]#[align=left]#[fill=colour201]",
    "%n#(touch WITNESS)%H%%",
    "x; run-shell 'touch WITNESS'",
    "'; run-shell 'touch WITNESS'; '",
    '"; run-shell "touch WITNESS"; "',
    "\nrun-shell 'touch WITNESS'\n",
    "} ; run-shell 'touch WITNESS' ; {",
    "$(touch WITNESS) `touch WITNESS`",
    "-g @checkpoint -- x \\;",
    ";",
]


@pytest.fixture(scope="module")
def styled(shared_home: Path) -> Iterator[tuple[TmuxServer, TmuxClient]]:
    """A server whose status line and borders use every form of our options, and a terminal that shows them."""
    with serving() as server:
        pane = server.new("pay", "backend")
        server.tmux("split-window", "-d", "-t", pane, "cat")
        for option, value in (EVERY_FORM | {"@raw": ""}).items():
            server.tmux("set-option", "-g", option, value)
        with server.attached("pay") as client:
            tell(server, client, "harmless", "harmless")
            yield server, client


def tell(server: TmuxServer, client: TmuxClient, text: str, mark: str) -> None:
    """Sends a notice with that text wherever it can stand, and waits until all of it is shown."""
    team = TeamNotice("backend", f"1. next-{mark} {text}", "pay:backend")
    hostile = TeamNotice("frontend", text, text)
    send(server, Notice(mark, "plan.md", f"title-{mark} {text}", f"text-{mark} {text}", "bad", teams=(team, hostile)))
    for shown in (f"✗ title-{mark}", f"A=✗ text-{mark}", f"A=backend: next-{mark}"):
        client.wait_for(shown)


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_no_text_runs_or_restyles_anything(number: int, styled: tuple[TmuxServer, TmuxClient], tmp_path: Path) -> None:
    server, client = styled
    witness, after = tmp_path / "witness", tmp_path / "after"
    server.tmux("set-option", "-g", "@raw", f"#(touch {witness})")
    before = colours(client.read())
    tell(server, client, HOSTILE[number].replace("WITNESS", str(witness)), f"mark{number}")
    server.tmux("set-option", "-g", "status-left", f"#(touch {after})")
    wait_until(after.exists)
    assert not witness.exists()
    assert colours(client.read()) == before


def colours(sent: str) -> set[str]:
    """Every colour and attribute that a terminal was told to use.

    Going back to its own colours is none: how often and how tmux does that depends on what it draws at once.
    """
    told = {code for codes in re.findall(r"\x1b\[([0-9;:]*)m", sent) for code in re.split("[;:]", codes)}
    return told - {"", "0", "39", "49"}


@pytest.mark.parametrize("option", ["status-left", "pane-border-format"])
def test_the_probe_is_one(option: str, styled: tuple[TmuxServer, TmuxClient], tmp_path: Path) -> None:
    server, client = styled
    text = f"#(touch {tmp_path / 'witness'})#[fg=colour201]restyled"
    server.tmux("set-option", "-g", "@plain", text, ";", "set-option", "-g", option, "#{E:@plain}")
    wait_until((tmp_path / "witness").exists)
    wait_until(lambda: "201" in colours(client.read()))


def test_the_lines_on_the_page_show_it(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "notifiers.md").read_text()
    lines = re.findall(r"^set -g .*#\{@checkpoint.*$", page, re.MULTILINE)
    assert len(lines) == 2
    with serving() as server:
        server.new("pay", "backend")
        (tmp_path / "tmux.conf").write_text("\n".join(lines))
        server.tmux("source-file", str(tmp_path / "tmux.conf"))
        with server.attached("pay") as client:
            send(server)
            client.wait_for("✗ backend 3/5 ")
            client.wait_for("0 backend: B2 Implement login")


def test_a_checkpoint_is_told(server: TmuxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = local(
        tmp_path, PLAN.replace("- folder: `out/backend`", "- folder: `out/backend`\n- terminal: `pay:backend`")
    )
    monkeypatch.setenv("CHECKPOINT_NOTIFY", "tmux")
    monkeypatch.setenv("TMUX", server.environ["TMUX"])
    with server.attached("pay") as looking:
        assert scene.now().told == (Told("tmux", 1, receipt="1 client"),)
        looking.wait_for("· Shop: backend 0/2, frontend 0/2, 2 missing, 1 blocked | backend: B1 Publish the API")
    assert server.option("@checkpoint", "-t", "=pay:") == "· backend 0/2, frontend 0/2, 2 missing, 1 blocked"
    assert server.option("@checkpoint_next", "-w", "-t", "=pay:backend").startswith("backend: B1 Publish the API - ")
    assert server.option("@checkpoint", "-g") == ""
