"""The determinism gate: two renderings of one input, and what differs between them.

Whether a second rendering is needed is for `scanning`; rendering is for `helm`.
"""

from collections.abc import Iterator

from delivery.rendering.documents import (
    Chunk,
    DocumentRefused,
    read_documents,
    split,
)
from delivery.rendering.units import RenderError


def differences(first: str, second: str, *, unit: str, file: str) -> list[RenderError]:
    """Name the template and resource of each difference between two outputs.

    ``file`` is named where the output names no template.
    """
    if first == second:
        return []
    before, after = list(split(first)), list(split(second))
    if len(before) != len(after):
        return [_error(unit, file, "the number of resources")]
    return [
        _error(unit, one.source or file, title)
        for one, other in zip(before, after, strict=True)
        if one.text != other.text
        for title in _titles(one)
    ]


def _titles(chunk: Chunk) -> Iterator[str]:
    try:
        documents = read_documents(chunk)
    except DocumentRefused:
        documents = []
    yield ", ".join(document.title for document in documents) or "a document"


def _error(unit: str, file: str, title: str) -> RenderError:
    return RenderError(
        "template_error",
        unit,
        f"{title} comes out different each time it is rendered; make the chart "
        "deterministic, or allow it for the workload",
        file,
        None,
        "nondeterministic",
    )
