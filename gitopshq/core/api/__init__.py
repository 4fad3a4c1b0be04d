"""The conventions of the API: who asks, what is refused, paging, idempotency."""
