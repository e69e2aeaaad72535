"""Settings. Everything an installation decides comes from the environment; `project.boot` fills in the database."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

from huoshui.core.postgres.config import django_database
from huoshui.project.logins import PHONES, SHOWN

BASE_DIR = Path(__file__).resolve().parents[3]

HUOSHUI_HOME = Path(os.environ.get("HUOSHUI_HOME", ".huoshui")).resolve()
HUOSHUI_KEYS = HUOSHUI_HOME / "secrets" / "keys.json"
HUOSHUI_LAKE = os.environ.get("HUOSHUI_LAKE", str(HUOSHUI_HOME / "lake"))
HUOSHUI_LAKE_MEMORY = os.environ.get("HUOSHUI_LAKE_MEMORY", "600MB")
# What the store of the lake wants to know, as JSON: {"s3.endpoint": …, "s3.region": …}
HUOSHUI_LAKE_OPTIONS: dict[str, str] = json.loads(os.environ.get("HUOSHUI_LAKE_OPTIONS", "{}"))
HUOSHUI_ENGINE = os.environ.get("HUOSHUI_ENGINE", "duckdb")
HUOSHUI_ZONE = os.environ.get("HUOSHUI_ZONE", "Asia/Shanghai")
HUOSHUI_BRAND = os.environ.get("HUOSHUI_BRAND", "我的品牌")
HUOSHUI_DEMO = os.environ.get("HUOSHUI_DEMO", "") == "1"
# (role, account, password): what the sign-in page of demo mode shows
HUOSHUI_DEMO_LOGINS = SHOWN if HUOSHUI_DEMO else ()
# (role, account, phone): who may sign in there by a code, which the page shows
HUOSHUI_DEMO_PHONES = PHONES if HUOSHUI_DEMO else ()
# A messageId that comes again within so many days is known again
HUOSHUI_TRACKING_MEMORY_DAYS = int(os.environ.get("HUOSHUI_TRACKING_MEMORY_DAYS", "30"))
# A request about one's own data is answered within so many working days; days of HUOSHUI_HOLIDAYS (2026-10-01,…) are none
HUOSHUI_RIGHTS_DAYS = int(os.environ.get("HUOSHUI_RIGHTS_DAYS", "15"))
# 1: dealers keep customers of their own, and head office sees how to reach one only with her separate consent
HUOSHUI_DEALERS_OWN_CUSTOMERS = os.environ.get("HUOSHUI_DEALERS_OWN_CUSTOMERS", "") == "1"
# 1: what is sensitive (health, faith, numbers of documents …) is kept of whoever has consented to it apart; otherwise of nobody
HUOSHUI_SENSITIVE_ATTRIBUTES = os.environ.get("HUOSHUI_SENSITIVE_ATTRIBUTES", "") == "1"
HUOSHUI_HOLIDAYS = frozenset(
    date.fromisoformat(day) for day in os.environ.get("HUOSHUI_HOLIDAYS", "").split(",") if day
)
# Of fewer people no figure is told to whoever may not see persons (ADR 0030)
HUOSHUI_PORTRAIT_FEWEST = int(os.environ.get("HUOSHUI_PORTRAIT_FEWEST", "10"))
# Whoever sends one-time words: an address of the house's own (trade/codes/sending)
HUOSHUI_WORD_SENDER = os.environ.get("HUOSHUI_WORD_SENDER", "")
# Where WeCom answers: another address where the brand runs it on premises
HUOSHUI_WECOM_API = os.environ.get("HUOSHUI_WECOM_API", "https://qyapi.weixin.qq.com")
HUOSHUI_ROLE = os.environ.get("HUOSHUI_ROLE", "web")
HUOSHUI_DATABASE_URL = os.environ.get("HUOSHUI_DATABASE_URL", "")


def _secret_key() -> str:
    if HUOSHUI_KEYS.exists():
        return str(json.loads(HUOSHUI_KEYS.read_text(encoding="utf-8"))["django"])
    # Only for tools that import the settings and serve nobody (type checks, migrations on a new machine)
    return "not-yet-made"


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("HUOSHUI_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("HUOSHUI_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "csp",
    "procrastinate.contrib.django",
    "huoshui.core",
    "huoshui.brand.org",
    "huoshui.brand.catalog",
    "huoshui.brand.staff",
    "huoshui.brand.stock",
    "huoshui.people.identity",
    "huoshui.people.profiles",
    "huoshui.people.consent",
    "huoshui.people.relations",
    "huoshui.people.roles",
    "huoshui.people.rights",
    "huoshui.people.retention",
    "huoshui.people.matching",
    "huoshui.people.card",
    "huoshui.lake",
    "huoshui.engage.loyalty",
    "huoshui.engage.campaigns",
    "huoshui.insight.context",
    "huoshui.insight.segments",
    "huoshui.insight.portraits",
    "huoshui.insight.tags",
    "huoshui.trade.sales",
    "huoshui.trade.dealers",
    "huoshui.trade.bonds",
    "huoshui.trade.codes",
    "huoshui.trade.commission",
    "huoshui.trade.protection",
    "huoshui.trade.leads",
    "huoshui.intake.river",
    "huoshui.intake.tills",
    "huoshui.intake.imports",
    "huoshui.intake.pickup",
    "huoshui.intake.wecom",
    "huoshui.intake.tracking",
    "huoshui.intake.devices",
    "huoshui.intake.visitors",
    "huoshui.intake.trust",
    "huoshui.web.console",
    "huoshui.web.guide",
    "huoshui.web.api",
]

MIDDLEWARE = [
    "huoshui.web.api.lane.ApiLane",
    "huoshui.web.track.lane.TrackLane",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "huoshui.web.console.language.LanguageMiddleware",
    "huoshui.web.console.back.BackMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "huoshui.project.urls"
WSGI_APPLICATION = "huoshui.project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "huoshui.web.console.demo.demo",
            ],
        },
    }
]


def _database(url: str, role: Any) -> dict[str, Any]:
    entry = django_database(url, role, is_pooled=os.environ.get("HUOSHUI_POOLED") == "1")
    if role != "web":
        # The river and the owner work for the whole brand; the web says for whom in each transaction (core.scope).
        entry["OPTIONS"]["options"] = "-c huoshui.scope=brand"
    return entry


DATABASES: dict[str, Any] = {
    "default": _database(HUOSHUI_DATABASE_URL or "postgresql://nobody@/none?host=/nonexistent", HUOSHUI_ROLE)
}
if owner_url := os.environ.get("HUOSHUI_OWNER_URL"):
    DATABASES["owner"] = _database(owner_url, "owner")
DATABASE_ROUTERS: list[str] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_READONLY_MODELS = True

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "huoshui.web.console.views.errors.locked"
CSRF_FAILURE_VIEW = "huoshui.web.console.views.errors.stale_form"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "console:login"
LOGIN_REDIRECT_URL = "console:today"
LOGOUT_REDIRECT_URL = "console:login"

_SECURE = os.environ.get("HUOSHUI_HTTPS", "") == "1"
SESSION_COOKIE_NAME = "__Host-huoshui" if _SECURE else "huoshui"
SESSION_COOKIE_SECURE = _SECURE
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SECURE = _SECURE
CSRF_COOKIE_HTTPONLY = False
SECURE_HSTS_SECONDS = 31_536_000 if _SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]
TIME_ZONE = HUOSHUI_ZONE
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT = HUOSHUI_HOME / "static"
# Front-end libraries come from npm with a lock file and are served as they are, never from elsewhere.
_NODE_MODULES = Path(os.environ.get("HUOSHUI_ASSETS", BASE_DIR / "node_modules"))
STATICFILES_DIRS = [
    (f"vendor/{name}", _NODE_MODULES / folder)
    for name, folder in {
        "tabler": "@tabler/core/dist",
        "tabler-icons": "@tabler/icons-webfont/dist",
        "htmx": "htmx.org/dist",
        "weui": "weui/dist/style",
        "echarts": "echarts/dist",
        "inter": "@fontsource-variable/inter",
    }.items()
    if (_NODE_MODULES / folder).is_dir()
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600

DATA_UPLOAD_MAX_MEMORY_SIZE = 4 << 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
FILE_UPLOAD_TEMP_DIR = None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("HUOSHUI_LOG", "WARNING")},
}
