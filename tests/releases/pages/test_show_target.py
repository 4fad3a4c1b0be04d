"""The page of a target: what is pending, and the form that makes a release of it."""

import pytest

from environments import actions as environments
from environments.models import WorkloadBinding
from environments.permissions import Role
from releases.models import Release, Status
from tests import make
from tests.releases.pages.conftest import hidden, html, ticked, words_of

PROD = "/projects/shop/acme/prod"
DEV = "/projects/shop/acme/dev"


def form_of(page, **fields):
    """Return what a browser would send for the form as it stands."""
    return {
        "token": hidden(page, "token"),
        "title": "Change flags",
        "notes": "",
        "changes": ticked(page),
        **fields,
    }


def test_it_is_hidden_from_strangers(reader, prod, stan):
    """S92: what one may not view is as if it were not there."""
    assert reader.get(stan, PROD).status_code == 404
    assert reader.post(stan, f"{PROD}/release").status_code == 404


def test_everything_pending_is_listed_by_type_and_ticked(
    reader, dev, shipped, edit, alice
):
    """S27, S28, S29, S30: grouped by type, all included by default."""
    shipped(dev)
    edit(dev, "extra", actor=alice)
    environments.set_policy(
        dev.environment, terms={"required_approvals": 1}, actor=None
    )

    page = reader.get(alice, DEV)
    words = words_of(page)

    assert "2 pending" in words
    assert words.index("Manifest binding") < words.index("Environment policy")
    assert "extra added (1 file)" in words
    assert len(ticked(page)) == 2


def test_a_release_is_created_and_the_browser_led_to_it(reader, prod, edit, alice):
    """S13, S33, S34, S112: title, notes and plan in one form."""
    edit(prod)
    page = reader.get(alice, PROD)

    response = reader.post(
        alice,
        f"{PROD}/release",
        form_of(page, notes="Because.", ticket="CHG-1", fallback_owner="Dora"),
    )

    release = Release.objects.get()
    assert response.status_code == 302
    assert response.url == release.get_absolute_url()
    assert release.status == Status.PENDING_APPROVAL
    assert (release.notes, release.ticket) == ("Because.", "CHG-1")


def test_sending_the_form_twice_makes_one_release(reader, prod, edit, alice):
    edit(prod)
    sent = form_of(reader.get(alice, PROD))

    first = reader.post(alice, f"{PROD}/release", sent)
    second = reader.post(alice, f"{PROD}/release", sent)

    assert first.url == second.url
    assert Release.objects.count() == 1


def test_a_refused_form_may_be_sent_again(reader, prod, edit, alice):
    edit(prod)
    sent = form_of(reader.get(alice, PROD))

    refused = reader.post(alice, f"{PROD}/release", {**sent, "changes": []})
    accepted = reader.post(alice, f"{PROD}/release", sent)

    assert refused.status_code == 409
    assert accepted.status_code == 302


def test_what_is_not_ticked_stays_pending(reader, dev, shipped, edit, alice):
    """S31, S32: a partial release, by unticking a box."""
    shipped(dev)
    edit(dev, "one")
    edit(dev, "two")
    page = reader.get(alice, DEV)
    first, second = ticked(page)

    reader.post(alice, f"{DEV}/release", form_of(page, changes=[first]))

    again = reader.get(alice, DEV)
    release = Release.objects.latest("number")
    assert ticked(again) == [second]
    assert f"already in {release.name}" in words_of(again)


def test_what_a_change_needs_is_named_and_included(reader, dev, shipped, do, alice):
    """S31: the page names what is missing; one click adds it."""
    shop = dev.project
    web = do(make.workload, shop, "web", on=[dev])
    shipped(dev)
    do(
        environments.set_values,
        web,
        text="replicas: {{hq.var.REPLICAS}}\n",
        actor=None,
    )
    place = environments.VariablePlace(shop, "repo")
    do(environments.set_variable, place, key="REPLICAS", value="3", actor=None)
    page = reader.get(alice, DEV)
    boxes = ticked(page)
    needy = next(box for box in boxes if f'data-id="{box[:32]}"' in html(page))
    values = [box for box in boxes if "REPLICAS" not in _row(page, box)] or [needy]
    variable = next(box for box in boxes if box not in values)

    without = reader.post(
        alice,
        f"{DEV}/release",
        form_of(page, changes=values, include="nothing"),
    )
    included = reader.post(
        alice,
        f"{DEV}/release",
        form_of(page, changes=values, include=variable[:32]),
    )
    refused = reader.post(alice, f"{DEV}/release", form_of(page, changes=values))

    all_of_it = reader.post(
        alice, f"{DEV}/release", form_of(page, changes=values, include="needed")
    )

    assert "Include REPLICAS, or untick what needs it." in words_of(without)
    assert 'name="include" value="needed" data-include>' in html(without)
    assert set(ticked(included)) == set(ticked(all_of_it)) == set(boxes)
    assert refused.status_code == 422
    assert "the selection needs more changes" in words_of(refused).lower()
    assert set(ticked(refused)) == set(values)
    assert "Include what is needed" in words_of(refused)


def _row(page, box):
    """Return the words that stand beside a box."""
    return html(page).partition(f'value="{box}"')[2].partition(">")[0]


def test_the_form_says_who_decides_and_warns_when_they_are_few(
    reader, shop, prod, edit, alice, bob
):
    """S102, S109, S114: eligible approvers are named before anything is asked."""
    edit(prod)
    few = reader.read(alice, PROD)
    environments.set_policy(
        prod.environment, terms={"required_approvals": 2}, actor=None
    )

    fewer = reader.read(alice, PROD)

    assert "Will be created as Pending approval" in few
    assert "Can approve B bob" in few
    assert "Too few approvers" not in few
    assert "2 approvals are required, but only bob may approve here." in fewer


def test_an_open_environment_promises_a_draft(reader, dev, edit, alice):
    """S35: the outcome is said beforehand."""
    edit(dev)

    assert "Will be created as Draft" in reader.read(alice, DEV)


def test_a_viewer_reads_and_is_told_why_not_more(reader, dev, edit, shop):
    """S88: without releases.create there is no form, and the reason stands there."""
    edit(dev)
    olga = make.user("olga", role=Role.VIEWER, on=shop)

    page = reader.get(olga, DEV)
    sent = {"token": "0" * 32, "title": "Mine"}
    response = reader.post(olga, f"{DEV}/release", {**sent, "changes": []})

    assert "This needs the permission releases.create." in words_of(page)
    assert ticked(page) == []
    assert response.status_code == 403
    assert not Release.objects.exists()


def test_a_preview_shows_three_diffs_before_there_is_a_release(
    reader, dev, edit, alice
):
    """S36, S107: seen before anything is created, words kept meanwhile."""
    edit(dev)
    page = reader.get(alice, DEV)

    sent = form_of(page, do="preview", title="Kept title")
    shown = reader.get(alice, reader.post(alice, f"{DEV}/release", sent).url)

    words = words_of(shown)
    assert "Plain" in words
    assert "Resolved" in words
    assert "configmap-flags-fast.yaml" in words
    assert not Release.objects.exists()
    assert 'value="Kept title"' in html(reader.get(alice, DEV))
    kept = {"token": hidden(shown, "token"), "title": hidden(shown, "title")}
    made = reader.post(
        alice, f"{DEV}/release", {**kept, "changes": sent["changes"], "notes": ""}
    )
    assert made.status_code == 302
    assert Release.objects.get().title == "Kept title"


def test_a_preview_names_what_cannot_be_rendered(reader, dev, do, alice):
    """S75, S107: file, line and name of what has no value."""
    web = do(make.workload, dev.project, "web", on=[dev])
    do(environments.set_values, web, text="replicas: {{hq.var.N}}\n", actor=None)
    page = reader.get(alice, DEV)

    sent = form_of(page, do="preview")
    shown = reader.get(alice, reader.post(alice, f"{DEV}/release", sent).url)

    words = words_of(shown)
    assert "Cannot be rendered" in words
    assert "workloads/web/values.yaml:1" in words
    assert "{{hq.var.N}} has no value" in words
    assert "Create release It cannot be rendered: mend that first." in words
    assert 'name="token"' not in html(shown)


def test_the_preview_of_another_target_is_not_there(reader, dev, prod, edit, alice):
    edit(dev)
    page = reader.get(alice, DEV)
    url = reader.post(alice, f"{DEV}/release", form_of(page, do="preview")).url

    assert reader.get(alice, url.replace("/dev/", "/prod/")).status_code == 404


def test_a_workload_is_put_into_the_target_and_taken_out(reader, dev, do, alice):
    web = do(make.workload, dev.project, "web")

    reader.post(alice, f"{DEV}/bind", {"workload": "web"})
    bound = WorkloadBinding.objects.filter(workload=web, target=dev).exists()
    reader.post(alice, f"{DEV}/unbind/web")

    assert bound
    assert not WorkloadBinding.objects.exists()


def test_binding_is_refused_without_the_right(reader, dev, do, bob):
    do(make.workload, dev.project, "web")

    response = reader.post(bob, f"{DEV}/bind", {"workload": "web"})

    assert response.status_code == 403
    assert "workloads.manage" in words_of(response)


def test_a_change_is_discarded(reader, dev, shipped, edit, alice):
    shipped(dev, fast="1")
    edit(dev, fast="2")
    change = ticked(reader.get(alice, DEV))[0][:32]

    reader.post(alice, f"{DEV}/discard/{change}")

    assert "Nothing is pending" in reader.read(alice, DEV)


def test_the_freeze_and_its_reason_stand_in_the_head(reader, prod, alice):
    """S108, S122: a freeze is seen where releases are made."""
    environments.freeze(prod.environment, reason="Holidays", actor=None)

    assert "Frozen by “Holidays” until it is lifted" in reader.read(alice, PROD)


@pytest.mark.parametrize("changes", [1, 12])
def test_more_changes_take_no_more_queries(
    reader, dev, shipped, edit, alice, changes, django_assert_max_num_queries
):
    shipped(dev)
    for number in range(changes):
        edit(dev, f"set-{number}")
    reader.get(alice, DEV)

    with django_assert_max_num_queries(42):
        reader.client.get(DEV)
