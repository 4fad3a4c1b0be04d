"""Projects and desired state over HTTP, for machines."""
