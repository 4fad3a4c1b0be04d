"""What page views share: the typed request."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from gitopshq.core.models import User


class PageRequest(HttpRequest):
    """A request of somebody signed in, with htmx details."""

    htmx: HtmxDetails
    user: User
