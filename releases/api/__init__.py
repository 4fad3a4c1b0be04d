"""Releases over HTTP, for machines. One file a group of rows of the wire contract."""
