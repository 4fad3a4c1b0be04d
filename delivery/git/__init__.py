"""Git repositories as plain Python: trees, packs, commits, refs, and serving them.

Nothing here knows Django, releases or permissions; who may read or publish is decided
by the callers.
"""
