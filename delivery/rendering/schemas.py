"""Checks of a chart's ``values.schema.json``: it may refer to itself and no further.

Whether values meet the schema is Helm's to say.
"""

import json
from typing import Any

_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
_DRAFTS = frozenset(
    {
        "http://json-schema.org/schema",
        "http://json-schema.org/draft-04/schema",
        "http://json-schema.org/draft-06/schema",
        "http://json-schema.org/draft-07/schema",
        "https://json-schema.org/schema",
        "https://json-schema.org/draft-04/schema",
        "https://json-schema.org/draft-06/schema",
        "https://json-schema.org/draft-07/schema",
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
    }
)
"""Schemas of schemas that Helm holds itself and never dials for."""


class SchemaRefused(Exception):
    """A schema that is no JSON, or would make Helm open a URL or a file."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


def check_schema(content: bytes) -> None:
    """Check a schema file.

    :raises SchemaRefused: broken or too deep JSON, or a reference that leaves it.
    """
    try:
        # Every pair is seen, also those that a later key of the same name hides.
        json.loads(content.decode("utf-8-sig"), object_pairs_hook=_check_pairs)
    except (ValueError, RecursionError) as refusal:
        raise SchemaRefused("bad_schema") from refusal


def _check_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for key, value in pairs:
        if not isinstance(value, str):
            continue
        leaves = key in _REFERENCES and not value.startswith("#")
        if (leaves or key == "$schema") and value.rstrip("#") not in _DRAFTS:
            raise SchemaRefused("schema_reference", value[:200])
    return dict(pairs)
