"""Settings of a test run: the product's own, on a throw-away server and home."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from huoshui.core.crypto import ensure_keys
from huoshui.core.postgres.api import OWNER
from huoshui.core.postgres.testing import test_server

_HOME = Path(tempfile.mkdtemp(prefix="huoshui-test-home-"))
ensure_keys(_HOME / "secrets" / "keys.json")

os.environ["HUOSHUI_HOME"] = str(_HOME)
os.environ["HUOSHUI_ROLE"] = "owner"
os.environ["HUOSHUI_DATABASE_URL"] = test_server().url(OWNER)
os.environ.pop("HUOSHUI_OWNER_URL", None)

from huoshui.project.settings import *  # noqa: E402, F403  (the environment comes first)
from huoshui.project.settings import DATABASES  # noqa: E402

# Two runs at once must not share a database.
DATABASES["default"]["TEST"] = {"NAME": f"test_huoshui_{os.getpid()}"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
