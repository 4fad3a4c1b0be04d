"""Engines from the wheel, whatever this machine has, and one warm child a worker."""

import pytest

from delivery.rendering.pool import ChildPool
from tests.rendering.jobs import KEYS


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory, worker_id):
    """One folder for all workers: the programs are unpacked once."""
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "rendering"


@pytest.fixture(scope="session")
def warm_pool(data_dir):
    with ChildPool(data_dir, search="") as pool:
        yield pool


@pytest.fixture
def render(warm_pool):
    """Render a job: ``render(job, chart)`` gives the result."""

    def run(job, chart=b""):
        return warm_pool.render(job, load_chart=lambda _: chart, key_ring=KEYS)

    return run
