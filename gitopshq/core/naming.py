"""Names on the wire: camelCase outside, snake_case inside."""

from functools import cache


@cache
def camel(name: str) -> str:
    """Return ``isStale`` for ``is_stale``."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def pointer(*tokens: str | int) -> str:
    """Return the JSON Pointer (RFC 6901) to the place that *tokens* lead to."""
    return "".join(
        "/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens
    )
