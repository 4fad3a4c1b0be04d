"""The life of a change: release, deployment, rollback."""
