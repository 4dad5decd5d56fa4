"""Django's hook: with "hangerd.client.js_host" in INSTALLED_APPS, JS_HOST configures it."""

from __future__ import annotations

from django.conf import settings as django_settings

from hangerd.client.js_host.conf import settings

settings.configure(**getattr(django_settings, "JS_HOST", {}))
