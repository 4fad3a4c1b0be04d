"""The permission table of the product: action, permission, where, and every door.

Domain 11 says: editing needs the permission where the input reaches. The project is
``shop``; its environment ``prod`` is the one that is asked about, ``dev`` the other.
"""

from tests.permissions.table import (
    own,
    places,
    releasing,
    repository,
    variables,
    workloads,
)

ACTIONS = [
    *own.ACTIONS,
    *places.ACTIONS,
    *workloads.ACTIONS,
    *variables.ACTIONS,
    *releasing.ACTIONS,
    *repository.ACTIONS,
]
