"""Every page of the demo opens on PostgreSQL.

On SQLite they are opened where what they cost is counted.
"""

import pytest
from django.test import Client

from gitopshq.core.models import AuditEntry, User
from tests.journeys.pages import PAGES

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]


@pytest.mark.postgres
@pytest.mark.usefixtures("letter")
def test_every_page_opens():
    """S106: what pages show is asked of both databases."""
    # PostgreSQL counts on where an earlier test stopped.
    entry = AuditEntry.objects.earliest("pk").pk
    found_at = {"/audit/1": f"/audit/{entry}"}
    answers = {}
    for who, paths in PAGES.items():
        client = Client()
        client.force_login(User.objects.get(username=who))
        for path in paths:
            response = client.get(found_at.get(path, path), follow=True)
            answers[path] = response.status_code

    assert {path: code for path, code in answers.items() if code != 200} == {}
