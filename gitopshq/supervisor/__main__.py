"""``./run up``, ``./run demo`` and ``./run manage``."""

import os
import sys

from gitopshq.supervisor import environment, folder


def main(arguments: list[str]) -> int:
    """Carry out one command and return the exit code."""
    command, *rest = arguments
    if command == "manage":
        return manage(rest)
    from gitopshq.supervisor import up  # noqa: PLC0415 (manage starts without it)

    return up.main(command, rest)


def manage(arguments: list[str]) -> int:
    """Run a command of ``manage.py``; nothing is printed but what it prints.

    Where there is no installation yet, its error is that, and not a missing table.
    """
    os.environ.update(environment.complete(os.environ))
    # These read the environment.
    from django.core.management import execute_from_command_line  # noqa: PLC0415
    from django.db import DatabaseError  # noqa: PLC0415

    try:
        execute_from_command_line(["manage.py", *arguments])
    except DatabaseError:
        if _is_installed():
            raise
        print(_nothing_in(os.environ["HQ_DATA_DIR"]), file=sys.stderr)
        return 1
    return 0


def _is_installed() -> bool:
    from django.db import DatabaseError, connection  # noqa: PLC0415

    connection.close()  # a transaction that failed answers nothing any more
    try:
        return "django_migrations" in connection.introspection.table_names()
    except DatabaseError:
        return True  # not to be reached, which is another trouble


def _nothing_in(place: str) -> str:
    said = f"run: there is no installation in {place} yet: start ./run up first"
    if folder.running(environment.DEMO):
        return f"{said}, or for the demo that runs: HQ_DATA_DIR={environment.DEMO}"
    return f"{said}, or name the folder of one in HQ_DATA_DIR"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
