"""How Slack is asked over HTTP, and how it answers: also with what goes wrong on the way."""

import json
import urllib.parse
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias

from tests.helpers.slack_rules import Json, RefusedError

Kind: TypeAlias = Literal["none", "limited", "dropped", "cut", "slow", "html", "failed", "garbage", "refused"]

_HTML = b"<html><head><title>503</title></head><body>Service Unavailable</body></html>"


class Fault(NamedTuple):
    """What goes wrong with one request, of that method or of any.

    `none`: nothing goes wrong this time. `limited`: 429, to be tried again after `value` seconds. `dropped`: accepted,
    then the connection ends. `cut`: it ends before anything is accepted. `slow`: accepted, and answered when the client
    has gone. `html`: 503 by something in between. `failed`: accepted, then 500. `garbage`: accepted, then half an
    answer. `refused`: by the word `value`.
    """

    kind: Kind
    method: str = ""
    value: str | float = 1


class Answer(NamedTuple):
    """An HTTP answer; `status` 0 ends the connection without one."""

    status: int
    body: bytes = b""
    headers: Json = MappingProxyType({})


def read(headers: Json, body: bytes) -> tuple[str, Json]:
    """The token and the arguments of a request, in one of the two ways that Slack understands."""
    kind, _, charset = headers.get("Content-Type", "").partition(";")
    token = headers.get("Authorization", "").removeprefix("Bearer ")
    if not body:
        return token, {}
    if kind == "application/json":
        if charset.strip() not in ("", "charset=utf-8"):
            raise RefusedError("invalid_charset")
        try:
            arguments = json.loads(body)
        except ValueError as error:
            raise RefusedError("invalid_json") from error
        if not isinstance(arguments, dict):
            raise RefusedError("json_not_object")
        return token, arguments
    if kind != "application/x-www-form-urlencoded":
        raise RefusedError("invalid_form_data")
    form = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
    return token or form.get("token", ""), form


def refusal(fault: Fault, method: str) -> Answer:
    if fault.kind == "cut":
        return Answer(0)
    if fault.kind == "html":
        return Answer(503, _HTML, {"Content-Type": "text/html"})
    error = (
        RefusedError("ratelimited", after=fault.value) if fault.kind == "limited" else RefusedError(str(fault.value))
    )
    return refused(error, method)


_HOOK_STATUS = {"no_service": 404, "action_prohibited": 403, "channel_is_archived": 410, "ratelimited": 429}


def refused(error: RefusedError, method: str) -> Answer:
    after = {"Retry-After": error.more.pop("after")} if "after" in error.more else {}
    if method == "webhook":
        return Answer(_HOOK_STATUS.get(error.code, 400), error.code.encode(), {"Content-Type": "text/html", **after})
    beside = {"response_metadata": {"messages": error.details}} if error.details else {}
    answer = in_json(429 if after else 200, {"ok": False, "error": error.code, **error.more, **beside})
    return answer._replace(headers={**answer.headers, **after})


def spoilt(fault: Fault | None, answer: Answer) -> Answer:
    if fault is None or fault.kind in ("none", "slow"):
        return answer
    if fault.kind == "failed":
        return in_json(500, {"ok": False, "error": "internal_error"})
    return Answer(0) if fault.kind == "dropped" else answer._replace(body=answer.body[: len(answer.body) // 2])


def in_json(status: int, value: object) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json; charset=utf-8"})
