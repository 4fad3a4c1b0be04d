"""Why each line changes, on the pages of a release: with links and no JavaScript."""

import re
from html import unescape
from unittest.mock import patch

import pytest

from releases import cause_requests, causing
from releases.errors import RenderingLost
from releases.models import CauseSearch
from tests import make
from tests.releases.causes.conftest import CANARY

TAG = re.compile(r"<[^>]*>")


@pytest.fixture(scope="module")
def search(world):
    world.get()
    return CauseSearch.objects.get()


@pytest.fixture
def page(world, search):
    """Return the words of a page, and its markup."""

    def read(query="?diff=manifest"):
        response = world.get(f"{world.release.get_absolute_url()}{query}")
        assert response.status_code == 200
        markup = response.content.decode()
        return " ".join(unescape(TAG.sub(" ", markup)).split()), markup

    return read


def test_below_each_hunk_stands_its_cause_with_a_link_to_the_change(page):
    """S36: what changed, by whom, and where a variable is named."""
    words, markup = page()

    assert "Why: api image 1 → 2 , alice" in words
    assert "Why: LEVEL info → debug at environment scope , alice" in words
    assert "Named in workloads/api/values.yaml:2" in words
    assert "(enough by itself)" in words
    assert "NEW created with 7 at project scope (needed for it)" in words
    for change in set(re.findall(r"#(change-[0-9a-f]{32})", markup)):
        assert f'id="{change}"' in markup
    assert "Nobody caused" not in words
    assert "Values:" not in words
    assert CANARY not in markup


def test_a_resolved_value_leads_to_its_variable_and_the_scopes_it_beats(page):
    """S36: with who set it, and of a secret its fingerprint alone."""
    words, markup = page("?diff=resolved")

    assert "Values: LEVEL debug (Environment dev)" in words
    chain = words[words.index("Values: LEVEL") :]
    assert "LEVEL in line 2 1. Service api not set" in chain
    assert "3. Environment dev, wins debug alice, " in chain
    assert "4. Project not set" in chain
    assert "Values: SIZE 2 (Project)" in words
    assert "Values: TOKEN <secret " in words
    assert CANARY not in markup


def test_a_preview_tells_what_is_behind_its_values_too(world):
    """S36, S107: before there is a release; files of one name stand below folders."""
    release = world.release
    url = f"{release.target.get_absolute_url()}/preview/{release.snapshot.digest}"

    markup = world.get(f"{url}?diff=resolved").content.decode()

    assert "LEVEL</b> debug (Environment dev)" in markup
    assert "alice, <time" in markup
    assert 'class="tree__group">workloads/api</li>' in markup
    assert CANARY not in markup


def test_one_file_by_itself_and_other_levels(page):
    assert (
        "Why: manifests flags"
        in page("?diff=manifest&file=flags/configmap-flags.yaml")[0]
    )
    assert "Why:" not in page("?diff=plain")[0]
    assert "Below each change" not in page("?diff=resolved")[0]


def test_it_is_asked_for_by_a_link_and_shown_when_it_is_known(world, page):
    """Whoever asks is shown progress, and led back to the manifests."""
    CauseSearch.objects.all().delete()
    why = f"{world.release.get_absolute_url()}/why"
    words, markup = page()
    assert "Why did each line change?" in words
    assert f'href="{why}"' in markup

    asked = world.get(why)
    assert "Working out why" in asked.content.decode()
    assert "Look again" in asked.content.decode()
    again = world.get(why)

    assert again.status_code == 302
    assert again["Location"].endswith("?diff=manifest#diff")
    assert "Why: api image 1 → 2" in page()[0]


def test_a_page_that_waits_looks_again_until_it_is_known(world, search):
    why = f"{world.release.get_absolute_url()}/why"
    client = {"HTTP_HX_REQUEST": "true"}
    CauseSearch.objects.update(state="pending")
    waits = world.get(why, **client)
    CauseSearch.objects.update(state="ready")

    known = world.get(why, **client)

    assert 'hx-trigger="every 2s, look"' in waits.content.decode()
    assert "<html" not in waits.content.decode()
    assert known["HX-Refresh"] == "true"


def test_lines_that_nobody_caused_are_flagged(page, search):
    stretches = search.result["files"]["flags/configmap-flags.yaml"]
    for stretch in stretches:
        stretch |= {"causes": [], "nobody": "by_itself"}
    search.save()

    words, markup = page()

    assert "Nobody caused some lines of 1 file." in words
    assert "Nobody caused line 6: it differs with none of the changes made" in words
    assert "why--nobody" in markup


def test_too_many_changes_and_failures_are_said(world, page):
    CauseSearch.objects.all().delete()
    with patch.object(cause_requests, "MAX_CHANGES", 5):
        assert (
            "Why each line changes is worked out for releases of up to 5" in page()[0]
        )
        refused = world.get(f"{world.release.get_absolute_url()}/why")
    with patch.object(causing, "work_out", side_effect=FileNotFoundError):
        world.get()

    assert refused.status_code == 422
    assert f"could not be worked out: {RenderingLost.message}" in page()[0]


def test_who_may_not_view_the_release_finds_nothing(world):
    why = f"{world.release.get_absolute_url()}/why"

    assert world.get(why, user=make.user("stan")).status_code == 404
