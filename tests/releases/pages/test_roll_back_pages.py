"""The pages of going back: the form, its preview, the history, and the release."""

import re

import pytest

from environments import actions as environments
from releases import actions
from releases.locking import fresh
from releases.models import Release, RollbackScope
from releases.rollbacks import Reversal
from tests import make
from tests.releases.pages.conftest import hidden, html, words_of

PROJECT = "/projects/shop"
FORM = f"{PROJECT}/releases/1/rollback"
HISTORY = f"{PROJECT}/acme/dev/history"
PLACE = "targets/acme/dev/manifests/flags/fast.yaml#/data/fast"
WORDS = {"title": "Back to slow", "notes": "Too fast"}


@pytest.fixture
def two(dev, shipped):
    return shipped(dev, fast="1", slow="1"), shipped(dev, fast="2", slow="2")


@pytest.fixture
def send(reader, alice):
    """Send the form with its token, as a browser without JavaScript does."""

    def post(by=alice, **fields):
        token = hidden(reader.get(by, FORM), "token")
        data = {"token": token, "scope": "full", **WORDS, **fields}
        return reader.post(by, FORM, data)

    return post


def boxes(response, name):
    found = re.findall(rf'<input type="checkbox" name="{name}"[^>]*>', html(response))
    return {re.search(r'value="([^"]*)"', box)[1]: "checked" in box for box in found}


def test_the_form_says_what_goes_back_and_what_differs(two, reader, alice):
    """S124, S133: the releases it undoes, and every field from now to then."""
    response = reader.get(alice, FORM)

    said = words_of(response)
    assert "Roll back to R-1" in said
    assert "this release becomes rolled back: R-2 Change flags" in said
    assert 'data.fast from "2" to "1"' in said
    assert boxes(response, "places").keys() == {
        PLACE,
        PLACE.replace("fast", "slow"),
    }
    assert 'value="Roll back to R-1"' in html(response)


def test_all_of_it_goes_back_by_the_form(two, send, reader, alice):
    """S133: the page of the release says from where to where."""
    response = send()

    made = Release.objects.get(number=3)
    assert response.url == made.get_absolute_url()
    assert (made.title, made.notes) == ("Back to slow", "Too fast")
    assert made.rollback_scope == RollbackScope.FULL
    assert "rollback of R-2 to R-1" in reader.read(alice, made.get_absolute_url())


def test_a_form_sent_twice_makes_one_rollback(two, reader, alice):
    data = {**WORDS, "scope": "full", "token": hidden(reader.get(alice, FORM), "token")}

    first, again = (reader.post(alice, FORM, data) for _ in range(2))

    assert first.url == again.url
    assert Release.objects.count() == 3


def test_fields_are_ticked_one_by_one(two, send):
    """S124."""
    send(scope="field", places=[PLACE])

    made = Release.objects.get(number=3)
    assert made.rollback_parts == [
        {
            "file": "targets/acme/dev/manifests/flags/fast.yaml",
            "path": "/data/fast",
            "overwrite": False,
        }
    ]


def test_a_conflict_is_named_and_the_ticks_stay(dev, two, shipped, send):
    """S124: overwriting is one tick away."""
    shipped(dev, fast="3", slow="2")

    refused = send(scope="field", places=[PLACE])

    assert refused.status_code == 422
    assert "flags/fast.yaml: /data/fast: it was changed more than once since" in (
        words_of(refused)
    )
    assert boxes(refused, "places")[PLACE]
    assert Release.objects.count() == 3
    assert send(scope="field", places=[PLACE], overwrite="on").status_code == 302


def test_a_service_is_ticked_by_name(dev, shop, shipped, send, reader, alice, do):
    """S120, S124."""
    api = make.workload(shop, "api", on=[dev])
    layer = {"tenant": dev.tenant, "environment": dev.environment, "actor": None}
    do(environments.set_values, api, text="a: 1\n", **layer)
    shipped(dev, fast="1")
    do(environments.set_values, api, text="a: 2\n", **layer)
    shipped(dev, fast="2")

    assert boxes(reader.get(alice, FORM), "services") == {"api": False}
    nothing = send(scope="service")
    assert nothing.status_code == 422
    assert "name services to roll back" in words_of(nothing)
    send(scope="service", services=["api"])

    assert Release.objects.get(number=3).rollback_parts == ["api"]


def test_it_is_previewed_before_it_exists(two, send, reader, alice):
    """S124: the three diffs, and the choice is still there; then it is made."""
    response = send(do="preview", scope="field", places=[PLACE])

    page = reader.get(alice, response.url)
    assert "Nothing is created yet." in words_of(page)
    assert Release.objects.count() == 2
    for level in ("plain", "resolved", "manifest"):
        shown = html(reader.get(alice, f"{response.url}?diff={level}"))
        assert "fast" in shown
        assert "flags-slow.yaml" not in shown
    assert boxes(reader.get(alice, FORM), "places")[PLACE]
    data = {name: hidden(page, name) for name in ("token", "scope", "places", "title")}
    assert reader.post(alice, FORM, data).status_code == 302
    assert len(Release.objects.get(number=3).rollback_parts) == 1


def test_what_cannot_simply_go_back_is_warned_of(
    dev, shop, shipped, send, reader, alice, do, create, submit, deploy
):
    """S133: volume claims, jobs, and variables changed since."""
    place = environments.VariablePlace(shop, "repo")
    do(environments.set_variable, place, key="SPEED", value="1", actor=None)
    shipped(dev, fast="1")
    do(environments.set_variable, place, key="SPEED", value="9", actor=None)
    claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: data\n"
    job = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: once\n"
    files = {"claim.yaml": claim, "job.yaml": job}
    do(environments.put_manifests, dev, name="store", files=files, actor=None)
    deploy(submit(create(dev)))

    form = reader.read(alice, FORM)
    preview = reader.read(alice, send(do="preview").url)
    made = reader.read(alice, send().url)

    assert "Variables changed since" in form
    assert "SPEED variables/repo.yaml from 9 to 1" in form
    for said in (form, preview, made):
        assert "persistentvolumeclaim-data is deleted" in said
        assert "job-once is removed: going back does not undo what a job did" in said
    url, body = f"/api/v1{FORM}/preview", {"scope": "full"}
    answer = reader.client.post(url, body, content_type="application/json").json()
    assert [line.partition(" ")[0] for line in answer["warnings"]] == [
        "job-once",
        "persistentvolumeclaim-data",
        "SPEED",
    ]


def test_the_history_leads_back(dev, two, reader, alice, dora, do, submit, deploy):
    """S6, S16, S18: by whose hands, how it ended, and a way back from each."""
    before = reader.get(alice, HISTORY)
    assert "Today" in words_of(before)
    assert "deployed by dora" in words_of(before)
    assert re.search(r"in \d+\.\d s", words_of(before))
    assert f'href="{FORM}"' in html(before)
    assert "releases/2/rollback" not in html(before)

    rollback = do(
        actions.roll_back_release,
        fresh(two[0].pk),
        actor=alice,
        reversal=Reversal(RollbackScope.FULL),
    )
    deploy(submit(rollback))
    after = reader.get(alice, HISTORY)

    assert "rollback to R-1" in words_of(after)
    assert "Rolled back by R-3" in words_of(after)
    assert "releases/2/rollback" in html(after)
    closed = reader.get(dora, HISTORY)
    assert '/rollback"' not in html(closed)
    assert "Roll back to R-1 needs releases.create" in words_of(closed)


def test_a_project_has_one_history(dev, shop, two, shipped, edit, reader, alice):
    """S6, S99: of all targets that one sees, by place; notes stand beside."""
    globex = make.target(shop, tenant="globex", environment="dev")
    shipped(globex, fast="1")
    Release.objects.filter(number=2).update(notes="Why:\n\n- faster")

    page = f"{PROJECT}/history"
    everything = reader.read(alice, page)
    acme = reader.read(alice, f"{page}?tenant=acme")

    assert "globex/dev" in everything
    assert "acme/dev" in everything
    assert "Why: faster" in everything
    assert "R-3" not in acme
    assert "Roll back to R-1" in acme
    assert "R-1" not in reader.read(alice, f"{page}?tenant=globex")
    sheet = reader.get(alice, f"{page}.csv?tenant=acme")
    lines = b"".join(sheet.streaming_content).decode().splitlines()
    assert lines[0].startswith("release,title,tenant,environment,kind,state,author,")
    assert [line.split(",")[0] for line in lines[1:]] == ["R-2", "R-1"]
    assert Release.objects.get(number=2).commit_sha in lines[1]


def test_both_releases_name_each_other(two, reader, alice, do, submit, deploy, dev):
    """S18: the one that was rolled back is view only, and says so."""
    rollback = do(
        actions.roll_back_release,
        fresh(two[0].pk),
        actor=alice,
        reversal=Reversal(RollbackScope.FULL),
    )
    deploy(submit(rollback))

    undone = reader.read(alice, two[1].get_absolute_url())
    page = reader.read(alice, rollback.get_absolute_url())
    target = reader.read(alice, f"{PROJECT}/acme/dev")

    assert "It was rolled back: kept for the record, view only. By R-3" in undone
    assert "rolled back R-2" in page
    assert "2 held" in target
    assert "Held back Undone by a rollback" in target
    assert "reverted here by R-3" in target
    ticks = boxes(reader.get(alice, f"{PROJECT}/acme/dev"), "changes").values()
    assert list(ticks) == [False, False]


def test_a_deployed_release_leads_to_the_form(two, reader, alice):
    """S16: the one that is deployed now says why not."""
    assert f'href="{FORM}"' in html(reader.get(alice, two[0].get_absolute_url()))
    current = reader.read(alice, two[1].get_absolute_url())
    assert "Roll back to this… It is what is deployed" in current
    nothing = reader.read(alice, f"{PROJECT}/releases/2/rollback")
    assert "What is deployed is what this release shipped." in nothing


def test_words_of_a_draft_are_edited(two, send, reader, alice):
    send()
    edit = f"{PROJECT}/releases/3/edit"

    page = reader.get(alice, edit)
    assert 'name="changes"' not in html(page)
    reader.post(alice, edit, {"title": "Other words"})

    assert Release.objects.get(number=3).title == "Other words"


def test_the_pages_are_hidden_and_the_form_is_closed(
    two, reader, stan, dora, edit, create, dev, alice
):
    """S133: not there for strangers, not for deployers, not to what never ran."""
    for url in (FORM, HISTORY, f"{PROJECT}/history"):
        assert reader.get(stan, url).status_code == 404
    edit(dev, fast="9")
    create(dev)
    undeployed = f"{PROJECT}/releases/3/rollback"
    for url in (FORM, undeployed):
        assert reader.get(dora, url).status_code == 403
        assert reader.post(dora, url, {"scope": "full"}).status_code == 403
        assert reader.post(dora, url, {"do": "preview"}).status_code == 403
    assert reader.get(alice, undeployed).status_code == 400
    assert reader.post(alice, undeployed, {"scope": "full"}).status_code == 400
