"""One team's expectations, judged one after the other: a verdict each, whatever happens."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from msgspec.structs import replace

from checkpoint.arguments import bind
from checkpoint.errors import CheckpointError, NotApproved, Stalled
from checkpoint.globs import is_glob
from checkpoint.plan.model import Expectation, Task, Team
from checkpoint.process import forked
from checkpoint.validation.asked import Asked
from checkpoint.validation.content import Content, digest, digest_of, looked_at, shown, visible
from checkpoint.validation.deadline import Deadline, OutOfTime
from checkpoint.validation.given import Evidence, Rules, TeamFiles
from checkpoint.validator import NOTHING, Artifact, Entry, Finding, Unreadable, Validator, missing
from checkpoint.verdicts import Outcome, Seen, Use, Verdict

_KNOWN = 1000
"""Kinds of expectations that are kept bound. Words that differ each time, such as a sha256, are not worth keeping."""
_DISCARDED = ": a command wrote it in its sandbox, where nothing is kept"


class Bound:
    """The validators of expectations with their words as arguments. What many expectations say is read once."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._known: dict[tuple[str, tuple[str, ...]], tuple[Validator, list[Any], dict[str, Any]]] = {}

    def __call__(self, expectation: Expectation) -> tuple[Validator, list[Any], dict[str, Any]]:
        """Raises CheckpointError where there is no such validator, ValueError where it does not take these words."""
        key = (expectation.validator, expectation.arguments)
        found = self._known.get(key)
        if found is None:
            validator = self.rules.find(expectation.validator)
            found = (validator, *bind(validator.check, expectation.arguments))
            if len(self._known) < _KNOWN:
                self._known[key] = found
        return found


class Judge:
    """One team's expectations, judged one after the other: a verdict each, whatever happens.

    With `every`, a verdict is bound to the content of every file that it looked at; see `Content`. What is being judged
    stands in this object, and not in one for each expectation: making that would take as long as judging most.
    """

    def __init__(
        self,
        team: Team,
        where: TeamFiles,
        bound: Bound,
        keep: Evidence,
        deadline: Deadline,
        seconds: float,
        *,
        every: bool,
    ) -> None:
        self.team = team
        self._where = where
        self._bound = bound
        self._keep = keep
        self._deadline = deadline
        self._limit = seconds
        self._tree = where.tree
        self._content = Content(where.tree, every=every)
        self._asked = Asked(where.tree, self._content.read, where.references, where.services)
        self._task = Task("", "", ticked=False)
        self._expectation = Expectation("", "")
        self._seconds = seconds
        self._seen: list[Seen] = []
        self._evidence: dict[str, str] = {}

    def close(self) -> None:
        """Gives back what is held open of the team's files; another question opens it again."""
        self._where.forget()

    def verdict(self, task: Task, expectation: Expectation) -> Verdict:
        began = time.perf_counter()
        self._task, self._expectation = task, expectation
        if self._evidence or self._content.has_read or self._asked.noted:
            self._begin()
        outcome, findings = self._outcome(began)
        evidence: tuple[str, ...] = ()
        if self._evidence:
            evidence = self._keep(self.team, task, expectation, self._evidence)
        seen = self._content.completed(self._seen) if self._content.has_read else self._seen
        is_one = len(seen) == 1 and seen[0].path.isprintable()
        return Verdict(
            self.team.name,
            task.id,
            expectation.text,
            expectation.artifact,
            expectation.validator,
            outcome,
            expectation.line,
            self._shown(outcome, findings) if findings else (),
            digest_of(seen[0]) if is_one else digest(seen),
            (seen[0],) if is_one else _printable(seen),
            evidence,
            round(time.perf_counter() - began, 6),
            self._uses() if self._asked.noted else (),
        )

    def _begin(self) -> None:
        """Puts aside what the last expectation has left behind."""
        self._evidence = {}
        self._content.begin()
        self._asked.noted.clear()

    def _shown(self, outcome: Outcome, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        if outcome == "missing" and self._where.discarded(self._expectation.artifact):
            self._asked.note("command")
            findings = tuple(replace(each, action=f"{each.action}{_DISCARDED}") for each in findings)
        return tuple(map(shown, findings))

    def _uses(self) -> tuple[Use, ...]:
        if "command" in self._asked.noted:  # it may have put other folders in the place of those that were there
            self._where.forget()
        return self._asked.uses

    def _outcome(self, now: float) -> tuple[Outcome, tuple[Finding, ...]]:
        self._seen = []
        self._seconds = 0.0 if self._expectation.validator == "command" else self._limit
        if self._where.refusal:
            return self._where.refused_as, (self._where.refusal,)
        if not self._bound.rules.is_approved(self.team, self._expectation):
            return "untrusted", (_unapproved(self._task),)
        try:
            self._deadline.begin(now, self._seconds)
            return self._within_time()
        except Unreadable as error:
            return "failed", (error.finding,)
        except NotApproved as error:
            return "untrusted", (Finding("an approval", error.what, action=error.mend),)
        except Stalled as error:
            action = f"a person mends it here: {error.mend}"
            return "error", (Finding("a proof that can be made here", error.what, _place(self._task), action),)
        except CheckpointError as error:
            return "error", (self._mistake(error.what, error.mend),)
        except ValueError as error:
            return "error", (self._mistake(str(error)),)
        except OutOfTime:
            self._asked.note("clock")
            return "error", (self._mistake(f"no answer within {self._seconds:g} s"),)
        except Exception as error:  # noqa: BLE001 - a plug-in may fail in any way, and must fail alone
            self._evidence["error"] = f"{type(error).__name__}: {error}"
            return "error", (self._mistake(f"{self._expectation.validator} failed with {type(error).__name__}"),)
        finally:
            self._deadline.end()

    def _mistake(self, found: str, mend: str = "") -> Finding:
        action = f"a person mends {self._task.id} in the plan: {mend or self._expectation.text}"
        return Finding("an expectation that can be checked", found, _place(self._task), action)

    def _within_time(self) -> tuple[Outcome, tuple[Finding, ...]]:
        path = self._expectation.artifact
        validator, positional, keywords = self._bound(self._expectation)
        entries = self._entries(path, validator)
        if validator.on == "artifact":
            findings = self._check(validator, path, entries, positional, keywords)
        elif not entries:
            return "missing", (missing(path),)
        else:
            findings = [each for entry in entries for each in self._file(validator, entry, positional, keywords)]
        if not findings:
            return "passed", ()
        return "missing" if all(each.found == NOTHING for each in findings) else "failed", tuple(findings)

    def _entries(self, path: str, validator: Validator) -> tuple[Entry, ...]:
        if validator.name == "command":
            self._asked.about(path, (), ())
            return ()
        apart = validator.apart
        if is_glob(path):
            entries = self._tree.find(path)
        else:
            entry = self._tree.entry(path)
            if entry is not None and entry.kind == "file":
                self._seen = [self._content.seen(entry, whole=apart)]
                self._asked.about(path, (entry,), self._seen)
                return (entry,)
            entries = (entry,) if entry else ()
        if not (found := looked_at(self._tree, path, entries)):
            self._seen = [Seen(path, -1)]
        else:
            self._seen = [self._content.seen(each, whole=apart) for each in found]
        self._asked.about(path, entries, self._seen)
        return entries

    def _file(
        self, validator: Validator, entry: Entry, positional: list[Any], keywords: dict[str, Any]
    ) -> list[Finding]:
        refusal = _refusal(entry, validator.empty) or self._pointer(entry)
        return [refusal] if refusal else self._check(validator, entry.path, (entry,), positional, keywords)

    def _pointer(self, entry: Entry) -> Finding | None:
        if not self._content.is_pointer(entry):
            return None
        return Finding("the file itself", "a Git LFS pointer", entry.path, f"bring `{entry.path}` with `git lfs pull`")

    def _check(
        self,
        validator: Validator,
        path: str,
        entries: tuple[Entry, ...],
        positional: list[Any],
        keywords: dict[str, Any],
    ) -> list[Finding]:
        asked = self._asked
        artifact = Artifact(path, entries, asked.tree, asked.references, asked.services)
        if validator.apart and self._seconds:
            return self._apart(validator, artifact, positional, keywords)
        try:
            return list(validator.check(artifact, *positional, **keywords) or ())
        finally:
            if artifact.evidence:
                self._evidence |= artifact.evidence

    def _apart(
        self, validator: Validator, artifact: Artifact, positional: list[Any], keywords: dict[str, Any]
    ) -> list[Finding]:
        content = forked(lambda: _answer(validator, artifact, self._asked, positional, keywords), self._seconds)
        if content is None:
            raise OutOfTime
        answer = msgspec.json.decode(content, type=_Answer)
        self._evidence |= answer.evidence
        self._asked.note(*answer.uses)
        if answer.mistake:
            raise ValueError(answer.mistake)
        return list(answer.findings)


class _Answer(msgspec.Struct, frozen=True):
    """What a validator that runs apart has to say."""

    findings: tuple[Finding, ...] = ()
    evidence: dict[str, str] = {}
    mistake: str = ""
    uses: tuple[Use, ...] = ()


def _answer(
    validator: Validator, artifact: Artifact, asked: Asked, positional: list[Any], keywords: dict[str, Any]
) -> bytes:
    try:
        findings = tuple(validator.check(artifact, *positional, **keywords) or ())
        answer = _Answer(findings, artifact.evidence)
    except Unreadable as error:
        answer = _Answer((error.finding,))
    except Exception as error:  # noqa: BLE001 - a plug-in may fail in any way, and must say so from where it runs
        mistake = (
            str(error) if isinstance(error, ValueError) else f"{validator.name} failed with {type(error).__name__}"
        )
        answer = _Answer(mistake=mistake)
    return msgspec.json.encode(replace(answer, findings=tuple(map(shown, answer.findings)), uses=asked.uses))


def _printable(seen: list[Seen]) -> tuple[Seen, ...]:
    return tuple([each if each.path.isprintable() else replace(each, path=visible(each.path)) for each in seen])


def _refusal(entry: Entry, empty: bool) -> Finding | None:
    path = entry.path
    if entry.kind == "file":
        return None if entry.size or empty else Finding("content", "an empty file", path, f"write `{path}`")
    found = {"link": "a link", "folder": "a folder", "submodule": "a submodule that is not checked out"}
    return Finding("a regular file", found.get(entry.kind, "no regular file"), path, f"deliver `{path}` as a file")


def _place(task: Task) -> str:
    """Where in the plan. By name: lines move when a checkpoint writes into the plan, and would be news each time."""
    return f"{task.id} in the plan"


def _unapproved(task: Task) -> Finding:
    return Finding("an approval", "none", _place(task), "a person runs `checkpoint approve`")
