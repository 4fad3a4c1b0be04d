"""Edits rendered before they are saved: manifests that differ, or every error."""

import shutil

import pytest
from django.db import transaction

from delivery.repositories import repositories_of
from environments import actions, trials
from environments.models import Edit, VariableScope
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def api(shop, prod):
    return make.workload(shop, "api", on=[prod])


def tried(prod, text, layer="base"):
    return trials.try_values(prod, "api", layer=layer, text=text)


def test_an_edit_shows_the_manifests_that_it_would_change(shop, prod, api):
    """What broader layers say still counts; nothing is saved."""
    actions.set_values(api, text="replicas: 2\n", actor=None)
    edits = Edit.objects.count()

    found = tried(prod, "replicas: 5\n", layer="target")

    (file,) = found.trial.files
    assert found.trial.state == "ready"
    assert file.path == "api/configmap-api.yaml"
    assert 'replicas: "2"' in file.before
    assert 'replicas: "5"' in file.after
    assert not tried(prod, "replicas: 2\n").trial.files
    assert Edit.objects.count() == edits


def test_what_does_not_render_is_told_with_its_place(shop, prod, api):
    """S74, S75: a broken template by the worker, a missing variable at once."""
    chart = make.chart_version(
        "web", "2.0.0", {"templates/x.yaml": "{{ fail .Values.why }}\n"}
    )
    actions.update_workload(api, chart_version=chart, actor=None)

    broken = tried(prod, "why: because\n").trial
    missing = tried(prod, "a: 1\nwhy: {{hq.var.GONE}}\n")

    assert broken.state == "failed"
    assert "because" in broken.errors[0]["message"]
    assert missing.trial is None
    (error,) = missing.unresolved
    assert (error.file, error.line) == ("workloads/api/values.yaml", 2)
    assert "GONE" in error.detail


@pytest.mark.parametrize("gone", ["objects", "."])
def test_manifests_that_are_lost_are_no_fault_of_the_edit(shop, prod, api, gone):
    assert tried(prod, "replicas: 5\n").trial.files
    shutil.rmtree(repositories_of(shop).renderings / gone)

    assert tried(prod, "replicas: 5\n").trial.state == "lost"


def test_secrets_are_masked_in_what_is_shown(shop, prod):
    chart = make.chart_version("web", "3.0.0", {"templates/x.yaml": SECRET})
    make.workload(shop, "api", chart=chart, on=[prod])
    actions.update_project(shop, secrets_in_git="plain", actor=None)
    place = actions.VariablePlace(shop, VariableScope.REPO)
    actions.set_variable(place, key="K", value="hunter22!", secret=True, actor=None)

    trial = tried(prod, "key: {{hq.var.K}}\n").trial

    texts = [text for file in trial.files for text in (file.before, file.after)]
    assert trial.state == "ready", trial.errors
    assert any("<secret " in text for text in texts if text)
    assert "hunter22!" not in str(trial)


def test_presence_is_tried_both_ways(shop, prod, api):
    there = trials.try_presence(prod, api, on=False).trial
    with transaction.atomic():
        actions.unbind_workload(api, from_=prod, actor=None)
    gone = trials.try_presence(prod, api, on=True).trial

    assert [(f.before is None, f.after is None) for f in there.files] == [(False, True)]
    assert [(f.before is None, f.after is None) for f in gone.files] == [(True, False)]
    assert tried(prod, "replicas: 1\n") is None


def test_an_overlay_is_tried_without_and_with_it(prod, api):
    """What it makes of the output of its workload, either way."""
    files = {"kustomization.yaml": "namePrefix: x-\nresources: [workload.yaml]\n"}
    overlay = actions.put_overlay(
        prod, name="edge", files=files, workload=api, actor=None
    )

    off = trials.try_files(overlay, on=False).trial
    on = trials.try_files(overlay, on=True).trial

    plain, prefixed = "api/configmap-api.yaml", "api/configmap-x-api.yaml"
    assert {f.path: f.after is None for f in off.files} == {
        plain: False,
        prefixed: True,
    }
    assert {f.path: f.after is None for f in on.files} == {plain: True, prefixed: False}


SECRET = """\
apiVersion: v1
kind: Secret
metadata:
  name: {{ .Release.Name }}
stringData:
  key: {{ .Values.key | default "no key yet" | quote }}
"""
