"""Tags of tenants: which there are, and which tenants have one."""

from collections import Counter
from collections.abc import Mapping

from django.db.models import Q, QuerySet

from environments.models import Tenant


def count_tags(tenants: QuerySet[Tenant]) -> dict[str, int]:
    """Return how many of *tenants* have each tag, by tag: one query."""
    lists = tenants.exclude(tags=[]).values_list("tags", flat=True)
    return dict(sorted(Counter(tag for tags in lists for tag in tags).items()))


def has_tag(tag: str, known: Mapping[str, int], *, of: str = "") -> Q:
    """Return the condition that a tenant has *tag*; none has one that is not *known*.

    Tags are slugs: as JSON each stands in its own quotes, on every database. *of* is
    the path to the tenant, for conditions on other rows. "" is no condition.
    """
    if not tag:
        return Q()
    return Q(**{f"{of}tags__icontains": f'"{tag}"'}) if tag in known else Q(pk__in=())
