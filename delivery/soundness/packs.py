"""What git itself says of the repositories, object by object."""

from collections.abc import Iterator
from typing import Final

from delivery.git import maintenance
from delivery.repositories import places_of
from delivery.soundness.findings import Finding, Kind
from environments.models import Project

_UNREACHABLE: Final = "unreachable "


def check(project: Project) -> Iterator[Finding]:
    """Yield what ``git fsck`` finds.

    In a served repository nothing may lie that no branch reaches: git hands it out to
    whoever knows its id. Among renderings that is usual.
    """
    places = places_of(project)
    told: set[str] = set()
    for path in places.all:
        lines = maintenance.fsck(path, unreachable=path != places.renderings)
        # Of what another one lends it was told there.
        fresh = [line for line in lines if line not in told]
        told.update(lines)
        stray = [line for line in fresh if line.startswith(_UNREACHABLE)]
        for line in fresh:
            if line not in stray:
                yield Finding(
                    Kind.DAMAGED,
                    project.slug,
                    path.name,
                    line,
                    f"restore {path.name} from a backup and run fsck --repair",
                )
        if stray:
            yield Finding(
                Kind.UNREACHABLE,
                project.slug,
                path.name,
                f"{len(stray)} objects that no branch reaches can be fetched by id, "
                f"the first is {stray[0].removeprefix(_UNREACHABLE)}",
                "fsck --repair removes them",
            )
