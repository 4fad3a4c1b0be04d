"""All settings. Every value from outside comes through ``env``."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF

from gitopshq.core.logs import logging_config
from gitopshq.env import env_bool, env_int, env_list, env_path, env_str
from gitopshq.mail import mail_settings

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env_path("HQ_DATA_DIR", BASE_DIR / "var")
PORT = env_int("PORT", 8000)
BASE_URL = env_str("HQ_BASE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
IS_HTTPS = BASE_URL.startswith("https://")

DEBUG = env_bool("HQ_DEBUG", default=False)
SECRET_KEY = env_str("HQ_SECRET_KEY")
# The first key seals; the others still open what they once sealed.
ENCRYPTION_KEYS = env_str("HQ_ENCRYPTION_KEYS")
ALLOWED_HOSTS = env_list("HQ_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")

INSTALLED_APPS = [
    "gitopshq.core",
    "environments",
    "approvals",
    "delivery",
    "releases",
    "gitopshq.demo",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "allauth.usersessions",
    "guardian",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "csp",
]
MIDDLEWARE = [
    "gitopshq.core.draining.UnreadBodyMiddleware",
    "gitopshq.core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "gitopshq.core.zones.TimeZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "gitopshq.core.sessions.SessionEndMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "gitopshq.core.pages.RefusalMiddleware",
]
ROOT_URLCONF = "gitopshq.urls"
# Called once by the web server, before it forks.
BEFORE_FORK = ["delivery.rendering_requests.warm", "gitopshq.garbage.keep_loaded"]
WSGI_APPLICATION = "gitopshq.wsgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gitopshq.context.shell",
            ],
            "builtins": [
                "gitopshq.core.templatetags.files",
                "gitopshq.core.templatetags.help",
                "gitopshq.core.templatetags.times",
                "gitopshq.core.templatetags.ui",
            ],
        },
    }
]

# Databases: SQLite in the data folder, or what DATABASE_URL names.
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        env_str("DATABASE_URL", f"sqlite:///{DATA_DIR / 'gitopshq.sqlite3'}"),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Writers queue up in SQLite itself: IMMEDIATE takes the lock before reading.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 30,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Triggers refuse to change audit entries; tests that flush tables cannot have them.
AUDIT_IS_APPEND_ONLY = True

# People
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = [
    "gitopshq.core.backends.SessionBackend",
    "guardian.backends.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
GUARDIAN_MONKEY_PATCH_USER = False
ANONYMOUS_USER_NAME = None
LOGIN_URL = "account_login"
CSRF_FAILURE_VIEW = "gitopshq.core.sessions.csrf_failure"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "gitopshq.core.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/300s/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
USERSESSIONS_TRACK_ACTIVITY = False

# Secure exactly when the address people use is https.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SECURE_SSL_REDIRECT = IS_HTTPS
# Probes come from inside, past whatever ends TLS.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Jobs: the row in the database is the truth, the message only rings.
REDIS_URL = env_str("REDIS_URL", f"unix://{DATA_DIR / 'valkey.sock'}")
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0.1}
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CACHES = {
    "default": {
        # Logging in must not wait for the broker to come back.
        "BACKEND": "gitopshq.core.caching.DegradingCache",
        "LOCATION": REDIS_URL,
    }
}

# The API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "gitopshq.core.api.authentication.TokenAuthentication",
        "gitopshq.core.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "gitopshq.core.api.authentication.TokenHasScope",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["gitopshq.core.api.parsers.StrictJSONParser"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "gitopshq.core.api.openapi.Description",
    "DEFAULT_THROTTLE_CLASSES": ["gitopshq.core.api.throttling.CallsPerMinute"],
    "EXCEPTION_HANDLER": "gitopshq.core.http.api_exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
API_CALLS_PER_MINUTE = env_int("HQ_API_CALLS_PER_MINUTE", 6000, least=1)
SPECTACULAR_SETTINGS = {
    "TITLE": "GitOpsHQ",
    "DESCRIPTION": "Release governance for Kubernetes configuration.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Enums stay where they are used: shared names would need a table of exceptions.
    "POSTPROCESSING_HOOKS": ["gitopshq.core.api.openapi.describe_problems"],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
# Whole overlays and values texts are posted as form fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Pages
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
STATIC_URL = "/static/"
STATIC_ROOT = env_path("HQ_STATIC_ROOT", DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Mail
globals().update(
    mail_settings(
        env_str("EMAIL_URL", ""), host=urlsplit(BASE_URL).hostname or "localhost"
    )
)

LOGGING = logging_config(env_str("HQ_LOG_LEVEL", "INFO"))
