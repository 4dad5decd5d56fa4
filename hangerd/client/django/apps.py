"""The Django app: its checks, and what happens when settings are there or change."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.conf import settings as django_settings
from django.core import checks
from django.core.signals import setting_changed

from hangerd.client.django import hosts
from hangerd.client.django.checks import check_settings
from hangerd.client.js_host.conf import settings as js_host_settings


class HangerdConfig(AppConfig):  # type: ignore[misc]
    """`hangerd` in INSTALLED_APPS."""

    name = "hangerd.client.django"
    label = "hangerd"
    verbose_name = "hangerd"

    def ready(self) -> None:
        """Register the checks, and configure js-host's names if there are settings for them.

        Nothing is connected to: that waits for the first call, since most commands need no host.
        """
        checks.register(check_settings, "hangerd")
        setting_changed.connect(_changed, dispatch_uid="hangerd")
        old = getattr(django_settings, "JS_HOST", None)
        if isinstance(old, dict) and not js_host_settings.is_configured:
            js_host_settings.configure(**{"CONNECT_ONCE_CONFIGURED": False, **old})


def _changed(*, setting: str, **_: Any) -> None:
    """Forget what was connected to by settings that a test has replaced."""
    if setting in {"HANGERD", "JS_HOST"}:
        hosts.close()
