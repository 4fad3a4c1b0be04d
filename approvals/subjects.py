"""From a request to its subject and back, and the locks taken on the way."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from approvals.approvable import approvable_of
from approvals.models import ApprovalRequest
from environments.locking import lock_project
from environments.permissions import Permission
from gitopshq.core.rows import one_of


def request_for(subject: Model) -> ApprovalRequest | None:
    """Return the request about *subject*, if one was ever opened."""
    rows = ApprovalRequest.objects.select_related("environment__project", "requester")
    kind = ContentType.objects.get_for_model(subject)
    return one_of(rows.filter(subject_type=kind, subject_id=subject.pk))


def subject_of(request: ApprovalRequest) -> Model:
    """Return what *request* is about."""
    # The content type's own way in, whatever the model calls its manager.
    kind = ContentType.objects.get_for_id(request.subject_type_id)
    subject: Model = kind.get_object_for_this_type(pk=request.subject_id)
    return subject


def permission_of(request: ApprovalRequest) -> Permission:
    """Return the permission that a vote on *request* needs."""
    # By the manager: it knows the few kinds there are.
    kind = ContentType.objects.get_for_id(request.subject_type_id)
    model = kind.model_class()
    assert model is not None
    return approvable_of(model).permission


def lock_request(request: ApprovalRequest) -> ApprovalRequest:
    """Lock the project, then return *request* as it is now."""
    lock_project(request.environment.project)
    return ApprovalRequest.objects.select_related(
        "environment__project", "requester"
    ).get(pk=request.pk)
