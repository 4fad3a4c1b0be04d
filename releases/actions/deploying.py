"""Deploy and retry, pressed by people."""

from django.db import transaction

from gitopshq.core.models import User
from releases import sending
from releases.models import Release


@transaction.atomic
def deploy_release(release: Release, *, actor: User) -> Release:
    """Send an approved release to its target.

    :raises DomainError: the first refusal of the guard chain (domain 7)
    """
    return sending.send(release, actor=actor)


@transaction.atomic
def retry_release(release: Release, *, actor: User) -> Release:
    """Try a failed release again, where its failure was not in its content.

    :raises DomainError: the first refusal of the guard chain
    :raises ChangeAlreadyClaimed: when another release took its changes meanwhile
    """
    return sending.send_again(release, actor=actor)
