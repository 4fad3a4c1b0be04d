"""The approvals inbox: what waits, for whom, a closer look at one, and votes."""
