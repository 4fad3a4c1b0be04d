"""Setting the policy of an environment."""

import pytest

from environments import actions, policies
from environments.models import Edit
from environments.permissions import Permission
from gitopshq.core.errors import NotPermitted, ValidationError
from gitopshq.core.models import AuditEntry
from tests import make

URL = "/api/v1/projects/shop/environments/prod/policy"


def test_a_change_is_an_edit_of_its_file_and_an_audit_entry(production, pia):
    """S25: the policy is tracked, with both sides."""
    actions.set_policy(production, terms={"required_approvals": 2}, actor=pia)

    assert policies.live_policy(production).required_approvals == 2
    edit = Edit.objects.latest("sequence")
    assert (edit.actor, list(edit.files)) == (pia, ["policies/prod.yaml"])
    assert [p.pointer for p in edit.places.all()] == ["/requiredApprovals"]
    entry = AuditEntry.objects.filter(event="policy.changed").latest("sequence")
    assert entry.before == {"required_approvals": 0}
    assert entry.after == {"required_approvals": 2}


def test_what_does_not_change_is_no_edit(production, pia):
    before = Edit.objects.count()

    actions.set_policy(production, terms={"required_approvals": 0}, actor=pia)

    assert Edit.objects.count() == before


def test_a_developer_may_not(production, dana):
    with pytest.raises(NotPermitted, match=r"environments\.manage"):
        actions.set_policy(production, terms={"auto_approve": True}, actor=dana)


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ({"deploy_mode": "auto", "block_self_deploy": True}, "/blockSelfDeploy"),
        ({"required_approvals": 101}, "/requiredApprovals"),
        ({"approval_expiry_hours": 0}, "/approvalExpiryHours"),
        ({"deploy_mode": "sometimes"}, "/deployMode"),
    ],
)
def test_impossible_terms_are_refused(production, terms, pointer):
    with pytest.raises(ValidationError) as refused:
        actions.set_policy(production, terms=terms, actor=None)

    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_too_few_approvers_are_warned_of(production, shop):
    """S102: the size of the approver pool is seen, a bottleneck warned of."""
    make.user("bob", may=[Permission.APPROVE_RELEASE], on=shop)

    edit = actions.set_policy(production, terms={"required_approvals": 2}, actor=None)
    assert edit.warnings == (
        "2 approvals are required, but only bob may approve here.",
    )

    both = [Permission.APPROVE_RELEASE, Permission.CREATE_RELEASE]
    make.user("cleo", may=both, on=production)
    edit = actions.set_policy(production, terms={}, actor=None)
    assert "what cleo authors or edits cannot be approved" in edit.warnings[0]

    make.user(may=[Permission.APPROVE_RELEASE], on=production)
    assert not actions.set_policy(production, terms={}, actor=None).warnings


def test_the_api_shows_defaults_and_changes_what_is_given(as_user, production, pia):
    api = as_user(pia)
    assert api.get(URL).json() == {
        "requiredApprovals": 0,
        "blockSelfApproval": True,
        "approvalExpiryHours": None,
        "autoApprove": False,
        "blockSelfDeploy": False,
        "deployMode": "manual",
        "warnings": [],
    }

    answer = api.patch(URL, {"requiredApprovals": 1, "approvalExpiryHours": 8})

    assert answer.status_code == 200
    assert answer.json()["approvalExpiryHours"] == 8
    assert api.get(URL).json() == answer.json()


def test_the_api_heeds_the_version_that_was_meant(as_user, production, pia):
    api = as_user(pia)
    tag = api.get(URL)["ETag"]
    body = {"requiredApprovals": 1}

    assert api.patch(URL, body, headers={"If-Match": '"old"'}).status_code == 412
    assert api.patch(URL, body, headers={"If-Match": tag}).status_code == 200
    assert api.patch(URL, body, headers={"If-Match": tag}).status_code == 412


def test_the_api_hides_from_a_stranger_and_refuses_a_viewer(
    as_user, production, stan, olga
):
    assert as_user(stan).patch(URL, {"autoApprove": True}).status_code == 404
    answer = as_user(olga).patch(URL, {"autoApprove": True})

    assert answer.status_code == 403
    assert answer.json()["code"] == "permission_denied"
    assert AuditEntry.objects.filter(event="policy.change_refused").exists()
    assert not policies.live_policy(production).auto_approve
