"""The kernel: errors, people, audit, HTTP conventions. Used by every app, uses none."""
