"""Who has had a hand in a release itself."""

from gitopshq.core.models import AuditEntry, User
from releases.events import ReleaseEvent
from releases.models import Release

_HANDS = (ReleaseEvent.CREATED, ReleaseEvent.EDITED, ReleaseEvent.REFRESHED)


def authors_of(release: Release) -> list[User]:
    """Return those who made, edited or refreshed *release* or what it recreates.

    None of them may vote on it (domain 8).
    """
    chain = [release.pk]
    earlier = release.recreated_from
    while earlier is not None:
        chain.append(earlier.pk)
        earlier = earlier.recreated_from
    ids = (
        AuditEntry.objects.filter(
            object_type="releases.release",
            object_id__in=[str(pk) for pk in chain],
            event__in=[str(event) for event in _HANDS],
            actor__isnull=False,
        )
        .values_list("actor", flat=True)
        .distinct()
    )
    return list(User.objects.filter(pk__in={release.author_id, *ids}))
