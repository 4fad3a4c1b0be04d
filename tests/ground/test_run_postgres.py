"""The PostgreSQL server that the suite runs on."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg

from gitopshq.supervisor import postgres


def test_it_is_a_real_server_and_leaves_nothing_behind():
    with postgres.server() as url, psycopg.connect(url) as connection:
        folder = Path(unquote(urlsplit(url).netloc.rpartition("@")[2]))
        row = connection.execute("SELECT upper('é'), version()").fetchone()
        assert folder.is_dir()

    assert row[0] == "É"
    assert row[1].startswith("PostgreSQL 1")
    assert not folder.exists()
