"""Where variables are used: the same as the texts of every state would tell."""

import pytest

from environments import actions, capture
from environments.desired.fitting import Uses
from environments.desired.resolving import units
from environments.selectors.references import references_in
from environments.stored import DatabaseTexts
from tests import make

NAMED = "a: '{{{{hq.var.{}}}}}' # {{{{hq.var.REMARK}}}}\nb: '{{{{hq.var.env.ALL}}}}'\n"
KUSTOMIZATION = {
    "kustomization.yaml": "resources: [workload.yaml, more.yaml]\n",
    "more.yaml": NAMED.format("OVERLAID"),
}
ALONE = {
    "kustomization.yaml": "resources: [alone.yaml]\n",
    "alone.yaml": NAMED.format("ALONE"),
}


def told(references):
    return sorted(
        (str(r.target), r.service or "", r.path, r.line, r.key, r.pinned or "")
        for r in references
    )


def by_states(targets):
    """Read every text of every unit."""
    uses, texts = Uses(), DatabaseTexts()
    return sorted(
        (str(at), unit.service or "", path, used.line, used.key, used.scope or "")
        for at in targets
        for unit in units(capture.state_of(at), texts)
        for path, text in unit.texts.items()
        for used in uses.of(text, path)
    )


@pytest.fixture
def targets(shop, prod, api_workload):
    """Three targets, in which a variable is named wherever one may stand."""
    tenant, production = prod.tenant, prod.environment
    other = make.target(shop, tenant="zeta", environment="prod")
    third = make.target(shop, tenant="acme", environment="dev")
    actions.bind_workload(api_workload, to=other, actor=None)
    make.workload(shop, "quiet", on=[prod, other, third])
    for layer, place in {
        "BASE": {},
        "STAGE": {"environment": production},
        "TENANT": {"tenant": tenant},
        "TARGET": {"tenant": tenant, "environment": production},
        "ELSEWHERE": {"tenant": third.tenant, "environment": third.environment},
    }.items():
        text = NAMED.format(layer)
        actions.set_values(api_workload, text=text, actor=None, **place)
    for name, files, more in (
        ("patch", KUSTOMIZATION, {"workload": api_workload}),
        ("alone", ALONE, {}),
        ("off", ALONE, {}),
    ):
        actions.put_overlay(prod, name=name, files=files, actor=None, **more)
    prod.kustomize_bindings.filter(name="off").update(is_on=False)
    files = {"a.yaml": NAMED.format("PLAIN"), "b.yaml": "b: 1\n"}
    actions.put_manifests(third, name="extra", files=files, actor=None)
    return [prod, other, third]


def test_every_use_is_found_and_counts_where_it_reaches(targets):
    found = told(references_in(targets))

    assert found == by_states(targets)
    assert {key for *_, key, _ in found} == {
        *("BASE", "STAGE", "TENANT", "TARGET", "OVERLAID", "ALONE", "PLAIN", "ALL")
    }


def test_one_name_alone_is_asked_for(targets):
    found = told(references_in(targets, key="BASE"))

    assert found == [one for one in by_states(targets) if one[4] == "BASE"]
    assert [place for place, *_ in found] == ["acme/prod", "zeta/prod"]


def test_only_targets_that_are_asked_for_count(targets):
    assert told(references_in(targets[1:])) == by_states(targets[1:])
    assert references_in([]) == []


def test_texts_without_a_name_are_not_read(
    shop, prod, api_workload, django_assert_max_num_queries
):
    actions.set_values(api_workload, text="a: 1\n", actor=None)

    with django_assert_max_num_queries(3):
        assert references_in([prod]) == []
