"""What differs between two states of one target, row by row."""

from environments.desired.change import Change, Place
from environments.desired.changes.differing import diff
from environments.desired.changes.policies import freeze_state

__all__ = ["Change", "Place", "diff", "freeze_state"]
