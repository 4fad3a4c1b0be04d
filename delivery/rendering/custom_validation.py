"""Custom resources held against the definitions that are rendered with them.

For the rendering child, as `validation`: definitions may be as hostile as resources.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from jsonschema_rs import Validator

from delivery.rendering.custom import CustomJob, CustomResult
from delivery.rendering.kubernetes import Kind, Minor, schemas_for
from delivery.rendering.structural import served_schemas
from delivery.rendering.units import Document, RenderError
from delivery.rendering.validation import (
    MAX_MESSAGE,
    Fault,
    compiled,
    faults_by,
    reference,
    with_lines,
)
from environments.desired.yamljson import read_json
from environments.desired.yamlreading import NotYaml

_METADATA: Final = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_Validators = dict[Kind, Validator | None]
"""``None`` where the schema of a served version cannot be used."""


def check_custom(job: CustomJob) -> CustomResult:
    """Validate every resource whose kind one of the definitions has a schema of."""
    release = schemas_for(job.kubernetes_version)
    known: _Validators = {}
    for text in job.definitions:
        known |= _validators(text, release)
    groups = {(kind.api_version.partition("/")[0], kind.kind) for kind in known}
    valid: list[int] = []
    errors: list[RenderError] = []
    for index, (unit, document) in enumerate(job.resources):
        found = _faults(document, known, groups)
        if found is None:
            continue
        errors += _errors(unit, document, found)
        if not found:
            valid.append(index)
    return CustomResult(tuple(valid), tuple(errors))


def _errors(
    unit: str, document: Document, found: Sequence[Fault]
) -> Iterator[RenderError]:
    for fault, line in with_lines(document, found):
        yield RenderError(
            "template_error",
            unit,
            f"{document.title}: {fault.words}"[:MAX_MESSAGE],
            document.source,
            line,
            "schema_invalid",
        )


def _faults(
    document: Document, known: _Validators, groups: set[tuple[str, str]]
) -> tuple[Fault, ...] | None:
    """Give what is refused, or None where there is no schema to say so."""
    kind = document.versioned_kind
    if kind not in known:
        if (document.group, document.kind) not in groups:
            return None
        version = document.api_version.rpartition("/")[2]
        return (Fault(f"its definition does not serve version {version}"),)
    validator = known[kind]
    if validator is None:
        return None
    try:
        return faults_by(validator, read_json(document.text), "its definition")
    except NotYaml as refusal:
        return (Fault(refusal.reason),)


@lru_cache(maxsize=64)
def _validators(text: str, release: Minor | None) -> _Validators:
    """Compile the schema of each version that a definition serves."""
    try:
        definition = read_json(text)
    except NotYaml:
        return {}
    metadata = reference(_METADATA) if release else {"type": "object"}
    return {
        kind: None if schema is None else _compiled(schema, release)
        for kind, schema in served_schemas(definition, metadata)
    }


def _compiled(schema: dict[str, object], release: Minor | None) -> Validator | None:
    try:
        return compiled(schema, release)
    except ValueError:
        # A cluster would refuse the definition, or reads patterns that we do not.
        return None
