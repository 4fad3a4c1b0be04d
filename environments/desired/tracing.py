"""Which variables stand behind the lines of resolved texts, and what they beat."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from environments.desired.placeholders import Placeholder
from environments.desired.resolving import units
from environments.desired.scoping import VariableIndex, scopes_looked_at
from environments.desired.state import State, VariableState
from environments.desired.substitution import PlaceholderRefused, substitute
from environments.desired.text_store import Texts
from environments.desired.texts import TextRefused

_MARK = re.compile(r"hq-(\d+)-traced")


@dataclass(frozen=True)
class Traced:
    """A variable that a resolved line holds the value of.

    `rows` answer the name in order of precedence: the first one wins, if any.
    """

    key: str
    service: str | None
    scopes: tuple[str, ...]
    rows: tuple[VariableState, ...]


def trace(
    state: State, texts: Texts, paths: Collection[str]
) -> dict[str, dict[int, list[Traced]]]:
    """Return what stands behind lines of the resolved files at *paths*.

    Lines count from 1, as in `resolving.resolved_files`; those without a variable are
    left out, and texts that a value may not be put into.
    """
    index = VariableIndex(state.variables)
    return {
        path: _lines(text, path, unit.service, index)
        for unit in units(state, texts)
        for path, text in unit.texts.items()
        if path in paths
    }


def _lines(
    text: str, path: str, service: str | None, index: VariableIndex
) -> dict[int, list[Traced]]:
    asked: list[Traced] = []

    def mark(name: Placeholder) -> str:
        rows = tuple(index.answers(name.key, service, name.scope))
        looked_at = scopes_looked_at(service, name.scope)
        asked.append(Traced(name.key, service, tuple(looked_at), rows))
        value = (rows[0].value if rows else None) or name.key
        # As many lines as the value has, so that all others stay where they are.
        return re.sub(r"[^\n]+", f"hq-{len(asked) - 1}-traced", value)

    try:
        marked = substitute(text, mark, path=path)
    except (PlaceholderRefused, TextRefused):
        return {}
    found: dict[int, list[Traced]] = {}
    for number, line in enumerate(marked.split("\n"), 1):
        for at in dict.fromkeys(_MARK.findall(line)):
            found.setdefault(number, []).append(asked[int(at)])
    return found
