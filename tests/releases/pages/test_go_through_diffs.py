"""A reviewer goes through a diff in a real browser: every tool of the viewer, once."""

import pytest
from playwright.sync_api import expect

from environments.actions import put_manifests
from releases.models import ViewedFile
from releases.views import _diffs
from tests.pages.conftest import browser
from tests.releases.pages.test_use_inbox import LOOKS, barriers
from tests.releases.pages.windows import one_thread, window

__all__ = ["browser", "one_thread", "window"]

expect.set_options(timeout=60_000)  # milliseconds; an idle machine takes less than one
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SETTINGS = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {name}
  labels:
    helm.sh/chart: shop-{version}
    app: {name}
data:
{lines}"""
VOLUME = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {name}
spec:
  accessModes: [ReadWriteOnce]
  resources: {{requests: {{storage: 20Gi}}}}
"""
LONG = "an-endless-word-of-a-value-" * 8
GONE, ALPHA, BETA, GAMMA, NEW = (
    f"shop/{name}.yaml"
    for name in (
        "persistentvolumeclaim-stale",
        "configmap-alpha",
        "configmap-beta",
        "configmap-gamma",
        "persistentvolumeclaim-fresh",
    )
)


def settings(name, version, **marks):
    lines = {f"line{at:02}": f'"{at}"' for at in range(60)} | marks
    text = "".join(f"  {key}: {value}\n" for key, value in lines.items())
    return SETTINGS.format(name=name, version=version, lines=text)


def texts(version):
    """Return the files of a first or of a second version."""
    number = f'"{version}"'
    is_new = version == 2
    indented = '  "21"' if is_new else '"21"'
    return {
        "a.yaml": settings("alpha", version, line30=f'"{LONG}{version}"'),
        "b.yaml": settings("beta", version),
        "c.yaml": settings(
            "gamma", version, line20=number, line21=indented, line50=number
        ),
        f"d{version}.yaml": VOLUME.format(name="fresh" if is_new else "stale"),
    }


@pytest.fixture
def release(do, dev, create, submit, deploy):
    """Changes three files, one of them in labels only; a volume comes, one goes."""

    def put(version):
        do(put_manifests, dev, name="shop", files=texts(version), actor=None)

    put(1)
    deploy(submit(create(dev)))
    put(2)
    return create(dev)


def article(page, path):
    return page.locator(f'article[data-path="{path}"]')


def viewed(page, path):
    return article(page, path).get_by_role("button", name="Viewed")


def shown(page):
    found = page.locator("#review-files article:visible").all()
    return [one.get_attribute("data-path") for one in found]


def says(page, text):
    expect(page.locator("#line-said")).to_have_text(text)


def test_a_reviewer_goes_through_a_diff_by_keys_and_by_mouse(
    window, release, alice, monkeypatch
):
    """S36, S43, S46: from change to change, marks, filter, folds, rows on demand."""
    page = window(alice).open(release.get_absolute_url())
    progress = page.locator("#viewed-said")
    expect(progress).to_have_text("0/5 viewed")
    assert shown(page) == [GONE, ALPHA, BETA, GAMMA, NEW]

    for number, what in enumerate(
        [
            f"removed line 1 of {GONE}",
            f"Show 1 hunk of labels only of {ALPHA}",
            f"removed line 39 of {ALPHA}",
            f"Show 1 hunk of labels only of {BETA}",
        ],
        start=1,
    ):
        page.keyboard.press("n")
        says(page, f"Change {number} of 8: {what}")
    page.keyboard.press("Enter")
    expect(article(page, BETA)).to_contain_text("helm.sh/chart")
    page.keyboard.press("p")
    says(page, f"Change 3 of 8: removed line 39 of {ALPHA}")
    page.get_by_role("button", name="Next change").click()
    says(page, f"Change 4 of 8: removed line 6 of {BETA}")

    page.keyboard.press("v")
    expect(progress).to_have_text("1/5 viewed")
    expect(viewed(page, BETA)).to_have_attribute("aria-pressed", "true")
    expect(article(page, BETA).locator("table")).to_be_hidden()
    expect(page.locator(".tree__link[data-viewed]")).to_contain_text("beta")
    viewed(page, ALPHA).click()
    expect(progress).to_have_text("2/5 viewed")
    viewed(page, ALPHA).click()
    expect(progress).to_have_text("1/5 viewed")
    expect(article(page, ALPHA).locator("table")).to_be_visible()

    page.get_by_label("Filter files").fill("VOLUME")
    assert shown(page) == [GONE, NEW]
    expect(page.get_by_text("2 of 5 files")).to_be_visible()
    assert page.get_by_role("heading", name="Changed").count() == 0
    page.get_by_label("Filter files").fill("")
    assert len(shown(page)) == 5
    page.get_by_role("link", name="Collapse all").click()
    expect(page.locator("#review-files table:visible")).to_have_count(0)
    page.get_by_role("link", name="Expand all").click()
    expect(page.locator("#review-files table:visible")).to_have_count(5)

    monkeypatch.setattr(_diffs, "ROWS_AT_ONCE", 10)
    page.reload()
    expect(page.locator(".file__tools a[hx-get]")).not_to_have_count(0)
    page.get_by_text("Download as text").scroll_into_view_if_needed()
    expect(article(page, NEW).locator("table")).to_be_visible()
    assert {mark.user for mark in ViewedFile.objects.all()} == {alice}


def test_long_lines_scroll_in_their_file_and_the_choice_is_kept(window, release, bob):
    """S43, S44, S82, S128: in every look no barrier, and no page that scrolls aside."""
    page = window(bob).open(release.get_absolute_url())
    page.get_by_role("link", name="Do not wrap").click()
    page.get_by_role("link", name="Unified").click()
    page.goto(page.url.partition("?")[0])

    expect(page.get_by_role("link", name="Wrap lines")).to_be_visible()
    table = article(page, ALPHA).locator("table")
    assert table.evaluate("one => one.scrollWidth > one.clientWidth")
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.evaluate("scrollTo(0, 0)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert barriers(page) == [], (width, scheme)


def test_without_script_every_tool_is_a_link_or_a_form(window, release, alice):
    """S38, S46, S82: context, folds, marks, filter, white space."""
    page = window(alice, java_script_enabled=False).open(release.get_absolute_url())
    page.get_by_role("link", name="Collapse all").click()
    assert page.locator("#review-files details[open]").count() == 0
    page.get_by_role("link", name="Expand all").click()
    place = article(page, ALPHA).get_attribute("id")
    page.goto(f"{page.url.partition('?')[0]}?line={place}-R3-R5#{place}-R3")
    marked = page.locator("[data-marked] .diff__number[data-side=new]")
    assert marked.all_inner_texts() == ["3", "4", "5"]

    viewed(page, ALPHA).click()
    assert page.url.endswith(article(page, ALPHA).get_attribute("id"))
    expect(page.locator("#viewed-said")).to_have_text("1/5 viewed")
    assert article(page, ALPHA).locator("details[open]").count() == 0

    page.get_by_role("link", name="Overlook white space").click()
    assert page.get_by_text("2 lines differ in nothing else").is_visible()
    page.get_by_role("link", name="Show them").click()
    expect(article(page, BETA).get_by_text("helm.sh/chart").first).to_be_attached()
    page.get_by_label("Filter files").fill("gamma")
    page.keyboard.press("Enter")
    expect(page.get_by_text("4 of 5 files left out.")).to_be_visible()
    assert shown(page) == [GAMMA]
    assert page.get_by_text("2 lines differ in nothing else").is_visible()
    assert page.get_by_role("button", name="Next change").count() == 0
