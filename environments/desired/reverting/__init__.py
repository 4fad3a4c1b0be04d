"""Going back to an earlier state: wholly, for some services, or for single fields.

Three pure functions make the state that a rollback ships. The policy is never rolled
back: it stays as it is deployed. Who may do so, and when, is not asked here.
"""

from environments.desired.reverting.fields import Field, revert_fields
from environments.desired.reverting.listing import FieldDifference, differing_fields
from environments.desired.reverting.refusals import Conflict, Conflicts, UnknownPart
from environments.desired.reverting.whole import revert_all, revert_services

__all__ = [
    "Conflict",
    "Conflicts",
    "Field",
    "FieldDifference",
    "UnknownPart",
    "differing_fields",
    "revert_all",
    "revert_fields",
    "revert_services",
]
