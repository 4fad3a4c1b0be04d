"""The list of attacks names tests that exist."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIST = (ROOT / "docs/attacks.md").read_text("utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_attack_has_a_limit_an_answer_and_tests_that_exist():
    rows = [line for line in LIST.splitlines() if line.startswith("| ")]
    attacks = [row for row in rows if not row.startswith("| attack |")]
    missing = {
        f"{path}::{name}"
        for path, name in NAMED.findall(LIST)
        if not (ROOT / path).is_file() or name not in _functions(ROOT / path)
    }

    assert missing == set()
    for row in attacks:
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
        assert len(cells) == 4, row
        assert all(cells), row
        assert NAMED.search(cells[3]), row


def _functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
