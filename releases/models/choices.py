"""The words a release's columns may hold (domain 7 and 9)."""

from typing import Final

from django.db import models


class Status(models.TextChoices):
    DRAFT = "draft", "Draft"
    PENDING_APPROVAL = "pending_approval", "Pending approval"
    APPROVED = "approved", "Approved"
    DEPLOYING = "deploying", "Deploying"
    DEPLOYED = "deployed", "Deployed"
    FAILED = "failed", "Failed"
    ROLLED_BACK = "rolled_back", "Rolled back"
    CANCELLED = "cancelled", "Cancelled"


class ReleaseKind(models.TextChoices):
    NORMAL = "normal", "Normal"
    ROLLBACK = "rollback", "Rollback"
    PROMOTION = "promotion", "Promotion"


class RollbackScope(models.TextChoices):
    FULL = "full", "Full"
    SERVICE = "service", "Service"
    FIELD = "field", "Field"


class CancelKind(models.TextChoices):
    CANCELLED = "cancelled", "Cancelled"
    REJECTED = "rejected", "Rejected"
    RECREATED = "recreated", "Recreated"


class FailureType:
    """Failure types with a meaning of their own; others are codes of gates."""

    TEMPLATE_ERROR: Final = "template_error"
    VARIABLE_UNRESOLVED: Final = "variable_unresolved"
    GIT_CONFLICT: Final = "git_conflict"
    ENVIRONMENT_FROZEN: Final = "environment_frozen"
    INTERNAL_ERROR: Final = "internal_error"
    RETRYABLE: Final = (GIT_CONFLICT, ENVIRONMENT_FROZEN, INTERNAL_ERROR)


CANCELLABLE: Final = (Status.DRAFT, Status.PENDING_APPROVAL, Status.APPROVED)
CLAIMING: Final = (*CANCELLABLE, Status.DEPLOYING)
