"""Where the demo is not seeded, and what it says when workers do not come."""

import pytest
from django.core.management import CommandError, call_command

from gitopshq.core.models import User
from gitopshq.demo import journey, packing
from tests import make


@pytest.mark.django_db
@pytest.mark.parametrize("somebody", [make.user, make.project])
def test_an_installation_in_use_is_left_alone(somebody):
    somebody()
    people = User.objects.count()

    with pytest.raises(CommandError, match="in use, and the demo's passwords are"):
        call_command("seed_demo")

    assert User.objects.count() == people


def test_without_a_worker_it_says_so(monkeypatch):
    monkeypatch.setattr(journey, "PATIENCE", 0.0)

    with pytest.raises(journey.CannotGoOn, match="is a worker running"):
        journey._wait(lambda: False, "3 renderings")


def test_a_chart_is_packed_to_the_same_bytes_with_what_it_needs():
    files = packing._chart_files("web")

    assert packing.chart("web") == packing.chart("web")
    assert "charts/common/templates/_labels.tpl" in files
    assert "charts/metrics/values.yaml" in files
