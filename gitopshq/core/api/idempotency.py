"""One answer for each ``Idempotency-Key``, however often the request is sent.

A key is claimed by a row of its own before the work and freed when nothing came of
it. Refusals by the domain are answers and are kept; wrong shapes, lost races and
crashes are not.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from gitopshq.core import errors, http
from gitopshq.core.contention import insist
from gitopshq.core.models import IdempotencyRecord, User

HEADER: Final = "Idempotency-Key"
KEPT_FOR: Final = timedelta(hours=24)
ABANDONED_AFTER: Final = timedelta(minutes=2)
"""No request runs that long: a claim this old belongs to a process that died."""

_LONGEST_PATH: Final = 500
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_PASSING: Final = frozenset({"validation_error", "concurrent_update"})


class IdempotencyKeyReused(errors.Unprocessable):
    """A key that already stands for another body."""

    code = "idempotency_key_reused"
    message = "this Idempotency-Key was used with another body"


def answer_once(
    request: Request,
    key: str,
    work: Callable[[], HttpResponseBase],
    *,
    secret_fields: Iterable[str] = (),
) -> HttpResponseBase:
    """Return what *work* answers, or what it answered to *key* before.

    *secret_fields* of an answer are shown once: they are null in the kept one.

    :raises IdempotencyKeyReused: when the key came with another body.
    :raises ConcurrentUpdate: while the first request with the key runs.
    """
    claim = insist(partial(_claim, request, key))
    if claim.status is not None:
        return _replay(claim)
    try:
        response = work()
    except Exception as error:
        _settle_refusal(claim, error)
        raise
    if isinstance(response, Response) and response.status_code < http.SERVER_ERROR:
        _keep(claim, response.status_code, _shown(response, secret_fields))
    else:
        _free(claim)
    return response


def _claim(request: Request, key: str) -> IdempotencyRecord:
    """Return a record of ours to fill, or a filled one of the same request."""
    if not _KEY.fullmatch(key):
        raise errors.ValidationError.of(
            f"/{HEADER}", "use 1 to 255 visible ASCII characters"
        )
    assert isinstance(request.user, User)
    now = timezone.now()
    digest = _digest_of(request)
    records = IdempotencyRecord.objects.filter(actor=request.user)
    with transaction.atomic():
        records.filter(created_at__lte=now - KEPT_FOR).delete()
        record, is_new = records.get_or_create(
            actor=request.user,
            path=_path_of(request),
            key=key,
            defaults={"body_digest": digest},
        )
        if is_new:
            return record
        if record.body_digest != digest:
            raise IdempotencyKeyReused
        if record.status is not None:
            return record
        # Guarded: of several who find the claim abandoned, one takes it over.
        abandoned = Q(status=None, created_at__lte=now - ABANDONED_AFTER)
        if not records.filter(abandoned, pk=record.pk).update(created_at=now):
            raise errors.ConcurrentUpdate(what="the same request is running: this")
    record.created_at = now
    return record


def _keep(claim: IdempotencyRecord, status: int, body: str) -> None:
    mine = IdempotencyRecord.objects.filter(
        pk=claim.pk, status=None, created_at=claim.created_at
    )
    insist(partial(mine.update, status=status, body=body))


def _free(claim: IdempotencyRecord) -> None:
    mine = IdempotencyRecord.objects.filter(
        pk=claim.pk, status=None, created_at=claim.created_at
    )
    insist(mine.delete)


def _settle_refusal(claim: IdempotencyRecord, error: Exception) -> None:
    problem = http.problem_of(error)
    if (
        problem is None
        or problem.status >= http.SERVER_ERROR
        or problem.code in _PASSING
    ):
        _free(claim)
    else:
        _keep(claim, problem.status, http.respond(problem).content.decode())


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
