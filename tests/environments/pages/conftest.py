"""People with browsers, and what a page costs."""

import pytest
from django.test import Client

from environments.models import ValuesLayer, Variable
from gitopshq.core.models import User

MOST_QUERIES = 15


@pytest.fixture(autouse=True)
def _untracked(settings):
    # Where people are logged in is noted with every request; no page asks for it.
    settings.USERSESSIONS_TRACK_ACTIVITY = False


@pytest.fixture
def as_person():
    """Return a browser in which somebody is logged in."""

    def client(user: User) -> Client:
        made = Client()
        made.force_login(user)
        return made

    return client


@pytest.fixture
def read(as_person):
    """Return the text of a page as somebody sees it."""

    def page(user: User, url: str) -> str:
        answer = as_person(user).get(url)
        assert answer.status_code == 200, answer.content.decode()[-2000:]
        return answer.content.decode()

    return page


@pytest.fixture
def field(as_person):
    """Return what a field of a form holds on a page."""

    def value(user: User, url: str, form: str, name: str) -> object:
        context = as_person(user).get(url).context
        found = context[form] if form in context else context["forms"][form]
        return found[name].value()

    return value


@pytest.fixture
def text_of():
    """Return the saved text of a values layer."""

    def text(workload, tenant=None, environment=None) -> str:
        rows = ValuesLayer.objects.filter(
            workload=workload, tenant=tenant, environment=environment
        )
        return rows.values_list("text__body", flat=True).first() or ""

    return text


@pytest.fixture
def value_of():
    """Return the saved value of a variable at a scope."""

    def value(key: str, scope: str) -> str | None:
        rows = Variable.objects.filter(key=key, scope=scope)
        return rows.values_list("value", flat=True).first()

    return value
