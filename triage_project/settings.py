"""All settings, from the environment (`.env.example` lists them).

Without a SECRET_KEY this is somebody's own machine: DEBUG is on, only loopback hosts are served, and a
key is generated and kept in the data directory. A deployment sets SECRET_KEY, which turns DEBUG off.
"""

from __future__ import annotations

import os
from pathlib import Path

import environ
from django.core.management.utils import get_random_secret_key

from triage_project import queues
from triage_project.addresses import broker_url, cache_url, embedded_url
from triage_project.database_settings import database_settings
from triage_project.logs import configure_structlog, logging_settings
from triage_project.private_file import read_or_create

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").is_file():
    environ.Env.read_env(BASE_DIR / ".env")

# -- where things are ---------------------------------------------------------------------------------------
DATA_DIR = Path(env("TRIAGE_DATA_DIR", default="") or BASE_DIR / "var").expanduser().absolute()
REDIS_IS_EMBEDDED = not env("REDIS_URL", default="")
REDIS_URL: str = env("REDIS_URL", default="") or embedded_url(DATA_DIR)

# -- security -----------------------------------------------------------------------------------------------
DEBUG: bool = env.bool("DEBUG", default=not env("SECRET_KEY", default=""))
SECRET_KEY: str = (
    read_or_create(DATA_DIR / "secret_key", get_random_secret_key)
    if DEBUG and not env("SECRET_KEY", default="")
    else env("SECRET_KEY")
)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS: bool = env.bool("HTTPS", default=not DEBUG)
BEHIND_PROXY: bool = env.bool("BEHIND_PROXY", default=False)
FORWARDED_ALLOW_IPS: str = env("FORWARDED_ALLOW_IPS", default="127.0.0.1")  # whose X-Forwarded-For names the client
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS: int = env.int("HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS: bool = env.bool("HSTS_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD: bool = env.bool("HSTS_PRELOAD", default=False)
# Both are promises about all of a domain, hard to take back: its owner makes them.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
X_FRAME_OPTIONS = "DENY"

# -- the parts ----------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "django_structlog",
    "ninja",  # so that the API's documentation loads nothing from elsewhere
    "triage_project",
    "conversations",
    "triage",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "triage_project.api_problems.api_problems",
    "triage_project.static_files.static_files",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
]
ROOT_URLCONF = "triage_project.urls"
ASGI_APPLICATION = "triage_project.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"

# -- database -----------------------------------------------------------------------------------------------
DATABASES = {
    "default": database_settings(
        env("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'triage.sqlite3'}"),
        pool=env.int("DATABASE_POOL", default=0),
        data_dir=DATA_DIR,
    )
}

# -- Redis: memory, hints, queues ---------------------------------------------------------------------------
REDIS_TIMEOUT = 1.0  # seconds; a request may wait this long for Redis, not longer
CONVERSATION_TTL: int = env.int("CONVERSATION_TTL", default=24 * 3600)  # seconds
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": cache_url(REDIS_URL),
        "KEY_PREFIX": "triage",
        "OPTIONS": {
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            "SOCKET_CONNECT_TIMEOUT": REDIS_TIMEOUT,
            "SOCKET_TIMEOUT": REDIS_TIMEOUT,
            # One attempt: each retry would wait for REDIS_TIMEOUT again.
            "CONNECTION_POOL_KWARGS": {"max_connections": 64, "retry": None},
        },
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [cache_url(REDIS_URL)], "prefix": "triage"},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # people stay signed in while Redis is away
SESSION_COOKIE_AGE = 60 * 60 * 24 * 90

STREAMS_PER_ACTOR: int = env.int("STREAMS_PER_ACTOR", default=8)  # live connections of one person or key
STREAMS_PER_PROCESS: int = env.int("STREAMS_PER_PROCESS", default=10_000)
UNREAD_SECONDS: int = env.int(
    "UNREAD_SECONDS", default=30
)  # what was sent may lie unread, before the connection is cut
DRAIN_SECONDS: float = env.float("DRAIN_SECONDS", default=20.0)  # to send streams away when the server stops

CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True  # the run row is the state
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", default=2)
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = env.float("WORKER_SOFT_SHUTDOWN", default=8.0)  # seconds
# Soft, hard and visibility follow from one number, so that each is below the next: at the soft limit a run is given
# back (a message serves runs for a quarter of it, see tasks.py), at the hard one its process is killed, and a
# message that is being worked on is never handed out twice; but for a training, which knows that it goes on already.
CELERY_TASK_SOFT_TIME_LIMIT: int = env.int("RUN_SECONDS", default=240)
CELERY_TASK_TIME_LIMIT = CELERY_TASK_SOFT_TIME_LIMIT + 60
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = queues.transport_options(longest=CELERY_TASK_TIME_LIMIT)
CELERY_TASK_DEFAULT_QUEUE = queues.DEFAULT_QUEUE
CELERY_TASK_QUEUES = queues.QUEUES
TRIAGE_LEARNS: bool = env.bool("TRIAGE_LEARNS", default=True)
CELERY_BEAT_SCHEDULE = queues.beat_schedule(learns=TRIAGE_LEARNS)

# -- triage -------------------------------------------------------------------------------------------------
TRIAGE_DEFAULT_FLOW: str = env("TRIAGE_DEFAULT_FLOW", default="legal-intake")
TRIAGE_FLOW_DIRS: list[str] = env.list("TRIAGE_FLOW_DIRS", default=[])  # more flows, beside the catalogue's
TRIAGE_ANALYZER: str = env("TRIAGE_ANALYZER", default="triage.analysis.attentive.AttentiveAnalyzer")
TRIAGE_CONTACT: str = env("TRIAGE_CONTACT", default="")  # how people reach whoever runs this
TRIAGE_LEAVE_URL: str = env("TRIAGE_LEAVE_URL", default="https://www.google.com/search?q=previsao+do+tempo")
RETENTION_DAYS: int = env.int("RETENTION_DAYS", default=0)  # after which a case that is over is erased; 0: never
BATCH_MOST_BYTES: int = env.int("BATCH_MOST_MB", default=20) * 1024 * 1024  # of one file of cases
BATCH_MOST_ROWS: int = env.int("BATCH_MOST_ROWS", default=50_000)

# Calls a minute that a provider of analyses takes from all processes together: openai=60,anthropic=50
TRIAGE_RATE_LIMITS: dict[str, int] = env.dict("TRIAGE_RATE_LIMITS", cast={"value": int}, default={})
# Language models, asked in this order; none: everything works without. `triage/analysis/llm/checks.py` looks at these.
TRIAGE_LLM_MODELS: list[str] = env.list("TRIAGE_LLM_MODELS", default=[])
_LLM_URL = "TRIAGE_LLM_BASE_URL"
TRIAGE_LLM_BASE_URLS: dict[str, str] = {  # by provider; "": of any server of one's own
    name.removeprefix(_LLM_URL).strip("_").lower().replace("_", "-"): url
    for name, url in os.environ.items()
    if name == _LLM_URL or name.startswith(f"{_LLM_URL}_")
}
TRIAGE_LLM_TIMEOUT: float = env.float("TRIAGE_LLM_TIMEOUT", default=60.0)  # seconds for a whole analysis
TRIAGE_LLM_PHRASE_TIMEOUT: float = env.float(
    "TRIAGE_LLM_PHRASE_TIMEOUT", default=4.0
)  # for a question's words; 0: none
TRIAGE_LLM_MAX_TOKENS: int = env.int("TRIAGE_LLM_MAX_TOKENS", default=4000)  # of one answer, with what a model thinks
TRIAGE_LLM_PRICES: str = env("TRIAGE_LLM_PRICES", default="")  # JSON, dollars for a million tokens
ALERT_EMAILS: list[str] = env.list("ALERT_EMAILS", default=[])  # who is told of critical red flags
TRIAGE_SITE_URL: str = env("TRIAGE_SITE_URL", default="")  # https://triage.example.org, for links in mails

# -- mail ---------------------------------------------------------------------------------------------------
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL: str = env("DEFAULT_FROM_EMAIL", default="triage@localhost")

# -- words and files ----------------------------------------------------------------------------------------
LANGUAGE_CODE = "pt-br"
LANGUAGES = [("pt-br", "Português"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = env("TIME_ZONE", default="America/Sao_Paulo")
USE_TZ = True
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# -- logs ---------------------------------------------------------------------------------------------------
configure_structlog(is_debug=DEBUG)
LOGGING = logging_settings(is_debug=DEBUG, level=env("LOG_LEVEL", default="WARNING" if DEBUG else "INFO"))
