"""What the texts of a chart make use of, found without rendering them.

A scan may say yes too often (that costs a second rendering), never too seldom for
functions that are named as such: names inside strings of an action count as well.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

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

_ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_COMMENT = re.compile(r"\{\{-?\s*/\*.*?\*/\s*-?\}\}", re.DOTALL)
_WORD = re.compile(r"(?<![\w.$])[A-Za-z]\w*")
_NOW = re.compile(r"(?<![\w.$\"`/-])now(?![\w\"`/:=-])")
_CAPABILITIES = re.compile(r"Capabilities|kubeVersion|KubeVersion")
_FILES = re.compile(r"\bFiles\b")
_ANY_TEMPLATE = re.compile(r"(?<![\w.$])tpl(?!\w)")


@dataclass(frozen=True)
class Scan:
    """``functions`` are those found that can differ between two renderings."""

    functions: frozenset[str]
    uses_capabilities: bool
    uses_tpl: bool

    @property
    def may_differ(self) -> bool:
        """Tell whether two renderings of the same input may differ."""
        return bool(self.functions)


def scan_files(files: Mapping[str, bytes], *, declares_version: bool) -> Scan:
    """Scan a chart's templates, and what these may take for templates.

    Where one calls ``tpl``, values count as well; all files if one reads ``.Files``.
    """
    templates = [path for path in files if "templates" in path.split("/")]
    texts = [files[path].decode("utf-8", "replace") for path in templates]
    uses_tpl = any(_ANY_TEMPLATE.search(text) for text in texts)
    if uses_tpl:
        reads_files = any(_FILES.search(text) for text in texts)
        texts += [
            content.decode("utf-8", "replace")
            for path, content in files.items()
            if path not in templates
            and (reads_files or path.endswith(("values.yaml", "Chart.yaml")))
        ]
    return Scan(
        functions=scan_texts(texts),
        uses_capabilities=declares_version
        or any(_CAPABILITIES.search(text) for text in texts),
        uses_tpl=uses_tpl,
    )


def scan_texts(texts: Iterable[str]) -> frozenset[str]:
    """Find the functions named inside actions that can differ between renderings."""
    watched = CLOCK_FUNCTIONS | RANDOM_FUNCTIONS
    return frozenset(
        word
        for text in texts
        if "{{" in text
        for action in _ACTION.findall(_COMMENT.sub("", text))
        for word in _WORD.findall(action)
        if word in watched
    )


def shift_clock(text: str) -> str:
    """Write a template so that it sees another time wherever it asks for ``now``.

    Two renderings a moment apart show the same day, so the second one is given
    another: otherwise the gate would pass on all days but fail at midnight.
    """

    def shifted(action: re.Match[str]) -> str:
        return _NOW.sub(f"(now | dateModify `{CLOCK_SHIFT}`)", action[0])

    return _ACTION.sub(shifted, text)
