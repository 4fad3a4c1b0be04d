"""Desired state over HTTP, for people: one file a noun."""
