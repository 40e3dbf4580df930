"""The whole Django project of django-eventstream: settings, addresses and application in one module."""
# mypy: disable-error-code="import-not-found, import-untyped"

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application
from django.urls import include, path

SECRET_KEY = "only for this benchmark"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django_eventstream"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["BENCHMARK_SQLITE"]}}
EVENTSTREAM_REDIS = {"unix_socket_path": os.environ["BENCHMARK_VALKEY_SOCKET"], "db": 0}
ROOT_URLCONF = __name__
USE_TZ = True


def __getattr__(name: str) -> object:
    """Made when the server or Django's resolver asks: this module is read as settings first."""
    if name == "application":
        return get_asgi_application()
    if name == "urlpatterns":
        import django_eventstream

        return [path("events/", include(django_eventstream.urls))]
    raise AttributeError(name)
