"""The PostgreSQL server that the suite runs on."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg

from gitopshq.supervisor import postgres


def test_it_is_a_real_server_and_leaves_nothing_behind():
    with postgres.server() as url, psycopg.connect(url) as connection:
        folder = Path(unquote(urlsplit(url).netloc.rpartition("@")[2]))
        rows = connection.execute("SELECT upper('é'), version()").fetchall()
        assert folder.is_dir()

    [(upper, version)] = rows
    assert upper == "É"
    assert version.startswith("PostgreSQL 1")
    assert not folder.exists()
