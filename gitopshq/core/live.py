"""Parts of pages that ask again by themselves: 304 where nothing has moved."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers

from gitopshq.core import http
from gitopshq.core.api.etags import etag_of

_EVER_NEW: Final = re.compile(
    rb'name="csrfmiddlewaretoken" value="[^"]*"|data-updated[^>]*>[^<]*<'
)
"""What differs in every answer and means nothing: masked secrets, the time of day."""


def live(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the answers of *view* to htmx an ``ETag``, and 304 for one that is known.

    What moves with every answer alone, such as tokens of forms, moves no tag.
    """

    @wraps(view)
    def asked_again(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request", "Cookie"])
        is_part = "HX-Request" in request.headers and request.method == "GET"
        if not is_part or response.status_code != http.OK or "HX-Refresh" in response:
            return response
        response["ETag"] = etag_of(_EVER_NEW.sub(b"", response.content))
        answer = get_conditional_response(
            request, etag=response["ETag"], response=response
        )
        assert isinstance(answer, HttpResponse)
        return answer

    return asked_again
