"""The only signal: desired state or policy has changed, and the change is committed.

Delivery listens to bring the ``source`` branch up to date, releases to mark what has
become stale; neither can be known here. Sent with ``project_id``.
"""

from django.dispatch import Signal

source_changed = Signal()
