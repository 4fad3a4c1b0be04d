"""How PostgreSQL is told not to think for longer than it works."""

import pytest
from django.db import connection

from gitopshq.core.planning import TABLES_REORDERED

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_a_connection_searches_the_order_of_few_tables():
    with connection.cursor() as cursor:
        cursor.execute("SHOW join_collapse_limit")
        assert cursor.fetchone() == (str(TABLES_REORDERED),)
