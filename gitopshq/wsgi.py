"""The WSGI entry point. Loaded once before the server forks: a place to warm up."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gitopshq.settings")

application = get_wsgi_application()
# Else the first request of each process imports every view, for a second.
_pages = get_resolver().url_patterns

for step in settings.BEFORE_FORK:
    import_string(step)()
