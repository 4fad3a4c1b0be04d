"""Values texts of every shape people write them in, drawn by hypothesis."""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

SCALE = int(os.environ.get("HQ_TEST_SCALE", "1"))

PLAIN = (
    "1", "true", "yes", "abc", "v1.2", "{{hq.var.N}}", "r/{{ hq.var.R }}:x", "~",
    "null", "", "1e3", "a b", "http://x/y", "0x1F", "é✓", "😀", "what ?", "-1", "=",
)  # fmt: skip
QUOTED = (
    '"x"', '"a: b"', "'it''s'", '"{{hq.var.Q}}"', "'{{hq.var.Q}}'", '"é✓"', '"#no"',
    '"a\\nb"', "''", '"1"', '"abc"', '"two\n\n        lines"',
)  # fmt: skip
FLOW = (
    "{}", "{ }", "[]", "[1, 2]", "[ 1,2 ]", "{a: 1, b: {c: 2}}", "[{x: 1}]",
    "{a: {{hq.var.F}}}", "[\n        1,\n        2 ]", "{\n        }",
)  # fmt: skip
KEYS = ("a", "b", "c", "image", "tag", "env", "x.y/z", '"q k"', "é", "~t", "'1'", "-x")
COMMENTS = ("", "", " # c", "   # t: 1", " #")
LEADS = ("", "", "", "\n", "# lead\n", "# l1\n\n# l2\n", "   \n", "# {{hq.var.C}}\n")
BLOCK_LINES = ("x", "# not comment", "  deep", "", "{{hq.var.B}}", "é", "- l", "k: v")
HEADS = (
    "",
    "",
    "---\n",
    "# top\n\n",
    "# top\n---\n# file\n\n# key\n",
    "%YAML 1.1\n---\n",
)
TAILS = ("", "", "# end\n", "\n", "\n# end\n", "...\n")
ODD = (
    "z: &t 1\ny: *t\n", "z: !!str 1\n", "? z\n: 1\n", "z: |+\n  x\n\n",
    "z: >2+\n    x\n",
)  # fmt: skip


def scaled(examples: int) -> settings:
    """Return settings for so many examples, times HQ_TEST_SCALE, without a clock."""
    return settings(
        max_examples=examples * SCALE,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=SCALE == 1,
        database=None,
    )


@st.composite
def values_texts(draw: st.DrawFn, *, odd: bool = False) -> str:
    text = draw(st.sampled_from(HEADS)) + draw(maps()) + draw(st.sampled_from(TAILS))
    if odd:
        text = draw(st.sampled_from([text, text + draw(st.sampled_from(ODD))]))
    return text if text.strip("\n") else ""


@st.composite
def maps(draw: st.DrawFn, indent: int = 0, depth: int = 0) -> str:
    smallest = 1 if depth else 0
    keys = draw(
        st.lists(st.sampled_from(KEYS), unique=True, min_size=smallest, max_size=4)
    )
    return "".join(draw(entries(key, indent, depth)) for key in keys)


@st.composite
def entries(draw: st.DrawFn, key: str, indent: int, depth: int) -> str:
    lead = draw(st.sampled_from(LEADS))
    margin = " " * draw(st.sampled_from([indent, indent, 0]))
    above = "".join(
        margin + line if line.strip() else line
        for line in lead.splitlines(keepends=True)
    )
    begin = above + " " * indent + key + draw(st.sampled_from([":", ":", ":", " :"]))
    return begin + draw(st.one_of(_kinds(indent, depth)))


def _kinds(indent: int, depth: int) -> list[st.SearchStrategy[str]]:
    simple = [inline(PLAIN), inline(PLAIN), inline(QUOTED), inline(FLOW)]
    if depth >= 3:
        return simple
    return [
        *simple, blocks(indent), several_lines(indent), lists(indent),
        lists_of_maps(indent), inner_maps(indent, depth), inner_maps(indent, depth),
        below(indent),
    ]  # fmt: skip


@st.composite
def inline(draw: st.DrawFn, among: tuple[str, ...]) -> str:
    value = draw(st.sampled_from(among))
    return (" " + value if value else "") + draw(st.sampled_from(COMMENTS)) + "\n"


@st.composite
def below(draw: st.DrawFn, indent: int) -> str:
    margin = " " * (indent + draw(st.sampled_from([1, 2])))
    value = draw(st.sampled_from(["{}", "abc", '"x"', "[1]"]))
    comment = draw(st.sampled_from(["", margin + "# in\n"]))
    return f"{draw(st.sampled_from(COMMENTS))}\n{comment}{margin}{value}\n"


@st.composite
def blocks(draw: st.DrawFn, indent: int) -> str:
    style = draw(st.sampled_from(["|", "|-", ">", "|2", ">-", "|2-"]))
    lines = draw(st.lists(st.sampled_from(BLOCK_LINES), min_size=1, max_size=3))
    if "2" not in style and (not lines[0].strip() or lines[0].startswith(" ")):
        lines[0] = "first"
    margin = " " * (indent + 2)
    written = "".join((margin + line if line else "") + "\n" for line in lines)
    return f" {style}{draw(st.sampled_from(COMMENTS))}\n{written}"


@st.composite
def several_lines(draw: st.DrawFn, indent: int) -> str:
    gap = draw(st.sampled_from(["", "\n"]))
    return f" one\n{gap}{' ' * (indent + 2)}two{draw(st.sampled_from(COMMENTS))}\n"


@st.composite
def lists(draw: st.DrawFn, indent: int) -> str:
    margin = " " * (indent + draw(st.sampled_from([0, 2])))
    values = draw(st.lists(st.sampled_from(PLAIN), min_size=1, max_size=3))
    written = "".join(f"{margin}- {value}".rstrip() + "\n" for value in values)
    return draw(st.sampled_from(COMMENTS)) + "\n" + written


@st.composite
def lists_of_maps(draw: st.DrawFn, indent: int) -> str:
    margin = " " * (indent + draw(st.sampled_from([0, 2])))
    names = draw(st.lists(st.sampled_from(["x", "y"]), min_size=1, max_size=3))
    rows = [f"{margin}- name: {n}\n{margin}  value: {{{{hq.var.L}}}}\n" for n in names]
    return "\n" + "".join(rows)


@st.composite
def inner_maps(draw: st.DrawFn, indent: int, depth: int) -> str:
    step = draw(st.sampled_from([1, 2, 4]))
    return draw(st.sampled_from(COMMENTS)) + "\n" + draw(maps(indent + step, depth + 1))


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, str]:
    """Return two texts that share most of their lines, or none."""
    before = draw(values_texts())
    if draw(st.booleans()):
        return before, draw(values_texts())
    lines = before.splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines)))
        kind = draw(st.sampled_from(["cut", "add", "put"]))
        new = draw(maps()).splitlines(keepends=True)
        lines[at : at + (kind != "add")] = [] if kind == "cut" else new
    return before, "".join(lines)
