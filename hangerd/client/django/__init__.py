"""hangerd for Django: put "hangerd.client.django" into INSTALLED_APPS. See docs/django.md.

from hangerd.client.django import hosts

html = hosts["render"].page(title="x")
"""

from hangerd.client.django.hosts import hosts

__all__ = ["hosts"]
