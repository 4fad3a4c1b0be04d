"""What a page may cost where there is ten times as much as in the demo."""

import gzip
import re
from collections import Counter

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from approvals.subjects import request_for
from environments.models import TenantEnvironment
from gitopshq.core import audit_verify
from gitopshq.core.models import User
from gitopshq.demo import story
from releases.digests import release_digest
from releases.locking import fresh
from releases.models import Release
from releases.pending import pool_of
from releases.staleness import staleness_of

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]

MOST_QUERIES = 15
MOST_BYTES = 150_000
"""Of the HTML, compressed as a web server does it."""


def shape(sql: str) -> str:
    """Return a query without its values: repeated ones have the same."""
    return re.sub(r"'(?:[^']|'')*'|\b\d+\b", "?", re.sub(r"\bIN \(.*?\)", "IN ?", sql))


@pytest.mark.usefixtures("ten_shops")
def test_every_page_holds_its_budget(pages):
    """S106: few queries and little to send, with the shell, however much there is."""
    check_copies()
    dear = []
    for who, paths in pages.items():
        client = Client()
        client.force_login(User.objects.get(username=who))
        for path in paths:
            dear += opened(client, path)

    assert not dear, "\n" + "\n".join(dear)


def opened(client, path):
    """Return what is too dear about a page, and about each answer that leads to it.

    The second time: the first page may make what an installation makes once.
    """
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path)
    size = len(gzip.compress(answer.content, compresslevel=6))
    dear = []
    if len(asked) > MOST_QUERIES or size > MOST_BYTES:
        shapes = Counter(shape(row["sql"]) for row in asked.captured_queries)
        again = [f"  {n} times {sql}" for sql, n in shapes.items() if n > 1]
        dear = ["\n".join([f"{path}: {len(asked)} queries, {size:,} bytes", *again])]
    if answer.status_code == 302:
        return dear + opened(client, answer.url)
    assert answer.status_code == 200, path
    return dear


def check_copies():
    """Hold the copies true: what pages compute of them is as of their originals."""
    for tenant in ("acme", "acme-2"):
        staging = TenantEnvironment.objects.get(namespace=f"{tenant}-staging")
        sales = Release.objects.filter(title=story.SALE.title)
        waiting = fresh(sales.get(target__tenant__slug=tenant).pk)
        assert pool_of(staging).count == staging.pending_count == 5
        assert staleness_of(waiting) is None
        assert waiting.digest == release_digest(waiting) == request_for(waiting).digest
    assert audit_verify.verify().first_bad is None
