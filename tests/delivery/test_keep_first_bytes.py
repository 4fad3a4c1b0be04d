"""Of a unit that may come out different, the first bytes are kept (domain 5)."""

import pytest

from delivery import making
from delivery.git import trees
from delivery.git.repository import Repository
from delivery.models import RenderedUnit
from delivery.repositories import repositories_of
from environments import actions
from tests import make
from tests.delivery.conftest import CONFIG

pytestmark = pytest.mark.django_db


@pytest.fixture
def restless(shop, prod):
    return make.restless(shop, on=prod)


def unit_in(shop, tree):
    """Return the texts of the workload in the tree of a rendering."""
    with Repository(repositories_of(shop).renderings) as repository:
        return {
            path: repository.read_blob(blob).decode()
            for path, blob in trees.list_files(repository, tree).items()
            if path.startswith("api/")
        }


def test_they_stay_until_an_input_changes(shop, restless, put, rendered):
    """Other inputs of the target may change meanwhile."""
    first = unit_in(shop, rendered().tree)
    put(CONFIG.format(name="flags", value="1"))
    beside = unit_in(shop, rendered().tree)
    actions.set_values(restless, text="replicas: 7\n", actor=None)
    changed = unit_in(shop, rendered().tree)
    actions.set_values(restless, text="", actor=None)
    back = unit_in(shop, rendered().tree)

    assert first == beside == back
    (before,), (after,) = first.values(), changed.values()
    assert before.splitlines()[-1] != after.splitlines()[-1]


def test_without_them_a_rendering_gives_others(shop, restless, rendered):
    """Or the tests here would show nothing."""
    ready = rendered()
    RenderedUnit.objects.all().delete()

    again = making.make(ready)

    assert unit_in(shop, again.tree) != unit_in(shop, ready.tree)


def test_of_two_renderings_at_once_one_takes_the_bytes_of_the_other(
    shop, restless, put, asked, monkeypatch
):
    slow = asked()
    put(CONFIG.format(name="flags", value="1"))
    quick, made = asked(), []
    render_units = making.render_units

    def overtaken(*args, **kwargs):
        results = render_units(*args, **kwargs)
        if not made:
            made.append(None)
            made[0] = making.make(quick)
        return results

    monkeypatch.setattr(making, "render_units", overtaken)

    late = making.make(slow)

    assert late.tree != made[0].tree
    assert unit_in(shop, late.tree) == unit_in(shop, made[0].tree)
