"""P9 to P11 and P17: pages over many rows beside the same over few.

A page is asked for as a browser does, through all middleware; it is not sent.
"""

from django.test import override_settings

from environments.models import Environment, Project, Tenant, TenantEnvironment
from tests.bench import harness
from tests.bench.crowd import Crowd, Reader, a_person, grant_all
from tests.bench.shop import Shop, size

_A_BATCH = 2_000


@harness.benchmark("P9", goal=1.5, theirs="100 pending of 1,000", runs=15)
def inbox_with_10_000_pending_of_100_000(work: harness.Workshop) -> harness.Pair:
    many = _approver(
        work, Crowd(releases=size(100_000), pending=size(10_000)).target.environment
    )
    few = _approver(
        work, Crowd(releases=size(1_000), pending=size(100)).target.environment
    )
    return harness.Pair(many.look, few.look, note=many.note(8))


@harness.benchmark("P10", goal=1.3, theirs="under 1,000", runs=15)
def inbox_under_100_000_object_permissions(work: harness.Workshop) -> harness.Pair:
    readers = []
    for environments in (7_143, 71):
        here = Crowd(releases=size(50), pending=size(50)).target.environment
        project = Project.objects.create(slug=f"wide-{environments}", name="Wide")
        places = Environment.objects.bulk_create(
            [
                Environment(project=project, slug=f"e-{number}", name=f"E {number}")
                for number in range(size(environments))
            ],
            _A_BATCH,
        )
        readers.append(_approver(work, here, *places))
    many, few = readers
    return harness.Pair(many.look, few.look)


@harness.benchmark("P11", goal=20, theirs="a trivial view", runs=60)
def list_of_50_releases(work: harness.Workshop) -> harness.Pair:
    crowd = Crowd(releases=size(1_000), pending=size(100))
    work.stack.enter_context(override_settings(ROOT_URLCONF="tests.bench.trivial"))
    slug = crowd.target.project.slug
    page = _approver(work, crowd.target.environment, path=f"/projects/{slug}/releases")
    nothing = Reader(a_person(), "/trivial", work.stack)
    return harness.Pair(page.look, nothing.look)


@harness.benchmark("P17", goal=6, theirs="10 by 5", runs=15)
def matrix_of_200_tenants_by_5_environments(work: harness.Workshop) -> harness.Pair:
    many, few = _matrix(work, size(200)), _matrix(work, size(10))
    return harness.Pair(many.look, few.look, note=many.note(12))


def _approver(
    work: harness.Workshop, *environments: Environment, path: str = "/approvals"
) -> Reader:
    person = a_person()
    grant_all(person, environments)
    return Reader(person, path, work.stack)


def _matrix(work: harness.Workshop, tenants: int) -> Reader:
    project = Shop(1).project
    stages = Environment.objects.bulk_create(
        [
            Environment(
                project=project, slug=f"stage-{rank}", name=f"Stage {rank}", rank=rank
            )
            for rank in range(1, 6)
        ]
    )
    rows = Tenant.objects.bulk_create(
        [
            Tenant(project=project, slug=f"tenant-{number:03}", name=f"Tenant {number}")
            for number in range(tenants)
        ]
    )
    TenantEnvironment.objects.bulk_create(
        [
            TenantEnvironment(
                project=project,
                tenant=tenant,
                environment=stage,
                namespace=f"{tenant.slug}-{stage.slug}",
                pending_count=3,
            )
            for tenant in rows
            for stage in stages
        ]
    )
    return _approver(work, *stages, path=f"/projects/{project.slug}")
