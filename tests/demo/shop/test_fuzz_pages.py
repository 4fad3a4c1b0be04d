"""Every page, asked for with query strings that no link of ours makes.

``HQ_TEST_SCALE=50`` asks fifty times as often; ``HQ_FUZZ_SEED`` asks otherwise.
"""

import os
from contextlib import contextmanager
from random import Random
from unittest.mock import patch
from urllib.parse import parse_qsl, quote

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client

from gitopshq.core.models import User
from tests.contract.fuzzing.inventing import NUMBERS, TEXTS, TIMES

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]

SCALE = int(os.environ.get("HQ_TEST_SCALE", "1"))
# Each database is asked otherwise.
SEED = f"{connection.vendor} {os.environ.get('HQ_FUZZ_SEED', '7')}"
TRIES = 2 * SCALE
"""Query strings for each page."""
WORDS = [*TEXTS, *map(str, NUMBERS), *TIMES, "x" * 5000]


@contextmanager
def overheard(names):
    """Put into *names* what is looked for in a query string or a form."""
    get, getlist = QueryDict.get, QueryDict.getlist

    def hear(method):
        def heard(query, key, *rest):
            names.add(key)
            return method(query, key, *rest)

        return heard

    with (
        patch.object(QueryDict, "get", hear(get)),
        patch.object(QueryDict, "getlist", hear(getlist)),
    ):
        yield


def strange(path, names, random):
    """Return *path* with one or two values that nobody expects, or with none at all."""
    place, _, query = path.partition("?")
    asked = parse_qsl(query)
    for _ in range(random.choice((1, 1, 2))):
        name = random.choice([*sorted(names), random.choice(WORDS)])
        asked = [pair for pair in asked if pair[0] != name or random.random() < 0.2]
        asked += [(name, random.choice(WORDS)) for _ in range(random.choice((1, 2)))]
    written = [
        f"{quote(name, errors='surrogatepass')}={quote(value, errors='surrogatepass')}"
        for name, value in asked
    ]
    return f"{place}?{'&'.join(written)}&%ff=%ff&%00&&=&"


def broken(client, path):
    """Say whether there is no answer to a request that makes sense."""
    response = client.get(path)
    return response.status_code >= 500


def test_no_query_string_breaks_a_page(pages, caplog):
    random, wrong, names_seen = Random(SEED), [], set()
    with caplog.at_level("CRITICAL"):
        for who, paths in pages.items():
            client = Client(raise_request_exception=False)
            client.force_login(User.objects.get(username=who))
            for path in paths:
                names = set()
                with overheard(names):
                    assert not broken(client, path)
                names_seen |= names
                tried = [strange(path, names, random) for _ in range(TRIES)]
                wrong += [one for one in tried if broken(client, one)]

    assert wrong == []
    assert names_seen >= {"q", "diff", "layer", "tenant", "key"}, "they are overheard"
