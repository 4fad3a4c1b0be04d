"""The form of a chart's schema beside the text: two ways to the same values."""

import json

import pytest

from environments import actions, ports
from environments.desired.state import EMPTY_TEXT
from environments.desired.subcharts import Subchart, write_subcharts
from environments.desired.texts import text_digest
from environments.models import ChartVersion
from environments.packages import PackagedChart
from tests import make

URL = "/projects/shop/workloads/api/values"
DEFAULTS = "# the chart's\nreplicas: 1\nservice:\n  port: 80\n"
SCHEMA = {
    "properties": {
        "replicas": {"type": "integer", "minimum": 0, "description": "How many pods."},
        "level": {"enum": ["info", "warn"]},
        "args": {"type": "array", "items": {"type": "string"}},
        "service": {"properties": {"port": {"type": "integer"}}},
        "service-port": {"type": "integer"},
        "env": {"type": "object"},
    }
}


class Read:
    """What the checked reader would tell; reading itself is tested elsewhere."""

    name, version, digest = "web", "1.0.0", "0" * 64
    app_version = description = ""
    values, schema = DEFAULTS, json.dumps(SCHEMA)
    subcharts = write_subcharts(
        [
            Subchart("broker", "2.0.0", alias="queue", values="depth: 5\n"),
            Subchart("redis", "7.0.0", condition="redis.on", values="on: false\n"),
        ]
    )


@pytest.fixture
def api(shop, prod):
    chart = actions.upload_chart(PackagedChart(b"", Read()), actor=None).version
    return make.workload(shop, "api", chart=chart, on=[prod])


@pytest.fixture(autouse=True)
def _rendered(monkeypatch):
    monkeypatch.setattr(ports.dry_run, "_answer", lambda *_: ports.Trial("ready"))


def rows_of(answer):
    return {
        row.name: row
        for section in answer.context["fields"].sections
        for row in section.rows
    }


def sent(answer, **typed):
    """Return what a browser sends of the page, with some fields filled in."""
    form = answer.context["form"]
    data = {
        "text": form["text"].value() or "",
        "version": form["version"].value(),
        "message": "why",
    }
    for row in rows_of(answer).values():
        data |= {row.name: row.value, row.shown_name: row.shown}
    if impact := answer.context.get("impact"):
        data["agreed"] = impact["digest"]
    return data | {f"f:/{name}": value for name, value in typed.items()}


def test_fields_say_what_the_layer_says_and_what_counts_else(
    api, prod, mona, as_person
):
    actions.set_values(api, text="replicas: 2\n", actor=None)
    where = f"{URL}?tenant=acme&environment=prod"

    answer = as_person(mona).get(where)

    rows = rows_of(answer)
    assert rows["f:/replicas"].otherwise == "2 (Base)"
    assert rows["f:/service/port"].otherwise == "80 (Chart 1.0.0)"
    assert rows["f:/level"].options[0] == ("", "not set")
    assert len({row.id for row in rows.values()}) == len(rows)
    page = answer.content.decode()
    assert "How many pods." in page
    assert "In the text only" in page
    assert "env" in answer.context["fields"].rest


def test_what_is_filled_in_is_put_into_the_text_and_saved(
    api, mona, as_person, text_of
):
    """Comments stay, and so does what was typed into the text meanwhile."""
    text = "# by hand\nreplicas: 2  # two\nother: {a: 1}\n"
    actions.set_values(api, text=text, actor=None)
    client = as_person(mona)
    data = sent(client.get(URL), replicas="5", args="--fast\r\n--new")
    data["text"] = text.replace("a: 1", "a: 2").replace("\n", "\r\n")

    looked = client.post(URL, {**data, "do": "fields"})
    written = "# by hand\nreplicas: 5  # two\nother: {a: 2}\nargs: [--fast, --new]\n"
    assert looked.status_code == 200
    assert looked.context["form"]["text"].value() == written.replace(
        "[--fast, --new]", '["--fast", "--new"]'
    )
    assert text_of(api) == text

    checked = client.post(URL, {**sent(looked, level="warn"), "do": "check"})
    assert client.post(URL, sent(checked)).status_code == 302
    saved = text_of(api)
    assert saved.startswith("# by hand\nreplicas: 5  # two\n")
    assert saved.endswith("level: warn\n")


@pytest.mark.parametrize(
    ("typed", "said"),
    [({"replicas": "many"}, "whole number"), ({"replicas": "-1"}, "less than 0")],
)
def test_what_fits_no_field_is_said_there_and_nothing_is_saved(
    api, mona, as_person, text_of, typed, said
):
    client = as_person(mona)

    answer = client.post(URL, {**sent(client.get(URL), **typed), "do": "save"})

    row = rows_of(answer)["f:/replicas"]
    assert answer.status_code == 422
    assert said in row.problem
    assert row.value == typed["replicas"]
    assert text_of(api) == ""


def test_a_place_changed_in_both_is_left_to_the_person(api, mona, as_person, text_of):
    actions.set_values(api, text="replicas: 2\n", actor=None)
    client = as_person(mona)
    data = sent(client.get(URL), replicas="5")

    answer = client.post(URL, {**data, "text": "replicas: 7\n"})

    assert answer.status_code == 422
    assert "the text says 7" in rows_of(answer)["f:/replicas"].problem
    assert answer.context["form"]["text"].value() == "replicas: 7\n"
    assert text_of(api) == "replicas: 2\n"


def test_the_chart_is_a_layer_to_read(api, mona, as_person, olga):
    client = as_person(mona)

    page = client.get(f"{URL}?layer=chart&target=acme/prod").content.decode()
    assert "# the chart&#x27;s" in page
    data = {"text": "a: 1\n", "version": EMPTY_TEXT}
    assert client.post(f"{URL}?layer=chart", data).status_code == 404

    onlooker = as_person(olga).get(URL)
    assert 'name="w:/replicas"' not in onlooker.content.decode()
    assert as_person(olga).post(URL, {**data, "do": "fields"}).status_code == 200
    assert as_person(olga).post(URL, data).status_code == 403


def test_defaults_of_charts_inside_it_lie_below_ours(
    api, prod, mona, as_person, django_assert_max_num_queries
):
    """W1: each with the chart that says it; what is switched off is left out."""
    actions.set_values(api, text="queue: {depth: 7}\n", actor=None)
    client = as_person(mona)

    with django_assert_max_num_queries(15):
        answer = client.get(f"{URL}?tenant=acme&environment=prod")

    rows = {row.path: row for row in answer.context["merged"].values}
    found = rows["queue", "depth"]
    assert (found.value, found.layer.label) == ("7", "Base")
    assert [one.label for one in found.beaten] == ["Chart 1.0.0 / broker 2.0.0"]
    assert ("redis", "on") not in rows
    page = answer.content.decode()
    assert "its defaults are left out: Chart 1.0.0 / redis 7.0.0." in page
    ChartVersion.objects.update(facts={})
    page = client.get(URL).content.decode()
    assert "Defaults of charts inside the chart are not among them." in page


def test_a_kind_of_layer_is_chosen_with_the_target(api, mona, as_person):
    found = as_person(mona).get(f"{URL}?at=environment&target=acme/prod")

    assert found.context["layer"].path == "workloads/api/values.env.prod.yaml"
    version = found.context["form"]["version"].value()
    assert version == text_digest("")


def test_what_a_long_chart_says_is_known_to_its_last_line(api, prod, mona, as_person):
    """A page shows the first thousand lines; counts and fields know all of them."""
    long = "".join(f"k{number}: 1\n" for number in range(1100)) + "level: warn\n"
    actions.set_values(api, text=long, actor=None)

    answer = as_person(mona).get(f"{URL}?tenant=acme&environment=prod")

    assert rows_of(answer)["f:/level"].otherwise == "warn (Base)"
    assert answer.context["merged"].said_by_us == 1101
    page = answer.content.decode()
    assert page.count('class="merged__line"') == 1000
    assert "There are more." in page
