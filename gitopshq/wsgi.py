"""The WSGI entry point. Loaded once before the server forks: a place to warm up."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gitopshq.settings")

application = get_wsgi_application()

# Only now: models are loaded above.
from delivery.rendering_requests import warm  # noqa: E402

warm()
