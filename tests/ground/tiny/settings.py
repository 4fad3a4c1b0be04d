"""Settings of the tiny project."""

from pathlib import Path

from gitopshq.env import env_path, env_str, redis_url

DATA_DIR = env_path("HQ_DATA_DIR", Path("var"))
SECRET_KEY = env_str("HQ_SECRET_KEY")
BASE_URL = env_str("HQ_BASE_URL")
REDIS_URL = CELERY_BROKER_URL = redis_url(DATA_DIR)
CELERY_TASK_IGNORE_RESULT = True
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["django.contrib.staticfiles", "tests.ground.tiny"]
ROOT_URLCONF = "tests.ground.tiny.urls"
BEFORE_FORK: list[str] = []
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA_DIR / "db"}
}
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
