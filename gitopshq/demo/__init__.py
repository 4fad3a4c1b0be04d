"""The demo: a shop with three tenants, three environments and a story under way.

Part of the composition root: it may use every app, and no app knows of it. Everything
is made by the product's own actions, so edits, votes and audit are real. ``charts`` and
``shop`` hold the texts, the latter in the layout of the ``source`` branch.
"""
