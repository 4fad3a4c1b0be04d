"""People, what they may sign in with, and what is remembered of their doings."""

from gitopshq.core.models.audit import AuditCheck, AuditEntry, AuditHead
from gitopshq.core.models.idempotency import IdempotencyRecord
from gitopshq.core.models.notifications import (
    Delivery,
    DeliveryState,
    Notification,
    NotificationPreference,
    Way,
)
from gitopshq.core.models.users import ApiToken, ServiceAccount, TokenScope, User

__all__ = [
    "ApiToken",
    "AuditCheck",
    "AuditEntry",
    "AuditHead",
    "Delivery",
    "DeliveryState",
    "IdempotencyRecord",
    "Notification",
    "NotificationPreference",
    "ServiceAccount",
    "TokenScope",
    "User",
    "Way",
]
