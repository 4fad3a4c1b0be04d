"""Checks of one unit's documents: placeholders, secrets, API versions, schemas.

What only shows across units (duplicates, namespaces) is checked in `assemble`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

import yaml

from delivery.rendering.api_versions import removal
from delivery.rendering.secrecy import Secrets
from delivery.rendering.units import Document, RenderError, UnitJob
from delivery.rendering.validation import MAX_MESSAGE, Fault, with_lines
from environments.desired.yamlreading import read_events

_LEFTOVER = re.compile(r"\{\{-?\s*hq\.?")
_WAYS_OUT = (
    "Keep it out of Git: let the cluster make the Secret (External Secrets, Sealed "
    "Secrets), or have a maintainer set secretsInGit of the project to plain."
)


Validated = tuple[Document, Sequence[Fault]]
"""A document, and what the schema of its kind refuses in it."""


def check_documents(
    documents: Iterable[Validated], job: UnitJob, secrets: Secrets
) -> list[RenderError]:
    """Give everything that is wrong with the documents of a unit.

    :raises NotYaml: a limit of reading was passed.
    """
    return [
        RenderError(
            "template_error",
            job.unit,
            secrets.hidden(f"{document.title}: {message}")[:MAX_MESSAGE],
            document.source or job.main_source,
            line,
            reason,
        )
        for document, faults in documents
        for reason, message, line in _findings(document, faults, job, secrets)
    ]


def _findings(
    document: Document, faults: Sequence[Fault], job: UnitJob, secrets: Secrets
) -> Iterator[tuple[str, str, int | None]]:
    if _has_leftover(document.text):
        yield "leftover_placeholder", "a placeholder was not replaced", None
    gone = removal(document.versioned_kind, job.kubernetes_version)
    if gone is not None:
        yield "api_removed", gone, document.line
    for fault, line in with_lines(document, faults):
        yield "schema_invalid", fault.words, line
    if secrets.found_in(document.text) is None:
        return
    if (document.api_version, document.kind) != ("v1", "Secret"):
        message = "a secret variable stands in a resource that is no Secret"
        yield "secret_leak", message, None
    elif job.secrets_in_git == "refuse":
        message = f"a secret variable would be committed to Git. {_WAYS_OUT}"
        yield "secret_in_git", message, None


def _has_leftover(text: str) -> bool:
    """Tell whether a placeholder stands anywhere but in a comment, where it may."""
    if not _LEFTOVER.search(text):
        return False
    scalars = (e for e in read_events(text) if isinstance(e, yaml.ScalarEvent))
    return any(_LEFTOVER.search(scalar.value) for scalar in scalars)
