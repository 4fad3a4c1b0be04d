"""Tasks and commands: for whom each acts, and that none is forgotten here."""

from django.core.management import get_commands

from environments import access
from environments.permissions import Permission
from gitopshq.celery import app
from tests.permissions.counting import count

OURS = ("gitopshq", "environments", "approvals", "delivery", "releases")
FOR_WHO_PRESSED = {"releases.run_deployment"}
"""Asks the gates again, the permission first, for whoever pressed deploy or retry."""


def ours(names):
    return {name for name in names if name.partition(".")[0] in OURS or "." not in name}


def test_a_task_acts_for_the_system_or_asks_again(world, request):
    """S93: a row says for whom a job is, never the message that rings for it."""
    app.loader.import_default_modules()
    tasks = {
        name: task for name, task in app.tasks.items() if not name.startswith("celery.")
    }
    assert tasks.keys() >= FOR_WHO_PRESSED

    for name, task in tasks.items():
        code = task.run.__code__
        taken = set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
        assert not {"user", "user_id", "actor", "actor_id"} & taken, name
    count(request, "tasks", "run", tasks)


def test_the_system_may_and_nobody_else_by_default(world, request):
    """S93: without an actor it is the system; a person without grants is nobody."""
    from tests import make  # noqa: PLC0415

    place = world.prod.environment
    stranger = make.user()
    for permission in Permission:
        access.require(None, permission, on=place)
        assert not access.allowed(stranger, permission, on=place)
    count(request, "tasks", "ask", dict.fromkeys(Permission, "403"))


def test_commands_are_for_whoever_runs_the_server(world):
    """S93: none of them takes the name of whom it would act as."""
    from django.core.management import load_command_class  # noqa: PLC0415

    for name, home in get_commands().items():
        if not str(home).startswith(OURS):
            continue
        command = load_command_class(home, name)
        options = command.create_parser("manage.py", name)._option_string_actions
        assert not {"--as", "--actor", "--user"} & options.keys(), name
