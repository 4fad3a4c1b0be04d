"""What going back does not undo: resources that hold data, and jobs that ran (H2)."""

from collections.abc import Iterable
from typing import Final

from delivery.diffs import FileStatus

HOLDERS_OF_DATA: Final = {
    "persistentvolumeclaim-": "a volume claim",
    "customresourcedefinition-": "a custom resource definition",
    "namespace-": "a namespace",
}
"""How the files of resources begin that take data along when they go."""

_JOB: Final = "job-"
_MODIFIED: Final = {
    "persistentvolumeclaim-": "a volume claim cannot shrink, nor change its class",
    "customresourcedefinition-": "a version in which objects are stored cannot go",
}


def marks_left(files: Iterable[tuple[str, FileStatus]]) -> list[str]:
    """Say of manifests that differ, by path, what a rollback cannot take back."""
    found = []
    for path, status in files:
        name = path.rpartition("/")[2]
        said = name.removesuffix(".yaml")
        for prefix, noun in HOLDERS_OF_DATA.items():
            if name.startswith(prefix) and (words := _about(prefix, noun, status)):
                found.append(f"{said} {words}")
        if name.startswith(_JOB):
            found.append(
                f"{said} is {status.value}: going back does not undo what a job "
                "did, and a job that is there again runs again."
            )
    return found


def _about(prefix: str, noun: str, status: FileStatus) -> str:
    if status == FileStatus.REMOVED:
        return (
            f"is deleted: what {noun} holds goes with it, "
            "and does not come back with another release."
        )
    if status == FileStatus.ADDED:
        return f"is made anew: what {noun} held before is not in it."
    refusable = _MODIFIED.get(prefix)
    return f"is modified: {refusable}, so a cluster may refuse it." if refusable else ""
