"""Entity tags: nobody overwrites what they have not seen, nobody reads it twice."""

import pytest

from gitopshq.core.api import etags
from gitopshq.core.models import Notification
from tests import make


@pytest.fixture
def note(dora):
    return make.notification(dora, title="a")


def path(note):
    return f"/api/v1/notes/{note.pk}"


def patch(api, note, title, match=None):
    headers = {} if match is None else {"If-Match": match}
    return api.patch(path(note), {"title": title}, format="json", headers=headers)


def test_what_is_read_and_what_is_written_have_one_tag(api, note):
    read = api.get(path(note))
    written = patch(api, note, "b")

    assert read["ETag"] != written["ETag"]
    assert written["ETag"] == api.get(path(note))["ETag"]


def test_the_version_that_was_read_may_be_changed(api, note):
    tag = api.get(path(note))["ETag"]

    assert patch(api, note, "b", tag).status_code == 200
    assert Notification.objects.get().title == "b"


@pytest.mark.parametrize("match", ['"odd"', 'W/"odd"', "", "odd"])
def test_another_version_is_refused(api, note, match):
    response = patch(api, note, "b", match)

    assert (response.status_code, response.json()["code"]) == (412, "version_mismatch")
    assert Notification.objects.get().title == "a"


def test_the_second_of_two_editors_is_refused(api, note):
    tag = api.get(path(note))["ETag"]

    codes = [patch(api, note, title, tag).status_code for title in "bc"]

    assert codes == [200, 412]
    assert Notification.objects.get().title == "b"


def test_without_a_precondition_the_change_goes_through(api, note):
    assert patch(api, note, "b").status_code == 200
    assert patch(api, note, "c", "*").status_code == 200


def test_a_weak_tag_changes_nothing_but_saves_reading(api, note):
    weak = "W/" + api.get(path(note))["ETag"]

    assert patch(api, note, "b", weak).status_code == 412
    assert api.get(path(note), headers={"If-None-Match": weak}).status_code == 304


def test_whoever_has_it_is_told_so(api, note):
    tag = api.get(path(note))["ETag"]

    same = api.get(path(note), headers={"If-None-Match": f'"odd", {tag}'})
    patch(api, note, "b")
    other = api.get(path(note), headers={"If-None-Match": tag})

    assert (same.status_code, same.content, same["ETag"]) == (304, b"", tag)
    assert other.json()["title"] == "b"


def test_a_list_has_a_tag_too(api, note):
    tag = api.get("/api/v1/notes")["ETag"]

    again = api.get("/api/v1/notes", headers={"If-None-Match": tag})
    patch(api, note, "b")
    changed = api.get("/api/v1/notes", headers={"If-None-Match": tag})

    assert (again.status_code, changed.status_code) == (304, 200)


def test_answers_are_kept_by_nobody_else(api, note):
    assert api.get(path(note))["Cache-Control"] == "private, no-cache"
    assert api.get("/api/v1/notes/999")["Cache-Control"] == "no-store"


def test_texts_bytes_and_data_have_tags():
    assert etags.etag_of("a") == etags.etag_of(b"a")
    assert etags.etag_of({"a": 1}) == etags.etag_of(b'{"a":1}')
    assert etags.means('"x", "y"', '"y"')
    assert not etags.means('W/"y"', '"y"')
