"""The editor of overlays and manifests: files added, renamed, edited, removed."""

import pytest

from environments import actions
from environments.models import KustomizeBinding, ManifestBinding
from environments.stored import DatabaseTexts
from gitopshq.core.models import AuditEntry

OVERLAY = "/projects/shop/acme/prod/kustomize/edge"
FLAGS = "/projects/shop/acme/prod/manifests/flags"
ROOT = ("kustomization.yaml", "resources:\n- a.yaml\n")
PART = ("a.yaml", "kind: ConfigMap\n")


@pytest.fixture
def post(as_person, mona):
    def send(url, *files, user=mona, version="none", **more):
        data = {
            "version": version,
            "message": "why",
            "file-TOTAL_FORMS": len(files),
            "file-INITIAL_FORMS": 0,
            **more,
        }
        for number, (path, text) in enumerate(files):
            data |= {f"file-{number}-path": path, f"file-{number}-text": text}
        return as_person(user).post(url, data)

    return send


def saved(binding):
    texts = DatabaseTexts()
    return {path: texts[digest] for path, digest in binding.files.items()}


def version_on(client, url):
    return client.get(url).context["form"]["version"].value()


def test_an_overlay_is_made_of_its_files(prod, post):
    """S22: a new overlay."""
    answer = post(OVERLAY, ROOT, PART, ("", ""))

    assert answer.status_code == 302
    assert saved(KustomizeBinding.objects.get()) == dict([ROOT, PART])


def test_a_remote_base_is_refused_at_its_file(prod, post):
    answer = post(OVERLAY, (ROOT[0], "resources:\n- https://example.com/base\n"))

    said = " ".join(answer.content.decode().split())
    assert answer.status_code == 422
    assert "kustomization.yaml:2: resources:" in said
    assert "https://example.com/base&#x27; is no path inside the overlay" in said
    assert not KustomizeBinding.objects.exists()


def test_files_are_renamed_edited_and_removed_in_one_go(prod, post, mona, as_person):
    """S22, S23: one form holds the whole set."""
    files = {"a.yaml": "a: 1\n", "b.yaml": "b: 1\n", "c.yaml": "c: 1\n"}
    actions.put_manifests(prod, name="flags", files=files, actor=None)

    answer = post(
        FLAGS,
        ("renamed.yaml", "a: 1\n"),
        ("b.yaml", "b: 2\n"),
        ("c.yaml", "c: 1\n"),
        version=version_on(as_person(mona), FLAGS),
        **{"file-2-remove": "on"},
    )

    assert answer.status_code == 302
    found = saved(ManifestBinding.objects.get())
    assert found == {"renamed.yaml": "a: 1\n", "b.yaml": "b: 2\n"}


def test_an_overlay_is_attached_to_a_workload(api_workload, post, mona, as_person):
    version = version_on(as_person(mona), OVERLAY)

    post(OVERLAY, ROOT, PART, version=version, workload=api_workload.pk)

    assert KustomizeBinding.objects.get().workload == api_workload


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (("a.yaml", "kind: [\n"), "a.yaml:2"),
        (("../a.yaml", "kind: A\n"), "write a relative path"),
        (("a.yaml", "a: 1\na: 2\n"), "a.yaml:2: the key"),
    ],
)
def test_a_refusal_stands_at_its_file_and_keeps_all(prod, post, bad, said):
    """Nothing typed is lost: the good file beside the bad one stays too."""
    answer = post(OVERLAY, ROOT, bad)

    assert answer.status_code == 422
    forms = answer.context["form"].file_forms
    assert not forms[0].errors
    assert said in str(forms[1].errors)
    shown = [(form["path"].value(), form["text"].value()) for form in forms]
    assert shown == [ROOT, bad]
    assert not KustomizeBinding.objects.exists()


def test_an_overlay_needs_a_kustomization(prod, post):
    answer = post(OVERLAY, PART)

    assert answer.status_code == 422
    assert "exactly one of kustomization.yaml" in answer.content.decode()


def test_a_path_that_stands_twice_is_refused(prod, post):
    answer = post(FLAGS, ("a.yaml", "a: 1\n"), ("a.yaml", "a: 2\n"))

    assert answer.status_code == 422
    assert "a.yaml stands twice" in answer.content.decode()


def test_another_file_comes_without_saving(prod, post):
    answer = post(FLAGS, ("a.yaml", "a: 1\n"), do="more")

    assert answer.status_code == 200
    forms = answer.context["form"].file_forms
    assert [form["text"].value() for form in forms] == ["a: 1\n", None]
    assert not ManifestBinding.objects.exists()


def test_two_people_at_once_lose_nothing(prod, post, mona, as_person):
    actions.put_manifests(prod, name="flags", files={"a.yaml": "a: 1\n"}, actor=None)
    opened = version_on(as_person(mona), FLAGS)
    actions.put_manifests(prod, name="flags", files={"a.yaml": "a: 9\n"}, actor=None)

    answer = post(FLAGS, ("a.yaml", "a: 3\n"), version=opened)

    page = answer.content.decode()
    assert answer.status_code == 412
    assert "a: 9" in page
    form = answer.context["form"]
    assert form.file_forms[0]["text"].value() == "a: 3\n"
    again = post(FLAGS, ("a.yaml", "a: 3\n"), version=form["version"].value())
    assert again.status_code == 302
    assert saved(ManifestBinding.objects.get()) == {"a.yaml": "a: 3\n"}


def test_sets_are_deleted(prod, as_person, mona):
    actions.put_overlay(prod, name="edge", files=dict([ROOT, PART]), actor=None)
    actions.put_manifests(prod, name="flags", files=dict([PART]), actor=None)
    client = as_person(mona)

    for url in (OVERLAY, FLAGS):
        assert client.post(f"{url}/delete").status_code == 302

    assert not KustomizeBinding.objects.exists()
    assert not ManifestBinding.objects.exists()
    assert AuditEntry.objects.filter(event="overlay.deleted", actor=mona).exists()


def test_who_may_not_edit_finds_no_empty_editor(prod, olga, as_person, post):
    client = as_person(olga)
    assert client.get(OVERLAY).status_code == 404

    actions.put_overlay(prod, name="edge", files=dict([ROOT, PART]), actor=None)
    assert client.get(OVERLAY).status_code == 200
    answer = post(OVERLAY, ROOT, user=olga, version=version_on(client, OVERLAY))
    assert answer.status_code == 403
    assert "workloads.manage" in answer.content.decode()


def test_the_list_leads_to_a_new_editor(prod, as_person, mona):
    query = "target=acme/prod&kind=kustomize&name=edge"

    answer = as_person(mona).get(f"/projects/shop/files?{query}")

    assert (answer.status_code, answer.url) == (302, OVERLAY)
