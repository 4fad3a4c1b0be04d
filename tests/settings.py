"""The product's settings, less what only slows or blurs a test."""

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("HQ_SECRET_KEY", "tests")
os.environ.setdefault(
    "HQ_ENCRYPTION_KEYS", "dGVzdHMtdGVzdHMtdGVzdHMtdGVzdHMtdGVzdHMtdGU="
)
if "HQ_DATA_DIR" not in os.environ:
    # A hundred megabytes, with the engines: it goes with the process that made it.
    _made = os.environ["HQ_DATA_DIR"] = tempfile.mkdtemp(prefix="gitopshq-tests-")
    _maker = os.getpid()
    atexit.register(
        lambda: os.getpid() == _maker and shutil.rmtree(_made, ignore_errors=True)
    )
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")

from gitopshq.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
EMAIL_IS_ON = True
AUDIT_IS_APPEND_ONLY = False
# WhiteNoise warns about a folder that is not there.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
