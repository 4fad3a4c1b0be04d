"""Uploaded charts are read in a limited child of their own, or refused."""

import sys

import pytest

from delivery.chart_reading import read_chart
from delivery.rendering import chart_child
from delivery.rendering.limits import Limits
from environments.ports import ChartUnreadable
from tests import make


def test_a_chart_tells_what_it_is():
    read = read_chart(make.chart_archive("web", "1.2.3"))

    assert (read.name, read.version) == ("web", "1.2.3")
    assert len(read.digest) == 64


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no archive", "gzipped tar"),
        (make.chart_archive(files={"Chart.yaml": "name: ''\n"}), "apiVersion"),
    ],
)
def test_a_bad_one_is_refused_in_words(data, reason):
    with pytest.raises(ChartUnreadable) as refused:
        read_chart(data)

    assert reason in refused.value.reason


def test_a_child_that_dies_is_a_refusal(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(ChartUnreadable) as refused:
        read_chart(make.chart_archive())

    assert refused.value.reason == "takes too much memory to read"


def test_a_child_that_does_not_end_is_a_refusal(monkeypatch, tmp_path):
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec /bin/sleep 30\n")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    monkeypatch.setattr(chart_child, "SECONDS", 0.2)

    with pytest.raises(ChartUnreadable) as refused:
        read_chart(make.chart_archive())

    assert refused.value.reason == "takes too long to read"


def test_a_child_may_take_less_than_a_worker():
    assert chart_child.LIMITS.address_space < Limits().address_space
    assert chart_child.LIMITS.file_size == 0
