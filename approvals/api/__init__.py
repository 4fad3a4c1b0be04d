"""The inbox over HTTP, for machines."""
