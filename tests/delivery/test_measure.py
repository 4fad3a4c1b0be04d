"""Every benchmark of delivery runs, at sizes too small to say anything."""

from dataclasses import replace

import pytest

from tests.bench import harness

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("name", ["P2", "P3", "P4", "P5"])
def test_a_benchmark_runs(name, monkeypatch, tmp_path):
    monkeypatch.setenv("HQ_BENCH_SIZE", "0.01")
    (one,) = [found for found in harness.declared() if found.name == name]

    outcome = harness.measure(replace(one, runs=1), tmp_path)

    assert outcome.name == name
    assert outcome.ours > 0
    assert outcome.theirs > 0
