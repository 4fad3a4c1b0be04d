"""The viewer of diffs without JavaScript: layout, folds, and links to lines."""

import re
from html import unescape

import pytest

from environments.actions import put_manifests
from releases import actions
from releases.views import _diffs
from tests.releases.asking import RELEASES
from tests.releases.conftest import flag_files, signed_in
from tests.releases.pages.conftest import html

LONG = 60
FOLD = re.compile(
    r'<a id="(m-[0-9a-f]{8})-g(\d)-(\w+)" href="([^"]+)" hx-get="([^"]+)"'
)


@pytest.fixture
def long(do, dev, create, submit, deploy):
    """A release that changes the middle line of a long file."""

    def files(middle):
        (text,) = flag_files("flags").values()
        lines = [f"  # line {at}" for at in range(1, LONG + 1)]
        lines[LONG // 2] = f"  middle: {middle!r}"
        return {"long.yaml": text + "".join(f"{line}\n" for line in lines)}

    def put(middle):
        do(put_manifests, dev, name="flags", files=files(middle), actor=None)

    put("old")
    deploy(submit(create(dev)))
    put("new")
    return create(dev)


def shown(reader, user, release, query="", **headers):
    url = release.get_absolute_url() + query
    response = reader.get(user, url.replace("&amp;", "&"), **headers)
    assert response.status_code == 200
    return html(response)


def review(page):
    return page[page.index('id="diff"') :]


def links(page):
    """Return the links of folds by gap and kind: (whole page, one file)."""
    return {
        (int(gap), kind): (whole, part)
        for _, gap, kind, whole, part in FOLD.findall(page)
    }


def hidden_lines(page):
    return [at for at in range(1, LONG + 1) if at != 31 and f"# line {at}<" not in page]


def test_the_release_page_shows_the_changed_files(reader, long, alice):
    """S36, S37, S38: the files of the diff are on the page, marked as changed."""
    page = review(shown(reader, alice, long, "?diff=plain"))

    assert 'data-kind="M"' in page
    assert "middle" in page
    assert '<span class="y-key">middle</span>' in page


def test_side_by_side_and_unified_are_links_and_the_last_one_is_kept(
    reader, long, alice
):
    """S38, S43, S44: both layouts, chosen by the address, kept by a cookie."""
    first = review(shown(reader, alice, long, "?diff=plain"))
    unified = review(shown(reader, alice, long, "?diff=plain&view=unified"))
    again = review(shown(reader, alice, long, "?diff=plain"))
    strange = review(shown(reader, alice, long, "?diff=plain&view=upside-down"))
    split = review(shown(reader, alice, long, "?diff=plain&view=split"))

    assert 'data-line="changed"' in first
    for page in (unified, again, strange):
        assert 'data-line="changed"' not in page
        assert 'class="diff diff--one"' in page
    assert 'data-line="changed"' in split
    current = re.search(r'aria-current="true"><svg.*?</svg>([\w ]+)</a>', unified)
    assert current
    assert current[1] == "Unified"
    assert "diff=plain&amp;view=split#diff" in unified


def test_unchanged_lines_are_folded_and_opened_by_links(reader, long, alice):
    """S46: ten more or all, above and below, by plain links."""
    page = review(shown(reader, alice, long, "?diff=plain"))
    folded = hidden_lines(page)
    ways = links(page)

    assert folded
    assert "10<span" in page
    assert {kind for gap, kind in ways if gap == 0} == {"up", "all"}
    assert {kind for gap, kind in ways if gap == 1} == {"all", "down"}

    ten = review(shown(reader, alice, long, _query(ways[(1, "down")][0])))
    assert len(hidden_lines(ten)) == len(folded) - 10
    rest = review(shown(reader, alice, long, _query(links(ten)[(1, "all")][0])))
    assert all(at < LONG // 2 for at in hidden_lines(rest))
    everything = review(shown(reader, alice, long, _query(links(rest)[(0, "all")][0])))
    assert hidden_lines(everything) == []
    assert links(everything) == {}


def test_a_fold_opens_by_htmx_in_its_file_alone(reader, long, alice):
    """S46: the part that is swapped in is the file's own."""
    page = review(shown(reader, alice, long, "?diff=plain"))
    part = links(page)[(0, "all")][1]

    answer = shown(reader, alice, long, _query(part), hx_request="true")

    assert answer.count("<article") == 1
    assert "<html" not in answer
    assert "# line 1<" in answer


@pytest.mark.parametrize("query", ["x", "m-0.0.0.0", "m-00000000.0.0", ",,", "9" * 99])
def test_what_cannot_be_unfolded_changes_nothing(reader, long, alice, query):
    page = review(shown(reader, alice, long, f"?diff=plain&open={query}&line={query}"))

    assert len(links(page)) == 4


def test_every_line_number_links_to_a_line_of_the_page(reader, long, alice):
    """S47: the links lead somewhere, in both layouts to the same places."""
    found = []
    for view in ("split", "unified"):
        page = review(shown(reader, alice, long, f"?diff=plain&view={view}"))
        places = set(re.findall(r' id="(m-[0-9a-f]{8}-[LR]\d+)"', page))
        targets = set(re.findall(r'href="#(m-[0-9a-f]{8}-[LR]\d+)"', page))
        assert targets == places
        found.append(places)

    assert found[0] == found[1]


def test_a_link_to_a_folded_line_unfolds_it(reader, long, alice):
    """S47: also a line nobody changed can be pointed at, for ever."""
    whole = links(review(shown(reader, alice, long, "?diff=plain")))[(0, "all")][0]
    opened = review(shown(reader, alice, long, _query(whole)))
    (place,) = set(re.findall(r"line=(m-\w{8}-R\d+)#\1\" tabindex=\"-1\">12<", opened))

    page = review(shown(reader, alice, long, f"?diff=plain&line={place}"))

    assert f'id="{place}"' in page
    assert hidden_lines(page), "the rest stays folded"


def test_a_link_to_a_line_brings_a_file_that_came_by_its_link(
    reader, dev, edit, create, alice, monkeypatch
):
    """S47: of a large diff too."""
    monkeypatch.setattr(_diffs, "ROWS_AT_ONCE", 1)
    edit(dev, fast="1", slow="2")
    release = create(dev)
    page = review(shown(reader, alice, release))
    apart = re.search(r'href="([^"]+&amp;file=[^"]+)"', page)
    assert apart
    file = shown(reader, alice, release, _query(apart[1]))
    place = re.search(r'href="[^"]+&amp;line=(m-\w{8}-R\d+)#', file)
    assert place
    assert f'id="{place[1]}"' not in page

    linked = review(shown(reader, alice, release, f"?line={place[1]}"))

    assert f'id="{place[1]}"' in linked


def _query(link):
    return "?" + link.partition("?")[2].partition("#")[0]


def test_a_file_one_has_viewed_stays_so_until_it_changes(
    reader, dev, edit, create, do, alice, bob
):
    """R6: by person and content; a form without JavaScript; what moved is refused."""
    edit(dev, fast="1", slow="2")
    release = create(dev)
    url = f"{release.get_absolute_url()}/viewed?diff=manifest"

    def progress(user):
        return re.search(r"<b>(\d/\d)</b> viewed", shown(reader, user, release))[1]

    def mark(user, path, viewed="1", content=""):
        page = shown(reader, user, release)
        form = re.search(rf'value="{path}"><input .*?value="(\w+)">', page)
        sent = {"path": path, "content": content or form[1], "viewed": viewed}
        return reader.post(user, url, sent)

    fast, slow = (f"flags/configmap-flags-{name}.yaml" for name in ("fast", "slow"))
    answer = mark(alice, fast)
    assert answer.status_code == 302
    assert re.fullmatch(r".*\?diff=manifest#m-\w{8}", answer["Location"])
    mark(alice, slow)
    assert (progress(alice), progress(bob)) == ("2/2", "0/2")

    edit(dev, fast="1", slow="3")
    do(actions.refresh_release, release, actor=alice)
    assert progress(alice) == "1/2"
    page = review(shown(reader, alice, release))
    (folded,) = re.findall(
        r'<article[^>]*data-path="([^"]*)"[^>]*>(?:(?!</article>).)*?<details>',
        page,
        re.DOTALL,
    )
    assert folded == fast
    mark(alice, fast, viewed="0")
    assert progress(alice) == "0/2"
    assert mark(alice, slow, content="0" * 64).status_code == 409
    assert mark(alice, fast, content="0" * 64).status_code == 409
    assert progress(alice) == "0/2"


def test_page_api_and_download_show_the_same_lines(reader, long, alice):
    """S36, S43, S44: one source for the hunks, whoever asks."""
    page = review(shown(reader, alice, long, "?diff=plain&view=unified"))
    raw = reader.get(alice, f"{long.get_absolute_url()}?diff=plain&raw=1")
    (file,) = (
        signed_in(alice).get(f"{RELEASES}/{long.number}/diffs/plain").json()["files"]
    )
    lines = [tuple(line) for hunk in file["hunks"] for line in hunk["lines"]]

    rows = []
    for row in re.findall(r'<tr class="diff__line".*?</tr>', page, re.DOTALL):
        kind = re.search(r'data-line="(\w+)"', row)[1]
        number = int(re.search(r">(\d+)</a>", row)[1])
        code = re.search(r'class="diff__code"[^>]*>(.*?)</td>', row, re.DOTALL)[1]
        rows.append((kind, number, unescape(re.sub(r"<[^>]*>", "", code))))
    kinds = {" ": "same", "-": "removed", "+": "added"}
    assert rows == [
        (kinds[sign], old if sign == "-" else new, text)
        for sign, old, new, text in lines
    ]
    assert raw["Content-Type"] == "text/x-diff; charset=utf-8"
    assert "R-2-plain.diff" in raw["Content-Disposition"]
    body = [line for line in html(raw).splitlines() if line[:3] not in ("---", "+++")]
    assert body[2:] == [f"{sign}{text}" for sign, _, _, text in lines]
