"""One answer for each ``Idempotency-Key``, however often the request is sent.

A key is claimed by a row of its own before the work and freed when nothing came of
it. The answer is written in the transaction that does the work: both are there, or
neither, whenever the process dies. Refusals by the domain are answers and are kept;
wrong shapes, lost races and crashes are not, and roll back all of their transaction.

What a view that ``begins_outside`` answers outside a transaction is kept after its
work, which does no harm when it is done again.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypedDict, TypeGuard

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from gitopshq.core import errors, http, whole
from gitopshq.core.api import steps
from gitopshq.core.contention import insist
from gitopshq.core.models import IdempotencyRecord, User

HEADER: Final = "Idempotency-Key"
KEPT_FOR: Final = timedelta(hours=24)

_LONGEST_PATH: Final = 500
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_PASSING: Final = frozenset({"validation_error", "concurrent_update"})


class _Fields(TypedDict):
    status: int
    body: str


class IdempotencyKeyReused(errors.Unprocessable):
    """A key that already stands for another body."""

    code = "idempotency_key_reused"
    message = "this Idempotency-Key was used with another body"


def answer_once(
    request: Request,
    key: str,
    work: steps.Step,
    *,
    begins_outside: bool = False,
    secret_fields: Sequence[str] = (),
) -> HttpResponseBase:
    """Return what *work* answers, or what it answered to *key* before.

    Each step of it is one transaction, but the first where it *begins_outside*.
    *secret_fields* of an answer are shown once: they are null in the kept one.

    :raises IdempotencyKeyReused: when the key came with another body.
    :raises ConcurrentUpdate: while the first request with the key runs.
    """
    record = insist(partial(_claim, request, key))
    if record.status is not None:
        return _replay(record)
    claim = _Claim(record, secret_fields)
    try:
        begun = insist(work) if begins_outside else claim.take(work)
        response = steps.go_on(begun, claim.take)
        claim.end(response)
    except Exception as error:
        claim.end_refused(error)
        raise
    return response


@dataclass(slots=True)
class _Claim:
    """The record of a key that is ours to fill, until another takes it over."""

    record: IdempotencyRecord
    secret_fields: Iterable[str]
    kept: Response | None = None

    def take(self, step: steps.Step) -> steps.Outcome:
        """Take a step whole: with the answer, if it leads to one."""
        outcome = insist(partial(whole.do, partial(self._kept, step)))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def end(self, response: HttpResponseBase) -> None:
        """Keep what is answered in the end; free the key where that is no answer."""
        if not _is_kept(response):
            self._free()
        elif response is not self.kept:
            insist(partial(self._ours.update, **self._fields(response)))

    def end_refused(self, error: Exception) -> None:
        """Keep a refusal that is an answer; free the key after any other error.

        Neither where the work has left its answer before.
        """
        fields = _refusal_fields(error)
        if fields:
            insist(partial(self._unfilled.update, **fields))
        else:
            self._free()

    def _kept(self, step: steps.Step) -> steps.Outcome | Exception:
        """Return what *step* returns, or its refusal: then what it left stays."""
        try:
            outcome = step()
        except Exception as error:
            fields = _refusal_fields(error)
            # What can only be rolled back holds nothing: the refusal is kept later.
            if not fields or transaction.get_rollback():
                raise
            self._keep(fields)
            return error
        response = outcome.answer() if isinstance(outcome, steps.Waiting) else outcome
        if not isinstance(response, steps.Next) and _is_kept(response):
            self._keep(self._fields(response))
            self.kept = response
        return outcome

    def _keep(self, fields: _Fields) -> None:
        """Fill the record.

        :raises ConcurrentUpdate: when another request has taken it over
        """
        if not self._unfilled.update(**fields):
            raise _running()

    def _free(self) -> None:
        insist(self._unfilled.delete)

    def _fields(self, response: Response) -> _Fields:
        body = _shown(response, self.secret_fields)
        return {"status": response.status_code, "body": body}

    @property
    def _ours(self) -> QuerySet[IdempotencyRecord]:
        records = IdempotencyRecord.objects.filter(pk=self.record.pk)
        return records.filter(created_at=self.record.created_at)

    @property
    def _unfilled(self) -> QuerySet[IdempotencyRecord]:
        return self._ours.filter(status=None)


def _claim(request: Request, key: str) -> IdempotencyRecord:
    """Return a record of ours to fill, or a filled one of the same request."""
    if not _KEY.fullmatch(key):
        raise errors.ValidationError.of(
            f"/{HEADER}", "use 1 to 255 visible ASCII characters"
        )
    assert isinstance(request.user, User)
    now, digest = timezone.now(), _digest_of(request)
    records = IdempotencyRecord.objects.filter(actor=request.user)
    named = {"path": _path_of(request), "key": key}
    # Read before anything is locked: whoever comes second need not wait for the first.
    known = records.filter(**named, created_at__gt=now - KEPT_FOR).first()
    if known is not None and not _is_abandoned(known, now):
        return _answered(known, digest)
    with transaction.atomic():
        records.filter(created_at__lte=now - KEPT_FOR).delete()
        record, is_new = records.get_or_create(
            actor=request.user, **named, defaults={"body_digest": digest}
        )
        if is_new:
            return record
        # Guarded: of several who find the claim abandoned, one takes it over.
        abandoned = records.filter(
            pk=record.pk,
            status=None,
            body_digest=digest,
            created_at__lte=now - IdempotencyRecord.ABANDONED_AFTER,
        )
        if not abandoned.update(created_at=now):
            return _answered(record, digest)
    record.created_at = now
    return record


def _is_abandoned(record: IdempotencyRecord, now: datetime) -> bool:
    return (
        record.status is None
        and record.created_at <= now - IdempotencyRecord.ABANDONED_AFTER
    )


def _running() -> errors.ConcurrentUpdate:
    return errors.ConcurrentUpdate(what="the same request is running: this")


def _answered(record: IdempotencyRecord, digest: str) -> IdempotencyRecord:
    """Return *record* if it holds the answer to the body of that digest."""
    if record.body_digest != digest:
        raise IdempotencyKeyReused
    if record.status is None:
        raise _running()
    return record


def _is_kept(response: HttpResponseBase) -> TypeGuard[Response]:
    return isinstance(response, Response) and response.status_code < http.SERVER_ERROR


def _refusal_fields(error: Exception) -> _Fields | None:
    """Return what is kept of a refusal that is an answer, None of anything else."""
    problem = http.problem_of(error)
    if (
        problem is None
        or problem.status >= http.SERVER_ERROR
        or problem.code in _PASSING
    ):
        return None
    return {"status": problem.status, "body": http.respond(problem).content.decode()}


def _replay(record: IdempotencyRecord) -> HttpResponseBase:
    assert record.status is not None
    is_refusal = record.status >= http.CLIENT_ERROR
    kind = http.PROBLEM_TYPE if is_refusal else "application/json"
    response = HttpResponse(record.body, status=record.status, content_type=kind)
    if not record.body:
        del response["Content-Type"]
    return response


def _shown(response: Response, secret_fields: Iterable[str]) -> str:
    """Return the body as it is rendered, less its secrets."""
    data = response.data
    if data is None:
        return ""
    if secret_fields:
        data = {name: data[name] for name in data}
        data.update({name: None for name in secret_fields if name in data})
    return JSONRenderer().render(data).decode()


def _path_of(request: Request) -> str:
    path = request.path
    if len(path) <= _LONGEST_PATH:
        return path
    return hashlib.sha256(path.encode()).hexdigest()


def _digest_of(request: Request) -> str:
    """Return a keyed digest of query and body: bodies may hold short secrets."""
    body: Any = request.data
    if isinstance(body, QueryDict):
        content: Any = {name: _parts(values) for name, values in body.lists()}
    elif isinstance(body, bytes):
        content = hashlib.sha256(body).hexdigest()
    else:
        content = body
    canonical = json.dumps([request.query_params.urlencode(), content], sort_keys=True)
    digest = salted_hmac("idempotency", canonical, algorithm="sha256")
    return digest.hexdigest()


def _parts(values: Iterable[Any]) -> list[Any]:
    return [
        _file_digest(value) if isinstance(value, UploadedFile) else value
        for value in values
    ]


def _file_digest(file: "UploadedFile[Any]") -> list[str]:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return [str(file.name), digest.hexdigest()]
