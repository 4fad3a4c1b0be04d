"""Help: its pages, what leads to them, and that what they tell is so."""

import re
import shlex
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from rest_framework.test import APIClient

from environments.permissions import Role
from gitopshq.core import errors
from gitopshq.core import help as pages
from gitopshq.core.models import TokenScope
from tests import make

TEMPLATES = Path(settings.BASE_DIR) / "templates"
LINK = re.compile(r"""(?:help_url |\bhelp=)"([^"]*)\"""")
COMMAND = re.compile(r'<pre[^>]* data-try="(\d+)">(.*?)</pre>', re.DOTALL)
ANCHOR = re.compile(r'\bid="([^"]+)"')


@pytest.fixture
def reader(db, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    client = Client()
    client.force_login(make.user("bob"))
    return client


@pytest.fixture
def shown(reader):
    """The text of every page, by its name."""
    found = {}
    for page in pages.PAGES:
        answer = reader.get(page.url)
        assert answer.status_code == 200
        found[page.slug] = answer.content.decode()
    return found


def test_every_page_is_listed_and_names_itself(reader, shown):
    listed = reader.get("/help").content.decode()

    for page in pages.PAGES:
        assert f'href="{page.url}"' in listed
        assert f"<h1>{page.title}</h1>" in unescape(shown[page.slug])
    assert reader.get("/help/nowhere").status_code == 404
    assert Client().get("/help").status_code == 302


def test_every_link_to_help_leads_to_a_place_that_exists(shown):
    """G10: of empty states, refusals and the pages themselves."""
    asked = {
        (str(file.relative_to(TEMPLATES)), place)
        for file in TEMPLATES.rglob("*.html")
        for place in LINK.findall(file.read_text())
    }
    asked |= {(code, place) for code, place in pages.REFUSED.items()}
    anchors = {slug: set(ANCHOR.findall(text)) for slug, text in shown.items()}

    lost = [
        (where, place)
        for where, place in sorted(asked)
        if (anchor := place.partition("#")[2])
        and anchor not in anchors[pages.page_of(place).slug]
    ]

    assert len(asked) > len(pages.PAGES)
    assert lost == []


def test_refusals_that_help_explains_exist():
    known = {getattr(kind, "code", "") for kind in families(errors.DomainError)}

    assert set(pages.REFUSED) <= known


def families(kind):
    return {kind}.union(*(families(one) for one in kind.__subclasses__()))


def test_what_the_pages_tell_to_type_works(shown, own_repositories, do):
    """Every command answers what the page says of it, one after another."""
    shop = make.project("shop")
    make.environment(shop, "prod", required_approvals=1)
    make.workload(shop, "api", on=[make.target(shop)])
    mona = make.user("mona", role=Role.MAINTAINER, on=shop)
    _, token = make.token(mona, scopes=[TokenScope.ADMIN])
    tried = []

    for page in shown.values():
        for status, command in COMMAND.findall(page):
            answer = do(call, unescape(command), token)
            tried.append((command, int(status), answer.status_code))

    assert len(tried) > 4
    assert [one for one in tried if one[1] != one[2]] == []


def call(command, token):
    """Do what curl would."""
    words = shlex.split(command.replace("$TOKEN", token).replace("$HQ", ""))
    assert words.pop(0) == "curl"
    method, headers, body, url = "", {}, None, ""
    while words:
        match words.pop(0):
            case "-sS":
                pass
            case "-X":
                method = words.pop(0)
            case "-H":
                name, value = words.pop(0).split(": ", 1)
                headers[name] = value
            case "-d":
                body = words.pop(0)
            case other:
                url = other
    client = APIClient(headers=headers)
    method = method or ("GET" if body is None else "POST")
    return client.generic(method, url, body or "", "application/json")
