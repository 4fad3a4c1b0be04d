"""Writing down edits, and finding whose they were."""

import pytest

from environments import actions, capture
from environments.actions import VariablePlace
from environments.desired.changes import diff
from environments.desired.texts import text_digest
from environments.locking import lock_project
from environments.models import Edit, EditedPlace, Project, Text, VariableScope
from environments.places import SourcePlace, places_of
from environments.selectors import editors_since, last_edit_of
from environments.signals import source_changed
from tests import make

BASE = "workloads/api/values.yaml"


def newest(project):
    return Project.objects.get(pk=project.pk).edit_sequence


def test_edits_are_numbered_from_one_without_a_gap(shop, prod, api_workload):
    sequences = Edit.objects.filter(project=shop).order_by("sequence")

    numbers = list(sequences.values_list("sequence", flat=True))

    assert numbers == list(range(1, len(numbers) + 1))
    assert newest(shop) == len(numbers)


def test_an_edit_keeps_its_texts_and_says_what_it_touched(api_workload, dana):
    actions.set_values(api_workload, text="a: 1\nb:\n  c: 1\n  d: 1\n", actor=dana)
    actions.set_values(
        api_workload,
        text="a: 1\nb:\n  c: 2\n  d: 1\n",
        actor=dana,
        message=" Why  not ",
    )

    edit = Edit.objects.latest("sequence")
    assert edit.message == "Why not"
    assert edit.files == {BASE: text_digest("a: 1\nb:\n  c: 2\n  d: 1\n")}
    assert Text.objects.filter(digest=edit.files[BASE]).exists()
    assert [(p.file, p.pointer) for p in edit.places.all()] == [(BASE, "/b/c")]


def test_a_file_that_goes_is_null(prod, api_workload, dana):
    actions.set_values(api_workload, text="a: 1\n", actor=dana)
    actions.set_values(api_workload, text="", actor=dana)

    assert Edit.objects.latest("sequence").files == {BASE: None}


def test_the_same_text_again_is_no_edit(api_workload, dana):
    actions.set_values(api_workload, text="a: 1\n", actor=dana)
    before = Edit.objects.count()

    actions.set_values(api_workload, text="a: 1\r\n", actor=dana)

    assert Edit.objects.count() == before


def test_listeners_hear_once_of_the_edits_that_are_committed_together(
    shop, api_workload, dana, django_capture_on_commit_callbacks
):
    heard = []

    def listen(project_id, **_):
        heard.append(project_id)

    source_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            actions.set_values(api_workload, text="a: 1\n", actor=dana)
            actions.set_values(api_workload, text="a: 2\n", actor=dana)
            assert heard == []
    finally:
        source_changed.disconnect(listen)

    assert heard == [shop.pk]


@pytest.mark.django_db(transaction=True)
def test_the_project_lock_asks_for_a_transaction():
    project = make.project()

    with pytest.raises(AssertionError):
        lock_project(project)


def test_a_change_is_told_with_its_last_edit(shop, prod, api_workload, dana, mona):
    before = capture.state_of(prod)
    actions.set_values(api_workload, text="a: 1\nb: 1\n", actor=dana)
    actions.set_values(api_workload, text="a: 1\nb: 2\n", actor=mona)
    actions.set_variable(
        VariablePlace(shop, VariableScope.REPO), key="ONE", value="1", actor=dana
    )
    actions.set_variable(
        VariablePlace(shop, VariableScope.REPO), key="TWO", value="2", actor=mona
    )

    changes = diff(before, capture.state_of(prod), capture.DatabaseTexts())
    places = {
        (c.object, c.path): places_of(c, tenant="acme", environment="prod")
        for c in changes
    }
    found = last_edit_of(shop, places)

    assert {key: edit.actor for key, edit in found.items()} == {
        ("api", "/a"): dana,
        ("api", "/b"): mona,
        ("ONE", ""): dana,
        ("TWO", ""): mona,
    }


def test_last_edits_of_many_places_are_one_query(
    shop, api_workload, dana, django_assert_num_queries
):
    text = "".join(f"key{n}: 1\n" for n in range(50))
    actions.set_values(api_workload, text=text, actor=dana)
    places = {n: [SourcePlace(BASE, f"/key{n}")] for n in range(50)}

    with django_assert_num_queries(1):
        assert len(last_edit_of(shop, places)) == 50


def test_editors_are_those_of_the_selected_places_in_between(
    shop, api_workload, dana, mona
):
    actions.set_values(api_workload, text="a: 1\nb: 1\n", actor=None)
    low = newest(shop)
    actions.set_values(api_workload, text="a: 2\nb: 1\n", actor=dana)
    middle = newest(shop)
    actions.set_values(api_workload, text="a: 2\nb: 2\n", actor=mona)
    high = newest(shop)

    def editors(pointer, since=low, until=high):
        return editors_since(shop, {since: [SourcePlace(BASE, pointer)]}, until=until)

    assert editors("/a") == {dana}
    assert editors("/b") == {mona}
    assert editors("") == {dana, mona}
    assert editors("/a/deeper") == {dana}
    assert editors("/ab") == set()
    assert editors("", until=middle) == {dana}
    assert editors("", since=middle) == {mona}
    assert editors_since(shop, {0: []}, until=high) == set()
    each = {low: [SourcePlace(BASE, "/a")], middle: [SourcePlace(BASE, "/b")]}
    assert editors_since(shop, each, until=high) == {dana, mona}
    assert editors_since(shop, each, until=middle) == {dana}


def test_a_robot_counts_as_its_owner(shop, api_workload, dana):
    low = newest(shop)
    robot = make.service_account(of=dana, is_superuser=True)
    actions.set_values(api_workload, text="a: 1\n", actor=robot)

    since = {low: [SourcePlace(BASE)]}
    assert editors_since(shop, since, until=newest(shop)) == {dana}


def test_files_of_an_overlay_are_found_by_their_folder(shop, prod, dana):
    low = newest(shop)
    files = {"kustomization.yaml": "resources: []\n"}
    actions.put_overlay(prod, name="extra", files=files, actor=dana)
    folder = SourcePlace("targets/acme/prod/kustomize/extra/")
    neighbour = SourcePlace("targets/acme/prod/kustomize/ext")

    def editors(place):
        return editors_since(shop, {low: [place]}, until=newest(shop))

    assert editors(folder) == {dana}
    assert editors(neighbour) == set()


def test_a_text_of_many_places_is_kept_as_one(api_workload, dana):
    text = "".join(f"key{n}: 1\n" for n in range(300))

    actions.set_values(api_workload, text=text, actor=dana)

    edit = Edit.objects.latest("sequence")
    assert [p.pointer for p in EditedPlace.objects.filter(edit=edit)] == [""]
