"""The base of every view of the API: who calls, with what, and how it is answered.

A view translates in, makes one call of an action or selector, and translates out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from functools import partial
from typing import Any, ClassVar, Final

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from gitopshq.core import errors, http, refusals
from gitopshq.core.api import etags, idempotency, lists, steps
from gitopshq.core.asking import SAFE, Question
from gitopshq.core.contention import insist
from gitopshq.core.models import ApiToken, User

MIB: Final = 1024 * 1024
_TAGGED: Final = frozenset({200, 201, 202})


class ApiView(APIView):
    """One path; its methods are ``get``, ``post``, ``patch``, ``put``, ``delete``."""

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    asks: ClassVar[Mapping[str, Question]] = {}
    """What each unsafe method asks of the caller before the body is read."""
    write_scope: ClassVar[str] = ""
    """What a token needs for unsafe methods; empty: ``admin`` alone will do."""
    scopes: ClassVar[Mapping[str, str]] = {}
    """Exceptions by method (``{"POST": TokenScope.READ}`` for a question by POST)."""
    spans_projects: ClassVar[bool] = False
    """A view without ``{project}`` in its path that heeds ``token_project``."""
    max_body: ClassVar[int] = MIB
    """Bytes."""
    secret_fields: ClassVar[Sequence[str]] = ()
    """Fields of an answer to POST that are shown once and kept nowhere."""
    begins_outside: ClassVar[bool] = False
    """A POST that takes long before it writes, or writes nothing that counts: with an
    ``Idempotency-Key``, any other one runs in a transaction that keeps its answer too.
    """

    @property
    def actor(self) -> User:
        """Whoever calls; for a token, its owner."""
        assert isinstance(self.request.user, User)
        return self.request.user

    @property
    def token(self) -> ApiToken | None:
        """The token of the call; ``None`` for somebody signed in."""
        auth = self.request.auth
        return auth if isinstance(auth, ApiToken) else None

    @property
    def is_token(self) -> bool:
        """Whether a token calls, and not a person who is signed in."""
        return self.token is not None

    @property
    def token_project(self) -> str:
        """The slug of the only project the call may see; empty for all."""
        return self.token.project if self.token else ""

    def read(
        self, serializer: type[BaseSerializer[Any]], *, partial: bool = False
    ) -> dict[str, Any]:
        """Return the body's values by Python name.

        :raises ValidationError: with a pointer to everything that is wrong.
        """
        given = serializer(
            data=self.request.data, partial=partial, context=self._context()
        )
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def query(self, serializer: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """Return the query string's values by Python name, less cursor and limit.

        :raises ValidationError: when one is unknown or wrong.
        """
        sent = self.request.query_params.items()
        data = {name: value for name, value in sent if name not in {"cursor", "limit"}}
        given = serializer(data=data, context=self._context())
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def show(
        self,
        instance: Any,
        serializer: type[BaseSerializer[Any]],
        *,
        status: int = 200,
        **context: Any,
    ) -> Response:
        """Answer with one object."""
        return Response(self.shape(instance, serializer, **context), status=status)

    def page(
        self,
        rows: QuerySet[Any],
        serializer: type[BaseSerializer[Any]],
        *,
        order: Sequence[str] = ("-pk",),
        **context: Any,
    ) -> Response:
        """Answer with a page of *rows*, and the cursor of the next one."""
        found, cursor = lists.page_of(rows, self.request.query_params, order=order)
        return self._listed(found, serializer, cursor, context)

    def listed(
        self,
        items: Sequence[Any],
        serializer: type[BaseSerializer[Any]],
        **context: Any,
    ) -> Response:
        """Answer with a short list that is always whole."""
        return self._listed(items, serializer, None, context)

    def nothing(self) -> Response:
        """Answer 204."""
        return Response(status=204)

    def shape(
        self, instance: Any, serializer: type[BaseSerializer[Any]], **context: Any
    ) -> Any:
        """Return *instance* as it goes over the wire."""
        return serializer(instance, context={**self._context(), **context}).data

    def attempting(self, event: str, subject: Model, *, project: str) -> None:
        """Have a refusal recorded as ``{event}_refused``; call before the action."""
        refusals.attempting(
            self.request._request,  # noqa: SLF001
            event,
            subject,
            project=project,
        )

    @contextmanager
    def unchanged(
        self, current: Callable[[], Any], *, lock: Callable[[], object]
    ) -> Iterator[None]:
        """Hold ``If-Match`` true while the block runs; without the header, just run.

        *current* returns the object's present shape, as its GET answers; *lock* keeps
        others from changing it.

        :raises PreconditionFailed: when the caller means another version.
        """
        header = self.request.headers.get("If-Match")
        if header is None:
            yield
            return
        with transaction.atomic():
            lock()
            if not etags.means(header, etags.etag_of(current())):
                raise errors.PreconditionFailed
            yield

    # How a request runs through.

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a body that is too large before anybody reads it.

        :raises TooLarge: with the limit.
        """
        too_large = http.too_large(request._request, self.max_body)  # noqa: SLF001
        if too_large is not None:
            raise too_large
        super().initial(request, *args, **kwargs)

    def check_permissions(self, request: Request) -> None:
        """Refuse what may not be seen, then a token's scope, then who may not.

        :raises ImproperlyConfigured: for a method that writes and asks nothing
        """
        question, http_request = self._question(request), request._request  # noqa: SLF001
        if question is None or not isinstance(request.user, User):
            super().check_permissions(request)
            return
        about = question.find(http_request, request.user, self.kwargs)
        super().check_permissions(request)
        question.ask(http_request, request.user, about, by_token=self.is_token)

    def _question(self, request: Request) -> Question | None:
        method = str(request.method)
        if method in SAFE or not hasattr(self, method.lower()):
            return None
        if method not in self.asks:
            raise ImproperlyConfigured(f"{type(self).__name__} asks nothing: {method}")
        return self.asks[method]

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Do as DRF does, once per key, and once more after a lost race."""
        self.args, self.kwargs = args, kwargs
        self.request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            # People have time zones on pages; the wire has one.
            with timezone.override(UTC):
                self.initial(self.request, *args, **kwargs)
                response = self._handle()
        except Exception as error:  # noqa: BLE001  handle_exception raises bugs again
            response = self.handle_exception(error)
        self.response = self.finalize_response(self.request, response, *args, **kwargs)
        return self.response

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Tag what shows an object, and answer 304 to whoever has it already."""
        final: HttpResponseBase = super().finalize_response(
            request, response, *args, **kwargs
        )
        final.headers.setdefault("Cache-Control", "private, no-cache")
        if final.status_code not in _TAGGED:
            return final
        if isinstance(final, Response):
            final.add_post_render_callback(partial(_tagged, request))
        elif isinstance(final, HttpResponse):
            return _tagged(request, final) or final
        return final

    def _handle(self) -> HttpResponseBase:
        method = str(self.request.method).lower()
        handler: Callable[..., steps.Outcome] = self.http_method_not_allowed
        if method in self.http_method_names:
            handler = getattr(self, method, handler)
        work = partial(handler, self.request, *self.args, **self.kwargs)
        key = self.request.headers.get(idempotency.HEADER)
        if key is None or method != "post" or not self.request.user.is_authenticated:
            return steps.go_on(insist(work), take=insist)
        return idempotency.answer_once(
            self.request,
            key,
            work,
            begins_outside=self.begins_outside,
            secret_fields=self.secret_fields,
        )

    def _listed(
        self,
        items: Sequence[Any],
        serializer: type[BaseSerializer[Any]],
        cursor: str | None,
        context: Mapping[str, Any],
    ) -> Response:
        shaped = serializer(items, many=True, context={**self._context(), **context})
        return Response({"items": shaped.data, "next": cursor})

    def _context(self) -> dict[str, Any]:
        return {"request": self.request, "view": self}


def _tagged(request: Request, response: HttpResponse) -> HttpResponse | None:
    if "ETag" not in response.headers:
        response.headers["ETag"] = etags.etag_of(response.content)
    known = request.headers.get("If-None-Match")
    is_reading = request.method in {"GET", "HEAD"} and response.status_code == http.OK
    if not is_reading or known is None or not etags.knows(known, response["ETag"]):
        return None
    unchanged = HttpResponse(status=304)
    for name in ("ETag", "Cache-Control", "Vary"):
        if name in response.headers:
            unchanged[name] = response[name]
    return unchanged
