"""The composition root: knows every app and is known by none.

The Celery app is loaded here, or ``shared_task`` would bind to a default app.
"""

from gitopshq.celery import app as celery_app

__all__ = ["celery_app"]
