"""Templates that may print or walk the whole context they are given.

That context holds what Helm knows of the cluster and of itself without naming it. Only
the texts are read: what is said here of ``.`` is so whoever calls a template.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

_STRING: Final = r'"(?:\\.|[^"\\])*"|`[^`]*`|\'(?:\\.|[^\'\\])*\''
_ACTION: Final = re.compile(
    rf"\{{\{{(?:-\s)?\s*(/\*.*?\*/\s*-?|(?:{_STRING}|[^\"`'}}]|\}}(?!\}}))*)\}}\}}",
    re.DOTALL,
)
_STRINGS: Final = re.compile(_STRING, re.DOTALL)
_TOKEN: Final = re.compile(r":?=|[()|,]|[^\s()|,=:]+")
_HANDS_ON: Final = frozenset(
    {
        *("include", "template", "block", "tpl", "dict", "list", "tuple", "set"),
        *("index", "get", "hasKey", "not", "empty"),
    }
)
"""What may be given the whole context: it is passed on, asked, or a part is taken."""


def shows_context(texts: Iterable[str]) -> bool:
    """Tell whether a text may turn the whole context into output."""
    return any(
        _Reader().shows(action)
        for text in texts
        if "{{" in text
        for action in [_ACTION.findall(text)]
    )


@dataclass
class _Reader:
    """Follows one text: which ``.`` may be the context, which variables hold it.

    ``blocks`` holds for each open block whether ``.`` may be the context in it, and
    for the block around it.
    """

    blocks: list[tuple[bool, bool]] = field(default_factory=list)
    holders: set[str] = field(default_factory=lambda: {"$"})

    def shows(self, actions: Iterable[str]) -> bool:
        return any(map(self._action, actions))

    def _action(self, action: str) -> bool:
        if action.startswith("/*"):
            return False
        words = _TOKEN.findall(_STRINGS.sub('""', action).strip().removesuffix("-"))
        keyword, words = self._keyword(words)
        if keyword == "end":
            if self.blocks:
                self.blocks.pop()
            return False
        assigned = None
        if any(word in {":=", "="} for word in words):
            at = next(n for n, word in enumerate(words) if word in {":=", "="})
            assigned, words = words[0], words[at + 1 :]
        shown, is_context = self._pipeline(words)
        if is_context and assigned and keyword in {"", "if"}:
            self.holders.add(assigned)
        elif is_context and keyword not in {"if", "define"}:
            shown = True
        self._open(keyword)
        return shown

    def _keyword(self, words: list[str]) -> tuple[str, list[str]]:
        """Take the keyword off; ``else`` goes back to the ``.`` around its block."""
        if words[:1] == ["else"]:
            outer = self.blocks.pop()[1] if self.blocks else True
            if words[1:2] in (["if"], ["with"]):
                return words[1], words[2:]
            self.blocks.append((outer, outer))
            return "else", words[1:]
        if words[:1] and words[0] in {"if", "with", "range", "end"}:
            return words[0], words[1:]
        if words[:1] and words[0] in {"define", "block"}:
            return words[0], words if words[0] == "block" else []
        return "", words

    def _open(self, keyword: str) -> None:
        around = self._dot
        match keyword:
            case "if":
                self.blocks.append((around, around))
            case "with" | "range":
                self.blocks.append((False, around))
            case "define" | "block":
                self.blocks.append((True, around))

    @property
    def _dot(self) -> bool:
        return self.blocks[-1][0] if self.blocks else True

    def _pipeline(self, words: list[str]) -> tuple[bool, bool]:
        """Tell whether a pipeline shows the context, and whether it is the context."""
        open_commands: list[list[str]] = [[]]
        for word in words:
            if word == "(":
                open_commands.append([])
            elif word in {")", "|"}:
                command = open_commands.pop()
                if self._shows(command):
                    return True, False
                result = "$" if self._is_context(command) else '""'
                if word == "|":
                    open_commands.append([result, "|"])
                elif open_commands:
                    open_commands[-1].append(result)
                else:
                    open_commands.append([result])
            else:
                open_commands[-1].append(word)
        command = open_commands.pop()
        return self._shows(command), self._is_context(command)

    def _shows(self, command: list[str]) -> bool:
        """``command`` is words; what was piped into it stands first, before a bar."""
        piped, words = ([], command)
        if command[1:2] == ["|"]:
            piped, words = command[:1], command[2:]
        given = [word for word in [*piped, *words[1:]] if self._holds(word)]
        return bool(given) and bool(words) and words[0] not in _HANDS_ON

    def _is_context(self, command: list[str]) -> bool:
        return len(command) == 1 and self._holds(command[0])

    def _holds(self, word: str) -> bool:
        return word in self.holders or (word == "." and self._dot)
