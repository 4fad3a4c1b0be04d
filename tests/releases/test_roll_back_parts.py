"""Rolling back a part: one service, or single fields; and what is not there."""

import pytest

from environments import actions as environments
from environments.desired.reverting import Field
from environments.desired.state import State
from gitopshq.core.errors import ValidationError
from releases import errors
from releases.locking import fresh
from releases.models import RollbackScope, Status
from releases.pending import pool_of
from releases.rollbacks import Reversal
from tests import make


def service(*names):
    return Reversal(RollbackScope.SERVICE, services=names)


def field(file, path="", **more):
    return Reversal(RollbackScope.FIELD, fields=(Field(file, path, **more),))


def flag(name="fast"):
    return f"targets/acme/dev/manifests/flags/{name}.yaml"


def document(release):
    return State.from_json(release.snapshot.document)


@pytest.fixture
def services(shop, dev, edit, create, submit, deploy, do):
    """Ship two services together, again and again; each value counts up."""
    made = [make.workload(shop, name, on=[dev]) for name in ("api", "web")]

    def ship(value):
        for workload in made:
            do(
                environments.set_values,
                workload,
                text=f"replicas: {value}\nlevel: {value}\n",
                tenant=dev.tenant,
                environment=dev.environment,
                actor=None,
            )
        return deploy(submit(create(dev)))

    return ship


def test_one_service_goes_back_and_the_other_stays(dev, services, rolled_back):
    """S120, S124."""
    first, second = services(1), services(2)

    release = rolled_back(first, service("api"))

    state = document(release).workload_named
    assert release.title == "Roll back api to R-1"
    assert state["api"] == document(first).workload_named["api"]
    assert state["web"] == document(second).workload_named["web"]
    assert fresh(second.pk).status == Status.DEPLOYED


def test_one_field_goes_back_and_later_edits_stay(dev, services, rolled_back):
    """S124."""
    first, _ = services(1), services(2)
    file = "targets/acme/dev/values/api.yaml"

    release = rolled_back(first, field(file, "/replicas"))

    assert release.title == "Roll back 1 field to R-1"
    digest = document(release).workload_named["api"].layer("target")
    assert pool_of(dev).texts[digest] == "replicas: 1\nlevel: 2\n"


def test_what_was_changed_again_is_named(dev, shipped, roll_back):
    """S124: with its file and path; overwriting it is said so."""
    first = shipped(dev, fast="1")
    shipped(dev, fast="2")
    shipped(dev, fast="3")
    place = (flag(), "/data/fast")

    with pytest.raises(errors.InseparableChanges) as refusal:
        roll_back(first, field(*place))

    (conflict,) = refusal.value.details["conflicts"]
    assert (conflict["file"], conflict["path"]) == place
    assert refusal.value.errors[0].file == flag()
    forced = roll_back(first, field(*place, overwrite=True))
    assert document(forced).manifests == document(first).manifests


@pytest.mark.parametrize(
    ("reversal", "pointer"),
    [
        (service("none"), "/services/0"),
        (field("workloads/none/values.yaml"), "/fields/0/file"),
        (field(flag(), "/nothing"), "/fields/0/path"),
        (field("policies/dev.yaml"), "/fields/0/file"),
        (Reversal(RollbackScope.SERVICE), "/services"),
        (Reversal(RollbackScope.FIELD), "/fields"),
        (Reversal(RollbackScope.FULL, services=("api",)), "/services"),
    ],
)
def test_what_is_not_there_is_named_by_its_pointer(
    dev, shipped, roll_back, reversal, pointer
):
    first = shipped(dev, fast="1")
    shipped(dev, fast="2")

    with pytest.raises(ValidationError) as refusal:
        roll_back(first, reversal)

    assert [error.pointer for error in refusal.value.errors] == [pointer]


def test_a_service_comes_back_though_its_workload_was_archived(
    dev, shop, services, create, submit, deploy, rolled_back, do
):
    """S6: nothing that a release refers to is deleted."""
    first = services(1)
    web = shop.workloads.get(name="web")
    do(environments.unbind_workload, web, from_=dev, actor=None)
    deploy(submit(create(dev)))
    do(environments.archive, web, actor=None)

    release = rolled_back(first)

    assert release.status == Status.DEPLOYED
    assert release.rendering.tree == first.rendering.tree
    (row,) = pool_of(dev).rows
    assert row.held_by == release
