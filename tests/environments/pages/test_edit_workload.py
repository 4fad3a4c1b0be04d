"""Workloads and charts: making, binding, bumping images, uploading."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from environments import actions
from environments.models import ChartVersion, Workload, WorkloadBinding
from tests import make

LIST = "/projects/shop/workloads"
URL = f"{LIST}/api"


@pytest.fixture
def client(as_person, mona):
    return as_person(mona)


def test_a_workload_is_made_on_an_uploaded_chart(shop, client):
    chart = make.chart_version("web", "1.0.0")

    answer = client.post(LIST, {"name": "api", "chart_version": chart.pk})

    assert (answer.status_code, answer.url) == (302, URL)
    assert Workload.objects.get().chart_version == chart


def test_a_refused_name_stands_at_its_field(api_workload, client):
    chart = api_workload.chart_version.pk
    for name, said in (("api", "is taken"), ("Api!", "use lower-case letters")):
        answer = client.post(
            LIST, {"name": name, "chart_version": chart, "namespace": "kept"}
        )

        form = answer.context["form"]
        assert answer.status_code == 422
        assert said in str(form.errors["name"])
        assert (form["name"].value(), form["namespace"].value()) == (name, "kept")


def test_an_unknown_chart_version_is_refused(shop, client):
    answer = client.post(LIST, {"name": "api", "chart_version": 4711})

    assert answer.status_code == 422
    assert "chart_version" in answer.context["form"].errors
    assert not Workload.objects.exists()


def test_settings_are_changed(api_workload, client):
    """S21: another chart version."""
    newer = make.chart_version("web", "1.1.0")
    form = client.get(URL).context["forms"]["settings"]
    data = {
        "chart_version": newer.pk,
        "allow_nondeterministic": "on",
        "version": form["version"].value(),
    }

    assert client.post(f"{URL}/settings", data).status_code == 302
    saved = Workload.objects.get()
    assert (saved.chart_version, saved.allow_nondeterministic) == (newer, True)

    late = client.post(f"{URL}/settings", {**data, "namespace": "mine"})
    assert late.status_code == 412
    assert late.context["forms"]["settings"]["namespace"].value() == "mine"


def test_it_is_bound_and_unbound(shop, dev, client, mona):
    make.workload(shop, "api")

    assert client.post(f"{URL}/bind", {"target": "acme/dev"}).status_code == 302
    assert WorkloadBinding.objects.get().target == dev

    assert client.post(f"{URL}/unbind/acme/dev").status_code == 302
    assert not WorkloadBinding.objects.exists()


def test_a_taken_name_is_refused_at_the_target(shop, dev, client):
    make.workload(shop, "api")
    files = {"a.yaml": "a: 1\n"}
    actions.put_manifests(dev, name="api", files=files, actor=None)

    answer = client.post(f"{URL}/bind", {"target": "acme/dev", "namespace": "kept"})

    form = answer.context["forms"]["bind"]
    assert answer.status_code == 422
    assert "is a set of manifests" in str(form.errors["target"])
    assert form["namespace"].value() == "kept"


def test_the_image_of_each_target_is_shown_and_bumped(
    api_workload, prod, client, read, mona, text_of
):
    """S21: image tag changed, in one layer."""
    text = "# ours\nimage:\n  repository: ghcr.io/shop/api\n  tag: 1.2.3\n"
    actions.set_values(api_workload, text=text, actor=None)
    page = read(mona, URL)
    assert "1.2.3" in page
    assert "images:write" in page
    assert "/api/v1/projects/shop/images" in page

    data = {"layer": "acme/prod", "path": "/image", "tag": "1.3.0"}
    assert client.post(f"{URL}/image", data).status_code == 302

    assert text_of(api_workload) == text
    assert "1.3.0" in text_of(api_workload, prod.tenant, prod.environment)
    assert "1.3.0" in read(mona, URL)


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({}, "tag", "a tag or a digest is needed"),
        ({"tag": "no tag"}, "tag", "is no tag of an image"),
        ({"tag": "1", "path": "image"}, "path", ""),
    ],
)
def test_an_impossible_image_is_refused_at_its_field(
    api_workload, client, given, field, said
):
    data = {"layer": "/", "path": "/image", "message": "kept", **given}

    answer = client.post(f"{URL}/image", data)

    form = answer.context["forms"]["image"]
    assert answer.status_code == 422
    assert said in str(form.errors[field])
    assert form["message"].value() == "kept"


def test_a_bound_workload_is_not_archived(api_workload, client, prod):
    answer = client.post(f"{URL}/archive")

    assert answer.status_code == 409
    assert "bound to acme/prod" in answer.content.decode()

    client.post(f"{URL}/unbind/acme/prod")
    assert client.post(f"{URL}/archive").status_code == 302
    assert Workload.objects.get().archived_at is not None
    assert client.post(f"{URL}/restore").status_code == 302
    assert Workload.objects.get().archived_at is None


@pytest.mark.parametrize(
    "path", ["settings", "bind", "image", "archive", "unbind/acme/prod"]
)
def test_an_onlooker_may_not_and_a_stranger_finds_nothing(
    api_workload, as_person, olga, stan, path
):
    version = as_person(olga).get(URL).context["forms"]["settings"]["version"].value()
    data = {
        "layer": "/",
        "path": "/image",
        "tag": "1",
        "target": "acme/prod",
        "chart_version": api_workload.chart_version.pk,
        "version": version,
    }

    assert as_person(olga).post(f"{URL}/{path}", data).status_code in {403, 422}
    assert as_person(stan).post(f"{URL}/{path}", data).status_code == 404
    assert Workload.objects.get().archived_at is None
    assert WorkloadBinding.objects.count() == 1


def packed(data, name="web.tgz"):
    return {"file": SimpleUploadedFile(name, data, "application/gzip")}


def test_a_chart_is_uploaded_once(shop, client, read, mona):
    data = make.chart_archive("web", "1.0.0")

    assert client.post("/charts", packed(data)).status_code == 302
    assert client.post("/charts", packed(data)).status_code == 302

    assert ChartVersion.objects.count() == 1
    page = client.get("/charts").content.decode()
    assert "1.0.0" in page
    assert "It was known already" in page
    assert "web" not in read(mona, "/charts?q=nothing").partition("<tbody>")[2]


def test_what_is_no_chart_is_refused(shop, client):
    answer = client.post("/charts", packed(b"no archive"))

    assert answer.status_code == 422
    assert "field__error" in answer.content.decode()
    assert not ChartVersion.objects.exists()


def test_a_bad_file_in_the_archive_is_named(shop, client):
    data = make.chart_archive(files={"Chart.yaml": "name: [\n"})

    answer = client.post("/charts", packed(data))

    assert answer.status_code == 422
    assert "Chart.yaml" in answer.content.decode()


def test_other_bytes_under_a_known_version_are_refused(shop, client):
    client.post("/charts", packed(make.chart_archive("web", "1.0.0")))
    other = make.chart_archive("web", "1.0.0", {"values.yaml": "replicas: 2\n"})

    answer = client.post("/charts", packed(other))

    assert answer.status_code == 409
    assert "exists with other content" in answer.content.decode()


def test_charts_take_the_permission(shop, as_person, olga, stan):
    data = make.chart_archive()

    assert as_person(olga).post("/charts", packed(data)).status_code == 403
    assert as_person(stan).post("/charts", packed(data)).status_code == 404
    assert not ChartVersion.objects.exists()
