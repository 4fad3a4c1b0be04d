"""Sealing secrets anew after a new key was put first in the ring."""

from django.db import transaction

from environments import secrets
from environments.access import require_superuser
from environments.events import Event
from environments.models import InstallationKey
from gitopshq.core import audit
from gitopshq.core.models import User


@transaction.atomic
def reseal_secrets(*, actor: User | None) -> int:
    """Seal every secret with the first key of the ring; return how many were not.

    :raises NotPermitted: for anybody but a superuser
    """
    require_superuser(actor)
    count = secrets.seal_anew()
    if count:
        key = InstallationKey.objects.order_by("pk")[0]
        audit.record(Event.SECRETS_RESEALED, key, actor=actor, count=count)
    return count
