"""Releases, what they carry, what they left deployed, and the attempts to deploy."""

from releases.models.attempts import AttemptState, DeployAttempt
from releases.models.changes import HeldChange, ReleaseChange
from releases.models.release import (
    CANCELLABLE,
    CLAIMING,
    CancelKind,
    FailureType,
    Release,
    ReleaseKind,
    Status,
)
from releases.models.snapshots import DeployedState, Snapshot, SyncState

__all__ = [
    "CANCELLABLE",
    "CLAIMING",
    "AttemptState",
    "CancelKind",
    "DeployAttempt",
    "DeployedState",
    "FailureType",
    "HeldChange",
    "Release",
    "ReleaseChange",
    "ReleaseKind",
    "Snapshot",
    "Status",
    "SyncState",
]
