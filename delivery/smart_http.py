"""Hosted Git over HTTP, for stock clients: whose token it is, then bytes."""

import base64
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from delivery import tips
from delivery.git.upload_pack import UPLOAD_PACK, Answer, UploadPack, refuse_push
from delivery.readers import project_read_by
from delivery.reading import note_reading
from delivery.repositories import repositories_of
from environments.models import Project
from gitopshq.core.models import ApiToken, TokenScope
from gitopshq.core.rows import one_of
from gitopshq.core.tokens import authenticate_token

logger: Final = logging.getLogger(__name__)

_server: Final = UploadPack()
_REALM: Final = 'Basic realm="GitOpsHQ", charset="UTF-8"'


@dataclass(frozen=True, slots=True)
class _Refused(Exception):
    status: int
    words: str


@dataclass(frozen=True, slots=True)
class _Reader:
    project: Project
    token: ApiToken | None
    repository: Path

    def note(self, request: HttpRequest) -> None:
        """Have it known that this program reads here; pushes are no reading."""
        if request.GET.get("service", UPLOAD_PACK) == UPLOAD_PACK:
            agent = request.headers.get("User-Agent", "")
            note_reading(self.project, token=self.token, agent=agent)


@require_GET
def info_refs(request: HttpRequest, project: str) -> HttpResponseBase:
    """Answer what every client asks first."""
    try:
        reader = _reader(request, project)
    except _Refused as refusal:
        return _refusal(refusal)
    reader.note(request)
    return _http(
        _server.info_refs(
            reader.repository,
            service=request.GET.get("service", ""),
            protocol=request.headers.get("Git-Protocol", ""),
        )
    )


@csrf_exempt
@require_POST
def upload_pack(request: HttpRequest, project: str) -> HttpResponseBase:
    """Answer a fetch: the objects asked for, streamed."""
    try:
        reader = _reader(request, project)
    except _Refused as refusal:
        return _refusal(refusal)
    reader.note(request)
    return _http(
        _server.serve(
            reader.repository,
            request.META,
            protocol=request.headers.get("Git-Protocol", ""),
        )
    )


@csrf_exempt
def receive_pack(request: HttpRequest, project: str) -> HttpResponseBase:
    """Refuse every push, with the reason."""
    try:
        _reader(request, project)
    except _Refused as refusal:
        return _refusal(refusal)
    return _http(refuse_push())


def _reader(request: HttpRequest, slug: str) -> _Reader:
    """Return who calls, and the repository to serve to them.

    :raises _Refused: 401 without a good token, 404 for what one may not read
    """
    secret = _password(request)
    if secret is None:
        named = Project.objects.filter(slug=slug, allows_anonymous_git=True)
        project = one_of(named.select_related("repository"))
        if project is not None:
            return _Reader(project, None, _served(project, with_source=False))
        raise _Refused(401, "Use an API token with the scope git:read as password.")
    token = authenticate_token(secret)
    if token is None or not _has_scope(token):
        raise _Refused(401, "This token is not valid for Git: it needs git:read.")
    project = project_read_by(token.user, slug)
    if project is None or token.project not in ("", project.slug):
        raise _Refused(404, "There is no such repository.")
    return _Reader(project, token, _served(project, with_source=True))


def _served(project: Project, *, with_source: bool) -> Path:
    """Return the repository to serve.

    A cluster that reads an older ``main`` goes back to what that says, and deletes what
    came later: then it is better served nothing.

    :raises _Refused: 503 while ``main`` lacks what was published
    """
    if not tips.is_whole(project):
        logger.critical("%s is not served: run manage.py fsck", project)
        raise _Refused(503, "This repository lost commits and is being restored.")
    return repositories_of(project).served(with_source=with_source)


def _has_scope(token: ApiToken) -> bool:
    return bool({TokenScope.GIT_READ, TokenScope.ADMIN} & set(token.scopes))


def _password(request: HttpRequest) -> str | None:
    """Return the password of HTTP Basic, or the Bearer token; None without either."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(given, validate=True).decode()
    except ValueError:  # no base64, or no UTF-8 inside it
        return ""
    return decoded.partition(":")[2]


def _http(answer: Answer) -> HttpResponseBase:
    return StreamingHttpResponse(
        answer.body, status=answer.status, headers=dict(answer.headers)
    )


def _refusal(refusal: _Refused) -> HttpResponse:
    response = HttpResponse(
        f"{refusal.words}\n", status=refusal.status, content_type="text/plain"
    )
    if refusal.status == 401:  # noqa: PLR2004
        response["WWW-Authenticate"] = _REALM
    return response
