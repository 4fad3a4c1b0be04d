"""Releases, what they carry, what they left deployed, and the attempts to deploy."""

from releases.models.attempts import AttemptState, DeployAttempt
from releases.models.causes import CauseSearch, SearchState
from releases.models.changes import HeldChange, ReleaseChange
from releases.models.choices import (
    CANCELLABLE,
    CLAIMING,
    CancelKind,
    FailureType,
    ReleaseKind,
    RollbackScope,
    Status,
)
from releases.models.records import BreakGlass, Evidence, ReleaseComment
from releases.models.release import Release
from releases.models.resources import DeployedResource
from releases.models.snapshots import DeployedState, Snapshot, SyncState
from releases.models.viewing import ViewedFile

__all__ = [
    "CANCELLABLE",
    "CLAIMING",
    "AttemptState",
    "BreakGlass",
    "CancelKind",
    "CauseSearch",
    "DeployAttempt",
    "DeployedResource",
    "DeployedState",
    "Evidence",
    "FailureType",
    "HeldChange",
    "Release",
    "ReleaseChange",
    "ReleaseComment",
    "ReleaseKind",
    "RollbackScope",
    "SearchState",
    "Snapshot",
    "Status",
    "SyncState",
    "ViewedFile",
]
