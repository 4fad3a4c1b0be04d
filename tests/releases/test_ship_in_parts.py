"""One pool, several releases: what is urgent goes now, the rest when it is ready."""

import pytest

from environments import actions as environments
from environments.models import VariableScope
from releases.models import Release, Status
from releases.pending import pool_of
from tests import make
from tests.people import signed_in
from tests.releases.asking import RELEASES, problem
from tests.releases.reading import git

PENDING = "/api/v1/projects/shop/targets/acme/{}/pending-changes"


@pytest.fixture
def both(prod, edit):
    """A hotfix and a feature are pending beside what production runs."""
    edit(prod, "hotfix", actor=None)
    edit(prod, "feature", actor=None)
    return prod


@pytest.fixture
def ask(do, alice):
    """Do something over HTTP as alice."""

    def send(path, body=None, *, person=alice):
        client = signed_in(person)
        return do(client.post, path, body or {}, format="json")

    return send


def of(target, *names):
    """Return the ids of the changes of objects, as the API lists them."""
    return [r.change.id for r in pool_of(target).rows if r.change.object in names]


def body(tenant="acme", environment="prod", **fields):
    words = {"tenant": tenant, "environment": environment, "title": "Part"}
    return {**words, **fields}


def files_of(release):
    return git(release, "ls-tree", "-r", "--name-only", "main").splitlines()


def test_the_hotfix_ships_now_and_the_rest_later(both, ask, approve, deploy, bob, dora):
    """S31, S32, S100: the second of two side by side is current once refreshed."""
    rest = ask(RELEASES, body(changeIds=of(both, "feature"))).json()
    hotfix = ask(RELEASES, body(changeIds=of(both, "hotfix"))).json()
    assert (rest["name"], hotfix["name"]) == ("R-1", "R-2")
    assert pool_of(both).count == 0

    first = deploy(approve(Release.objects.get(number=2)))

    assert first.status == Status.DEPLOYED
    assert any("/hotfix/" in path for path in files_of(first))
    assert not any("/feature/" in path for path in files_of(first))

    url = f"{RELEASES}/1"
    stale = signed_in(bob).get(url).json()
    assert (stale["stale"], stale["staleReason"]["overtakenBy"]) == (True, "R-2")
    refreshed = ask(f"{url}/refresh").json()
    assert (refreshed["stale"], refreshed["baseRelease"]) == (False, "R-2")
    second = deploy(approve(Release.objects.get(number=1)))

    units = {path.split("/")[2] for path in files_of(second) if path[0] != "."}
    assert units == {"feature", "hotfix"}
    assert signed_in(bob).get(url).json()["state"] == "deployed"
    assert pool_of(both).count == 0


def test_a_change_is_claimed_by_one_open_release(both, ask):
    """S31: the second is told by which; a cancelled one gives it back."""
    chosen = of(both, "feature")
    assert ask(RELEASES, body(changeIds=chosen)).status_code == 201

    refused = ask(RELEASES, body(changeIds=chosen))

    assert problem(refused) == (409, "change_already_claimed")
    assert refused.json()["details"]["claimed"] == {chosen[0]: "R-1"}
    ask(f"{RELEASES}/1/cancel", {"reason": "Not yet"})
    assert ask(RELEASES, body(changeIds=chosen)).status_code == 201


def test_one_is_deployed_at_a_time(both, ask, approve, pressed, dora):
    """S100: of two approved releases the second waits for the first."""
    for name in ("feature", "hotfix"):
        ask(RELEASES, body(changeIds=of(both, name)))
    first, second = (approve(r) for r in Release.objects.order_by("number"))
    pressed(first)

    refused = ask(f"{RELEASES}/{second.number}/deploy", person=dora)

    assert problem(refused) == (409, "deploy_in_progress")
    gates = signed_in(dora).get(f"{RELEASES}/{second.number}/gates").json()["items"]
    waiting = {gate["name"]: gate["reason"] for gate in gates if gate["code"]}
    assert waiting.keys() == {"in_progress"}
    assert "R-1" in waiting["in_progress"]


def test_what_a_part_needs_is_named_and_added(dev, shop, edit, do, ask, alice):
    """S31: one more request with what was named makes it."""
    place = environments.VariablePlace(shop, VariableScope.REPO)
    do(environments.set_variable, place, key="SPEED", value="9", actor=alice)
    edit(dev, fast="{{hq.var.SPEED}}")
    chosen = of(dev, "flags")

    refused = ask(RELEASES, body(environment="dev", changeIds=chosen))

    assert problem(refused) == (422, "missing_dependency")
    missing = refused.json()["details"]["missing"]
    needed = [change for ids in missing.values() for change in ids]
    assert needed == of(dev, "SPEED")
    whole = body(environment="dev", changeIds=[*chosen, *needed])
    assert ask(RELEASES, whole).status_code == 201


def test_what_needs_a_claimed_change_waits_for_it(dev, shop, edit, do, ask, alice):
    """S31: whoever names nothing gets what can ship, not a refusal."""
    place = environments.VariablePlace(shop, VariableScope.REPO)
    do(environments.set_variable, place, key="SPEED", value="9", actor=alice)
    edit(dev, "first")
    edit(dev, fast="{{hq.var.SPEED}}")
    assert (
        ask(RELEASES, body(environment="dev", changeIds=of(dev, "SPEED"))).status_code
        == 201
    )

    made = ask(RELEASES, body(environment="dev"))

    assert made.status_code == 201, made.json()
    listed = signed_in(alice).get(f"{RELEASES}/2/changes").json()["items"]
    objects = {one["object"] for one in listed}
    assert "first" in objects
    assert "flags" not in objects
    again = ask(RELEASES, body(environment="dev"))
    assert problem(again) == (409, "no_changes")


def test_one_service_or_one_tenant_is_a_release_of_its_own(shop, dev, edit, ask, do):
    """S113, S119: the rest of the pool, and the other tenant, stay as they are."""
    other = make.target(shop, tenant="globex", environment="dev")
    api, web = (make.workload(shop, name, on=[dev, other]) for name in ("api", "web"))

    made = ask(RELEASES, body(environment="dev", changeIds=of(dev, "api", "dev")))

    assert made.status_code == 201
    listed = signed_in(Release.objects.get().author).get(f"{RELEASES}/1/changes")
    named = {(one["type"], one["object"]) for one in listed.json()["items"]}
    assert ("workload", api.name) in named
    assert ("workload", web.name) not in named
    assert of(dev, "web")
    assert of(other, "api", "web")


def test_many_tenants_share_one_note(shop, dev, edit, ask):
    """S119: one request, one release each, all of them or none."""
    globex = make.target(shop, tenant="globex", environment="dev")
    empty = make.target(shop, tenant="initech", environment="dev")
    edit(dev)
    edit(globex)
    note = {"environment": "dev", "title": "Faster", "notes": "Measured twice."}
    chosen = [*of(dev, "flags"), *of(dev, "dev")]

    none = ask(RELEASES, {**note, "tenants": ["acme", "initech"], "changeIds": chosen})
    made = ask(RELEASES, {**note, "tenants": ["acme", "globex"]})

    assert none.status_code in {409, 422}
    assert of(empty, "flags") == []
    found = made.json()["items"]
    assert [one["target"]["tenant"] for one in found] == ["acme", "globex"]
    assert {(one["title"], one["notes"]) for one in found} == {
        ("Faster", "Measured twice.")
    }
    assert Release.objects.count() == 2


def test_a_change_is_discarded_over_http(dev, shipped, edit, ask, alice):
    """S31: instead of waiting for a later release, the deployed value comes back."""
    shipped(dev, fast="1")
    edit(dev, fast="2")
    (change,) = of(dev, "flags")

    answer = ask(f"{PENDING.format('dev')}/{change}/discard")

    assert answer.status_code == 200, answer.json()
    assert answer.json()["count"] == 0
    assert pool_of(dev).count == 0
    assert signed_in(alice).get(PENDING.format("dev")).json()["count"] == 0
