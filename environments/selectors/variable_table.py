"""Variables as a table: name by scope for one target, the winner marked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from environments.desired.resolving import MASK_DIGITS
from environments.desired.source_layout import variables_file
from environments.desired.values import pointer
from environments.models import (
    Project,
    TenantEnvironment,
    Variable,
    VariableScope,
)
from environments.places import SourcePlace
from environments.selectors.history import LastEdit, last_edit_of

BROAD_TO_NARROW: Final = tuple(VariableScope)


@dataclass(frozen=True, slots=True)
class Cell:
    """One variable at one scope; without a row it is not set there."""

    code: VariableScope
    scope: str
    """What the scope is called for people."""
    row: Variable | None
    is_winner: bool
    edit: LastEdit | None

    @property
    def state(self) -> str:
        """``wins``, ``beaten`` or ``unset``."""
        if self.row is None:
            return "unset"
        return "wins" if self.is_winner else "beaten"

    # The rest is what ui/_explain.html asks of a link.

    @property
    def set(self) -> bool:
        return self.row is not None

    @property
    def wins(self) -> bool:
        return self.is_winner

    @property
    def value(self) -> str:
        """The value, or for a secret its mask."""
        return shown_value(self.row) if self.row else ""

    @property
    def by(self) -> str:
        if self.edit is None:
            return ""
        return self.edit.actor.label if self.edit.actor else "GitOpsHQ"

    @property
    def at(self) -> datetime | None:
        return self.edit.at if self.edit else None

    @property
    def note(self) -> str:
        return self.row.description if self.row else ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A key with its cells, broad to narrow."""

    key: str
    cells: tuple[Cell, ...]

    @property
    def is_secret(self) -> bool:
        return any(cell.row and cell.row.is_secret for cell in self.cells)

    @property
    def winner(self) -> Cell | None:
        return next((cell for cell in self.cells if cell.is_winner), None)

    @property
    def narrow_first(self) -> Sequence[Cell]:
        """The cells in order of precedence."""
        return self.cells[::-1]

    def at(self, scope: str) -> Cell | None:
        return next((cell for cell in self.cells if cell.code == scope), None)


def scope_labels(target: TenantEnvironment, service: str) -> dict[VariableScope, str]:
    """Return what each scope is called for a target, broad to narrow."""
    labels = {
        VariableScope.REPO: "Project",
        VariableScope.ENV: f"Environment {target.environment.slug}",
        VariableScope.TENANT: f"Tenant {target.tenant.slug}",
    }
    if service:
        labels[VariableScope.SVC] = f"Service {service}"
    return labels


def names_of(
    target: TenantEnvironment, rows: Iterable[Variable], *, service: str
) -> list[str]:
    """Return the names of what reaches *target* and *service*, in order.

    :param rows: variables of the project, others than those that reach it too
    """
    labels = scope_labels(target, service)
    here = (row for row in rows if _scope_here(row, target, service) in labels)
    return sorted({row.key for row in here})


def table_of(
    target: TenantEnvironment,
    rows: Iterable[Variable],
    *,
    service: str,
) -> list[TableRow]:
    """Return the rows of a table of what reaches *target* and *service*.

    :param rows: variables of the project, others than those that reach it too
    """
    labels = scope_labels(target, service)
    found: dict[str, dict[VariableScope, Variable]] = {}
    for row in rows:
        if _scope_here(row, target, service) in labels:
            found.setdefault(row.key, {})[VariableScope(row.scope)] = row
    edits = _edits(target, [row for by in found.values() for row in by.values()])
    return [
        TableRow(
            key,
            tuple(
                Cell(
                    scope,
                    label,
                    by_scope.get(scope),
                    scope == _winning(by_scope),
                    edits.get(by_scope[scope].pk) if scope in by_scope else None,
                )
                for scope, label in labels.items()
            ),
        )
        for key, by_scope in sorted(found.items())
    ]


def shown_value(row: Variable) -> str:
    """Return a value as people see it: of a secret, its fingerprint's beginning."""
    return f"•••• {row.secret_id[:MASK_DIGITS]}" if row.secret_id else row.value


def _winning(by_scope: dict[VariableScope, Variable]) -> VariableScope | None:
    return next((s for s in reversed(BROAD_TO_NARROW) if s in by_scope), None)


def _scope_here(
    row: Variable, target: TenantEnvironment, service: str
) -> VariableScope | None:
    """Return the scope at which *row* reaches the target; None if it does not."""
    is_here = {
        "repo": row.project_id == target.project_id,
        "env": row.environment_id == target.environment_id,
        "tenant": row.tenant_id == target.tenant_id,
        "svc": row.target_id == target.pk
        and row.workload is not None
        and row.workload.name == service,
    }[str(row.scope)]
    return VariableScope(row.scope) if is_here else None


def _edits(target: TenantEnvironment, rows: Sequence[Variable]) -> dict[int, LastEdit]:
    project: Project = target.project
    return last_edit_of(
        project,
        {
            row.pk: [
                SourcePlace(
                    variables_file(
                        str(row.scope),
                        tenant=target.tenant.slug,
                        environment=target.environment.slug,
                        service=row.workload.name if row.workload else None,
                    ),
                    pointer((row.key,)),
                )
            ]
            for row in rows
        },
    )
