"""Sealing secrets anew after a new key was put first in the ring."""

from dataclasses import replace

from django.db import transaction

from environments import secrets
from environments.access import require_superuser
from environments.events import Event
from environments.models import InstallationKey
from environments.secrets import Batch
from gitopshq.core import audit
from gitopshq.core.models import User


@transaction.atomic
def reseal_secrets(*, after: str = "", actor: User | None) -> Batch:
    """Seal some secrets with the first key of the ring, from the first or *after* one.

    A batch, with its row in the audit trail: nobody waits long meanwhile, and a run
    that is broken off is ended by the next. The first takes the keys of
    the installation, too.

    :raises NotPermitted: for anybody but a superuser
    :raises CannotOpen: no key of the ring opens a key of the installation
    """
    require_superuser(actor)
    keys = 0 if after else secrets.seal_keys_anew()
    batch = secrets.seal_some_anew(after)
    batch = replace(batch, count=batch.count + keys)
    if batch.count:
        key = InstallationKey.objects.order_by("pk")[0]
        audit.record(Event.SECRETS_RESEALED, key, actor=actor, count=batch.count)
    return batch
