"""What a page loads of scripts, all of it together."""

import gzip
import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import RequestFactory

MOST = 40 * 1024


def test_all_scripts_are_small():
    """As a browser gets them, htmx included."""
    page = render_to_string("base.html", request=RequestFactory().get("/"))
    loaded = re.findall(r'<script[^>]* src="/static/([^"?]+)', page)

    sent = {name: gzip.compress(read(name)) for name in loaded}

    assert any("htmx" in name for name in sent)
    assert len(sent) > 1
    assert sum(map(len, sent.values())) <= MOST, {n: len(s) for n, s in sent.items()}


def read(name):
    return Path(finders.find(name)).read_bytes()
