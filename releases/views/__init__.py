"""Pages: dashboard, projects, the matrix, targets and releases, for people.

Each view makes one call in and gives one answer out; modules whose names begin with
``_`` turn answers into what the shared fragments show.
"""
