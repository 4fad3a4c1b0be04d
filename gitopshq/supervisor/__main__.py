"""``./run up``, ``./run demo`` and ``./run manage``."""

import os
import sys

from gitopshq.supervisor import environment


def main(arguments: list[str]) -> int:
    """Carry out one command and return the exit code."""
    command, *rest = arguments
    if command == "manage":
        return manage(rest)
    from gitopshq.supervisor import up  # noqa: PLC0415 (manage starts without it)

    return up.main(command, rest)


def manage(arguments: list[str]) -> int:
    """Run a command of ``manage.py``; nothing is printed but what it prints."""
    os.environ.update(environment.complete(os.environ))
    from django.core.management import (  # noqa: PLC0415 (reads the environment)
        execute_from_command_line,
    )

    execute_from_command_line(["manage.py", *arguments])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
