"""Tells the services that apprise knows: a channel for each address, so that one that fails makes no other one repeat.

Of apprise only the services themselves are used, one message at a time. Its own retries, splitting of long messages,
escapes, templates, tags, storage and pictures are off, whatever an address asks for.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from checkpoint.credentials import read
from checkpoint.errors import ConfigurationError
from checkpoint.lazy import load
from checkpoint.notify import Means, Notice, Notifier, NotifyError
from checkpoint.notify.apprise_failures import Heard, ear, judged, reason
from checkpoint.notify.plain import lines

_LINES = 1000
_WIDTH = 1000
_PACE = 5.5
"""Seconds: what apprise holds to be bearable for a service of which nothing else is known."""

_SCHEMA = re.compile(r"([a-z][a-z0-9]{1,19})://", re.IGNORECASE)
_KINDS = {"info": "info", "good": "success", "bad": "failure"}
_LOADING = threading.Lock()

_MENTION = re.compile(r"(?<!\w)@(?=\w)")
_COMMAND = re.compile(r"<(?=[!@#])")
_AT, _LESS = "\uff20", "\u2039"
"""What looks like `@` and `<`, and calls nobody."""


class AppriseNotifier:
    """Carries notices to one address. The address is a secret, all of it but its schema."""

    template = "notice"
    pace = _PACE

    def __init__(self, number: int, address: str) -> None:
        schema = _SCHEMA.match(address)
        self.name = f"apprise:{number}:{schema[1].lower()}" if schema else f"apprise:{number}"
        self._address = address

    def send(self, notice: Notice) -> None:
        heard: list[Heard] = []
        service, library = self._service
        service.logger = ear(heard)
        title, body = _words(notice)
        # Not through apprise's own queue, which would try again, use threads, and may take a failure for a success.
        carried = service.notify(
            body=body,
            title=title,
            notify_type=_KINDS[notice.level],
            body_format=library.NotifyFormat.TEXT,
            overflow=library.OverflowMode.TRUNCATE,
        )
        if not carried:
            raise self._failure(heard, len(service))

    def _failure(self, heard: list[Heard], targets: int) -> NotifyError:
        judgement = judged(heard, targets)
        return NotifyError(
            "the service did not take the notice",
            why=reason(heard, self._address),
            mend="look into its address" if judgement.lasting else "",
            doubtful=judgement.doubtful,
            lasting=judgement.lasting,
        )

    @cached_property
    def _service(self) -> tuple[Any, Any]:
        service, library = _connected(self._address)
        if service is None:
            raise NotifyError(
                "apprise does not know the address",
                why="its schema or a part of it is wrong, or a package is missing that it needs",
                mend="compare it with apprise's page of that service",
                lasting=True,
            )
        service.retry = 0  # its targets are counted with the tries that it would make
        return service, library


class Unusable:
    """Stands for addresses that cannot be read, and says why."""

    name = "apprise"

    def __init__(self, error: ConfigurationError) -> None:
        self._error = error

    def send(self, notice: Notice) -> None:
        raise NotifyError(self._error.what, why=self._error.why, mend=self._error.mend, lasting=True)


def build(means: Means) -> tuple[Notifier, ...]:
    """A notifier for each address that the credential holds, one a line. Nothing of apprise is imported yet."""
    try:
        addresses = list(_addresses(read(means.apprise, means.environ)))
        if not addresses:
            raise ConfigurationError(f"{means.apprise} has no address", mend="write one a line")
    except ConfigurationError as error:
        return (Unusable(error),)
    return tuple(AppriseNotifier(number, address) for number, address in enumerate(addresses, 1))


def _addresses(text: str) -> Iterator[str]:
    stripped = (line.strip() for line in text.splitlines())
    return (line for line in stripped if line and not line.startswith("#"))


def _connected(address: str) -> tuple[Any, Any]:
    """apprise's service for an address, None where it knows none; and apprise."""
    with _LOADING, warnings.catch_warnings():  # all of its services are imported, and some of them warn
        warnings.simplefilter("ignore")
        _silence()
        try:
            library = load("apprise")
        except ImportError as error:
            mend = "pip install apprise"
            raise NotifyError("apprise is not installed", why=type(error).__name__, mend=mend, lasting=True) from error
        try:
            return library.Apprise.instantiate(address, asset=_asset(library)), library
        except Exception:  # noqa: BLE001 - a service's own parser failed, and its words may quote the address
            return None, library


def _asset(library: Any) -> Any:
    """What apprise's services have in common: nothing is written, made or shown that nobody asked for."""
    pictures = dict.fromkeys(("image_url_mask", "image_url_logo", "image_path_mask"), "")
    return library.AppriseAsset(
        app_id="checkpoint",
        app_desc="checkpoint",
        http_redirects=False,  # a message that is redirected becomes a question, and nobody hears of it
        pgp_autogen=False,
        pem_autogen=False,
        **pictures,
    )


def _silence() -> None:
    """Keeps what apprise logs, addresses included, from whoever listens; it brings its own handler, a deaf one."""
    load("logging").getLogger("apprise").propagate = False


def _words(notice: Notice) -> tuple[str, str]:
    """Title and text. Nothing in them calls anybody: services make mentions of `@name` and `<!channel>`."""
    title, *rest = (_MENTION.sub(_AT, _COMMAND.sub(_LESS, line)) for line in lines(notice, _LINES, _WIDTH))
    text = "\n".join(rest).strip()
    return (title, text) if text else ("", title or "…")
