"""What the texts of a chart make use of, found without rendering them.

A scan may say yes too often (that costs a second rendering), never too seldom for
functions that are named as such: names inside strings of an action count as well.
Whether a name may be put together on the spot is for `assembling`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from delivery.rendering.assembling import assembles, is_escaped

CLOCK_FUNCTIONS: Final = frozenset(
    {
        *("now", "ago", "durationRound"),
        *("date", "dateInZone", "date_in_zone", "htmlDate", "htmlDateInZone"),
    }
)
RANDOM_FUNCTIONS: Final = frozenset(
    {
        *("rand", "randAlpha", "randAlphaNum", "randAscii", "randBytes", "randInt"),
        *("randNumeric", "shuffle", "uuidv4", "bcrypt", "htpasswd", "encryptAES"),
        *("genCA", "genCAWithKey", "genPrivateKey", "genSelfSignedCert"),
        *("genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey"),
        *("keys", "values"),
    }
)
"""``keys`` and ``values`` walk a map in Go's random order."""

CLOCK_SHIFT: Final = "+9555h37m11s"
"""Over a year, and every part of a date and time is another one afterwards."""

_COMMENT_TEXT = r"\{\{-?\s*/\*.*?\*/\s*-?\}\}"
_LOOSE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
"""An action where quotes may be those of YAML around it."""
# Braces inside a string close nothing. What is begun is never tried another way.
_CODE = r"""[^"'`}]|"(?:\\.|[^"\\])*+"|'(?:\\.|[^'\\])*+'|`[^`]*+`|\}(?!\})"""
_ACTION = re.compile(
    rf"(?P<comment>{_COMMENT_TEXT})|\{{\{{(?>{_CODE})*+\}}\}}", re.DOTALL
)
_COMMENT = re.compile(_COMMENT_TEXT, re.DOTALL)
_RAW_STRING = re.compile(r"(`[^`]*`)")
_WORD = re.compile(r"(?<![\w.$])[A-Za-z]\w*")
_NOW = re.compile(r"(?<![\w.$\"`/-])now(?![\w\"`/:=-])")
_CAPABILITIES = re.compile(r"Capabilities|kubeVersion|KubeVersion")
_POINTER = re.compile(r"%[-+# 0\d]*p")
_ADDRESS = re.compile(r"\b0x[0-9a-f]{8,16}\b")
"""What Go prints of a pointer: where something lay in the engine's memory."""
_DATA = ("values.yaml", "Chart.yaml")
_FILES = re.compile(r"\bFiles\b")
_ANY_TEMPLATE = re.compile(r"(?<![\w.$])tpl(?!\w)")


@dataclass(frozen=True)
class Scan:
    """``functions`` are those found that can differ between two renderings."""

    functions: frozenset[str]
    uses_capabilities: bool
    uses_tpl: bool
    assembles: bool = False
    """Whether a template is made of parts, so that no text need name a function."""

    @property
    def may_differ(self) -> bool:
        """Tell whether two renderings of the same input may differ."""
        return bool(self.functions)

    def may_differ_with(self, values: Sequence[str], output: str) -> bool:
        """Tell the same of one rendering, by its values and by what it printed.

        No scan foresees that an output tells where something lay in memory.
        """
        if self.may_differ or self.assembles or _ADDRESS.search(output):
            return True
        return self.uses_tpl and (
            bool(scan_texts(values))
            or any(map(is_escaped, values))
            or any(map(assembles, _actions(values)))
        )


def scan_files(files: Mapping[str, bytes], *, declares_version: bool) -> Scan:
    """Scan a chart's templates, and what these may take for templates.

    Where one calls ``tpl``, values count as well; all files if one reads ``.Files``.
    """
    templates = [path for path in files if "templates" in path.split("/")]
    texts = [files[path].decode("utf-8", "replace") for path in templates]
    uses_tpl = any(_ANY_TEMPLATE.search(text) for text in texts)
    reads_files = uses_tpl and any(_FILES.search(text) for text in texts)
    others = {
        path: content.decode("utf-8", "replace")
        for path, content in files.items()
        if uses_tpl and path not in templates and (reads_files or path.endswith(_DATA))
    }
    texts += others.values()
    # A file is taken as it is; only of YAML are escapes undone.
    data = [text for path, text in others.items() if path.endswith(_DATA)]
    return Scan(
        functions=scan_texts(texts),
        uses_capabilities=declares_version
        or any(_CAPABILITIES.search(text) for text in texts),
        uses_tpl=uses_tpl,
        assembles=uses_tpl
        and (any(map(is_escaped, data)) or any(map(assembles, _actions(texts)))),
    )


def scan_texts(texts: Iterable[str]) -> frozenset[str]:
    """Find the functions named inside actions that can differ between renderings."""
    return frozenset(word for action in _actions(texts) for word in _named_in(action))


def _actions(texts: Iterable[str]) -> Iterator[str]:
    """Yield every action of templates, also of those that stand in YAML strings."""
    for text in texts:
        if "{{" in text:
            yield from (
                found[0] for found in _ACTION.finditer(text) if not found["comment"]
            )
            yield from _LOOSE.findall(_COMMENT.sub("", text))


def _named_in(action: str) -> Iterator[str]:
    watched = CLOCK_FUNCTIONS | RANDOM_FUNCTIONS
    yield from (word for word in _WORD.findall(action) if word in watched)
    if _POINTER.search(action.replace("%%", "")):
        yield "printf %p"


def shift_clock(text: str) -> str:
    """Write a template so that it sees another time wherever it asks for ``now``.

    Two renderings a moment apart show the same day, so the second one is given
    another: otherwise the gate would pass on all days but fail at midnight.
    """

    def shifted(action: re.Match[str]) -> str:
        if action["comment"]:
            return action[0]
        # A raw string ends at the first backquote, whatever it is a template of.
        return "".join(
            _NOW.sub(f"(now | dateModify {quote}{CLOCK_SHIFT}{quote})", part)
            for part in _RAW_STRING.split(action[0])
            for quote in ('"' if part.startswith("`") else "`",)
        )

    return _ACTION.sub(shifted, text)


def shift_clock_in_yaml(text: str) -> str:
    """Do as ``shift_clock`` where templates are strings of YAML."""

    def shifted(action: re.Match[str]) -> str:
        return _NOW.sub(f"(now | dateModify `{CLOCK_SHIFT}`)", action[0])

    return _LOOSE.sub(shifted, text)
