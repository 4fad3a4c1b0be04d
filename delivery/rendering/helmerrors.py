"""Helm's error texts as `RenderError`, with the file and line an author can open.

Helm names templates as ``<chart>/templates/…``, which is kept. Refusals of values are
led back to the layer and line that set them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from delivery.rendering.places import line_at
from delivery.rendering.units import RenderError

_NOISE = re.compile(
    r"^(level=\S+ .*|.*coalesce\.go.*|Use --debug flag to render out invalid YAML)$",
    re.MULTILINE,
)
_PLACE = re.compile(r"(?<![\w./-])([\w.-]+(?:/[^\s:()\"<>]+)+):(\d+)(?::\d+)?")
_UNPARSED = re.compile(
    r"YAML parse error on (\S+): .*?yaml: (?:line (\d+): )?(.*)", re.DOTALL
)
_SCHEMA_HEAD = "values don't meet the specifications of the schema(s)"
_SCHEMA_CHART = re.compile(r"([\w.-]+):")
_SCHEMA_LINE = re.compile(r"- at '([^']*)': (.*)")
_MAX_MESSAGE = 2000


@dataclass(frozen=True)
class ValuesLayer:
    """One values text as Helm got it, and the file it came from."""

    source: str
    text: str


@dataclass(frozen=True)
class HelmContext:
    """What Helm's words refer to: the unit, its chart and its layers, broad first."""

    unit: str
    chart: str
    main_source: str
    layers: tuple[ValuesLayer, ...]


def read_helm_errors(printed: str, context: HelmContext) -> list[RenderError]:
    """Give every error that Helm printed, at least one."""
    text = _NOISE.sub("", printed).strip().removeprefix("Error: ").strip()
    if text.startswith(_SCHEMA_HEAD):
        return list(_schema_errors(text, context))
    if found := _UNPARSED.match(text):
        file, line, problem = found.groups()
        where = f" at line {line} of its output" if line else ""
        message = f"the template gives no YAML{where}: {_one_line(problem)}"
        return [_error(context, message, file, None, "bad_output")]
    places = _PLACE.findall(text)
    if places:
        file, line = places[-1]
        return [_error(context, _one_line(text), file, int(line), "template")]
    return [_error(context, _one_line(text), context.main_source, None, "helm")]


def failing_template(printed: str) -> str | None:
    """Name the template that Helm was rendering when it gave up."""
    if (found := _UNPARSED.search(printed)) is not None:
        return found[1]
    found = _PLACE.search(printed)
    return found[1] if found else None


def _schema_errors(text: str, context: HelmContext) -> Iterator[RenderError]:
    chart = context.chart
    for line in text.split("\n")[1:]:
        if found := _SCHEMA_LINE.match(line.strip()):
            pointer, problem = found.groups()
            path = [_unescaped(part) for part in pointer.split("/")[1:]]
            inside = [] if chart == context.chart else [chart]
            source, at = _set_by([*inside, *path], context)
            where = "".join(f".{part}" for part in [*inside, *path]) or "the values"
            message = f"{where.removeprefix('.')}: {problem} (schema of chart {chart})"
            yield _error(context, message[:_MAX_MESSAGE], source, at, "schema")
        elif found := _SCHEMA_CHART.fullmatch(line.strip()):
            chart = found[1]


def _set_by(path: Sequence[str], context: HelmContext) -> tuple[str, int | None]:
    """Find the narrowest layer that sets a value, and the line."""
    for layer in reversed(context.layers):
        if path and (line := line_at(layer.text, path)) is not None:
            return layer.source, line
    return context.main_source, None


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_MAX_MESSAGE]


def _error(
    context: HelmContext, message: str, file: str, line: int | None, reason: str
) -> RenderError:
    return RenderError("template_error", context.unit, message, file, line, reason)
