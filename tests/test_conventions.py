"""The habits of this code that no linter knows."""

import ast
import importlib
import inspect
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from django.db.transaction import Atomic

from gitopshq.core import http
from gitopshq.core.errors import DomainError
from tests import requirements

ROOT = Path(__file__).parent.parent
APPS = ["environments", "approvals", "delivery", "releases"]
MODULES = [
    path
    for package in [*APPS, "gitopshq"]
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]
DOOR_NAMES = {"admin", "api", "pages", "smart_http", "tasks", "views"}
DOORS = [
    path
    for path in MODULES
    if path.relative_to(ROOT).parts[0] in APPS
    and DOOR_NAMES & {path.stem, *path.relative_to(ROOT).parts[1:-1]}
]
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))

WRITES = {
    *("atomic", "on_commit", "select_for_update"),
    *("bulk_create", "bulk_update", "get_or_create", "update_or_create"),
}
# Also what one does to a dict or a cache: a write when it is done to a queryset.
WRITES_TO_QUERYSETS = {"create", "delete", "update"}
QUERYSET = re.compile(r"\.objects\b|\.(filter|exclude|all|select_related)\(")

# Written in two halves, or this file would be the first to break its rule.
FOREIGN = re.compile(
    "|".join(
        [
            *("/wo" "rk/", r"\.\./sha" "red", r"\.libr" "ary/"),
            *("py" r"pi\.org", "python" r"hosted\.org", "registry" r"\.npmjs"),
            *("deb" r"\.debian\.org", "extra-" "index", "index-" "url"),
        ]
    )
)  # fmt: skip


def name_of(path):
    return str(path.relative_to(ROOT))


def calls(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, ast.unparse(node.func.value), node.args


def writes(verb, receiver, arguments):
    """Tell whether a call looks like one that writes to the database."""
    if verb == "save":
        return not arguments  # a model's takes keywords only
    if verb in WRITES_TO_QUERYSETS:
        return bool(QUERYSET.search(f"{receiver}."))
    return verb in WRITES


def actions():
    for app in APPS:
        place = ROOT / app / "actions"
        if not place.is_dir() and not place.with_suffix(".py").exists():
            continue
        module = importlib.import_module(f"{app}.actions")
        for name, action in inspect.getmembers(module, inspect.isfunction):
            # A package exports its actions, a module holds them.
            exported = getattr(module, "__all__", [])
            ours = name in exported or action.__module__ == module.__name__
            if ours and name[0] != "_":
                yield action


def is_atomic(action):
    """Tell whether one of the decorators of *action* opens a transaction."""
    while hasattr(action, "__wrapped__"):
        held = [cell.cell_contents for cell in action.__closure__ or ()]
        names = set(action.__code__.co_names)
        if "atomic" in names or {"whole", "do"} <= names:
            return True
        if any(isinstance(value, Atomic) for value in held):
            return True
        action = action.__wrapped__
    return False


def refusals(family=DomainError):
    for child in family.__subclasses__():
        yield child
        yield from refusals(child)


@pytest.fixture(scope="module")
def every_refusal():
    for app in APPS:
        for path in sorted((ROOT / app).rglob("errors.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            importlib.import_module(name)
    return [
        refusal
        for refusal in dict.fromkeys(refusals())
        if refusal.__module__.partition(".")[0] != "tests"
    ]


@pytest.mark.parametrize("action", list(actions()), ids=lambda a: a.__qualname__)
def test_an_action_is_one_transaction_says_who_acts_and_is_explained(action):
    actor = inspect.signature(action).parameters["actor"]
    assert actor.kind is inspect.Parameter.KEYWORD_ONLY
    assert is_atomic(action), "decorate it with @transaction.atomic"
    assert action.__doc__


@pytest.mark.parametrize("door", DOORS, ids=name_of)
def test_doors_do_not_write(door):
    written = [
        f"{receiver}.{verb}()"
        for verb, receiver, arguments in calls(door)
        if writes(verb, receiver, arguments)
    ]
    assert not written, "a door makes one call in, to an action"


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_modules_stay_short_and_never_refresh(module):
    assert len(module.read_text("utf-8").splitlines()) <= 300
    # django-fsm-2 leaves a state field unprotected when a refresh fails.
    assert "refresh_from_db" not in {verb for verb, _, _ in calls(module)}


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_modules_say_what_is_in_them(module):
    text = module.read_text("utf-8")
    needless = not text.strip() or module.parts[-1] in {"__init__.py", "apps.py"}
    assert needless or ast.get_docstring(ast.parse(text))


def test_every_refusal_has_a_status_and_a_code_of_its_own(every_refusal):
    assert every_refusal

    codes = Counter(
        refusal.__dict__["code"]
        for refusal in every_refusal
        if "code" in refusal.__dict__
    )
    without_status = [
        refusal
        for refusal in every_refusal
        if not any(issubclass(refusal, family) for family in http.STATUS)
    ]
    without_code = [
        refusal
        for refusal in every_refusal
        if not hasattr(refusal, "code") and not refusal.__subclasses__()
    ]

    assert not without_status
    assert not without_code
    assert not [code for code, times in codes.items() if times > 1]


def test_nothing_names_another_machine():
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")

    named = []
    for name in filter(None, files):
        try:
            text = (ROOT / name).read_text("utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
        named += [f"{name}: {found[0]}" for found in FOREIGN.finditer(text)]
    assert not named


def test_docstrings_name_only_requirements_that_exist():
    named = {
        number
        for path in TESTS
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        for number in requirements.named_in(ast.get_docstring(node))
    }
    assert all(1 <= number <= requirements.COUNT for number in named)
