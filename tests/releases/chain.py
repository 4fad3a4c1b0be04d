"""The gates of a deploy, in the order in which they are shown (domain 7)."""

CHAIN = [
    "rendering",
    "schemas",
    "api_versions",
    "namespaces",
    "duplicates",
    "placeholders",
    "permission",
    "state",
    "self_deploy",
    "freeze",
    "source",
    "approvals",
    "policy_snapshot",
    "in_progress",
]
