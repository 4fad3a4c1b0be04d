"""What saving a values layer would move: shown before it is saved."""

from environments.models import WorkloadBinding
from environments.selectors import impact_of_layer, in_reach
from environments.views.reviews import AGREED, Review
from environments.views.values_page import ValuesPage


def review_of(page: ValuesPage, text: str) -> Review | None:
    """Return what it would move to save *text*; None for whoever may not save it.

    The base, an environment's and a tenant's layer are shared, so they are broad.
    """
    if not page.may_save:
        return None
    bound = WorkloadBinding.objects.filter(workload=page.workload)
    keys = set(bound.values_list("target", flat=True))
    reach = in_reach(
        [target for target in page.home.targets if target.pk in keys],
        environment=page.environment,
        tenant=page.tenant,
    )
    impact = impact_of_layer(reach, page.workload, layer=page.layer.name, text=text)
    return Review(
        impact,
        is_broad=page.tenant is None or page.environment is None,
        ticked=tuple(page.request.POST.getlist(AGREED)),
        words={"tenant": "the tenant's values"},
    )
