"""Database triggers that refuse to change or delete audit entries.

Installed after every migration: on SQLite a migration that remakes the table drops
them with it.
"""

from typing import Any, Final

from django.conf import settings
from django.db import connections

_TABLE: Final = "core_auditentry"
_SAID: Final = "audit entries are never changed or deleted"

_SQLITE: Final = {
    f"audit_no_{verb.lower()}": (
        f"CREATE TRIGGER IF NOT EXISTS audit_no_{verb.lower()} "
        f"BEFORE {verb} ON {_TABLE} BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"
    )
    for verb in ("UPDATE", "DELETE")
}
_POSTGRES_FUNCTION: Final = (
    "CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger "
    f"LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{_SAID}'; END $$"
)
_POSTGRES: Final = {
    f"audit_no_{verb.lower()}": (
        f"CREATE OR REPLACE TRIGGER audit_no_{verb.lower()} BEFORE {verb} "
        f"ON {_TABLE} FOR EACH {scope} EXECUTE FUNCTION audit_is_append_only()"
    )
    for verb, scope in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT"))
}


def install(using: str = "default") -> None:
    """Make the triggers; those that are there stay."""
    with connections[using].cursor() as cursor:
        if connections[using].vendor == "postgresql":
            cursor.execute(_POSTGRES_FUNCTION)
        for statement in _wanted(using).values():
            cursor.execute(statement)


def missing(using: str = "default") -> list[str]:
    """Return the names of the triggers that are not there or were switched off."""
    if connections[using].vendor == "postgresql":
        question = "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'"
    else:
        question = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connections[using].cursor() as cursor:
        cursor.execute(question)
        found = {name for (name,) in cursor.fetchall()}
    return sorted(set(_wanted(using)) - found)


def install_after_migrations(using: str, **signal: Any) -> None:
    """Receive ``post_migrate``. Tests that flush tables switch the setting off."""
    if settings.AUDIT_IS_APPEND_ONLY:
        install(using)


def _wanted(using: str) -> dict[str, str]:
    return _POSTGRES if connections[using].vendor == "postgresql" else _SQLITE
