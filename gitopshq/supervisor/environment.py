"""The environment that every process of GitOpsHQ gets, here and under ``./run manage``.

Given values win. What is not given comes from the services that run on the data folder,
or from the secrets kept there, or from the defaults. Settings read only the outcome.
"""

import base64
import secrets
from collections.abc import Mapping
from pathlib import Path

from gitopshq.supervisor import folder

DEFAULT_PORT = "8000"
_ROOT = Path(__file__).resolve().parents[2]
DEMO = _ROOT / "var" / "demo"
# Refuses every connection: without a running broker nothing is rung by mistake in
# somebody else's.
NO_BROKER = "redis://127.0.0.1:1/0"


def data_folder(given: Mapping[str, str], default: Path = _ROOT / "var") -> Path:
    """Return the data folder as an absolute path."""
    return Path(given.get("HQ_DATA_DIR") or default).expanduser().absolute()


def complete(given: Mapping[str, str]) -> dict[str, str]:
    """Return *given* with everything that settings ask for.

    Generates ``HQ_SECRET_KEY`` and ``HQ_ENCRYPTION_KEYS`` once into the data folder
    when neither they nor their ``_FILE`` forms are given.
    """
    data = data_folder(given)
    there = folder.running(data)
    port = given.get("PORT") or DEFAULT_PORT
    filled = {name: value for name, value in given.items() if value}
    filled["HQ_DATA_DIR"] = str(data)
    filled["PORT"] = port
    filled.setdefault("DJANGO_SETTINGS_MODULE", "gitopshq.settings")
    if not _gives(given, "HQ_BASE_URL"):
        filled["HQ_BASE_URL"] = there.base_url if there else f"http://127.0.0.1:{port}"
    if not _gives(given, "REDIS_URL"):
        filled["REDIS_URL"] = there.redis_url if there else NO_BROKER
    if not _gives(given, "DATABASE_URL") and there and there.database_url:
        filled["DATABASE_URL"] = there.database_url
    if not _gives(given, "HQ_SECRET_KEY"):
        filled["HQ_SECRET_KEY"] = folder.secret(
            data, "secret_key", lambda: secrets.token_urlsafe(48)
        )
    if not _gives(given, "HQ_ENCRYPTION_KEYS"):
        filled["HQ_ENCRYPTION_KEYS"] = folder.secret(
            data, "encryption_keys", _encryption_key
        )
    return filled


def _gives(given: Mapping[str, str], name: str) -> bool:
    return bool(given.get(name) or given.get(f"{name}_FILE"))


def _encryption_key() -> str:
    """Return a fresh AES-256 key: 32 bytes, base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()
