"""The kernel's own pages: the audit trail, and one's profile."""
