"""The admin: to look at, not to change, and without secrets."""

import pytest
from django.contrib import admin
from django.urls import reverse

from environments import actions
from environments.actions import VariablePlace
from environments.models import SecretValue, Variable, VariableScope
from tests import make

MODELS = sorted(
    (m for m in admin.site._registry if m._meta.app_label == "environments"),
    key=lambda m: m.__name__,
)


@pytest.fixture
def root_client(client, shop, prod, api_workload):
    root = make.user("root", is_superuser=True, is_staff=True)
    actions.set_variable(
        VariablePlace(shop, VariableScope.REPO),
        key="TOKEN",
        value="a secret of the shop",
        secret=True,
        actor=None,
    )
    actions.set_values(api_workload, text="a: 1\n", actor=None)
    actions.put_manifests(prod, name="m", files={"a.yaml": "a: 1\n"}, actor=None)
    client.force_login(root)
    return client


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_operators_look_and_change_nothing(root_client, model):
    name = f"admin:environments_{model._meta.model_name}"

    assert root_client.get(reverse(f"{name}_changelist")).status_code == 200
    assert root_client.get(reverse(f"{name}_add")).status_code == 403
    row = model._default_manager.first()
    if row is not None:
        page = root_client.get(reverse(f"{name}_change", args=[row.pk]))
        assert page.status_code == 200
        assert b'name="_save"' not in page.content
        delete = reverse(f"{name}_delete", args=[row.pk])
        assert root_client.post(delete, {"post": "yes"}).status_code == 403


def test_sealed_values_are_on_no_page(root_client):
    """Not where a variable is shown, nor where the age of its seal is."""
    row, kept = Variable.objects.get(key="TOKEN"), SecretValue.objects.get()

    for name, pk in (("variable", row.pk), ("secretvalue", kept.pk)):
        address = f"admin:environments_{name}"
        for page in (
            root_client.get(reverse(f"{address}_changelist")),
            root_client.get(reverse(f"{address}_change", args=[pk])),
        ):
            assert page.status_code == 200
            assert kept.sealed not in page.content.decode()
