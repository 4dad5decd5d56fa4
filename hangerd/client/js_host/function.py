"""A function of a js host, called by keyword; what it answers comes as text."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from typing import Any

from hangerd.client.js_host.conf import settings
from hangerd.client.js_host.exceptions import (
    ConfigError,
    FunctionError,
    FunctionTimeout,
    UnexpectedResponse,
)
from hangerd.client.js_host.js_host import JSHost
from hangerd.client.js_host.requests import Response
from hangerd.client.js_host.utils import verbosity


class Function:
    """One function. What is given here may as well be attributes of a subclass."""

    name: str | None = None
    host: JSHost | None = None
    timeout: float | None = None
    exception_cls: type[Exception] | None = None

    def __init__(
        self,
        name: str | None = None,
        host: JSHost | None = None,
        timeout: float | None = None,
        exception_cls: type[Exception] | None = None,
    ) -> None:
        self.name = name or self.name
        self.host = host or self.host
        self.timeout = timeout or self.timeout
        self.exception_cls = exception_cls or self.exception_cls
        if not self.name or not isinstance(self.name, str):
            raise ConfigError("Functions require a name argument")

    def call(self, **kwargs: Any) -> str:
        """Call it and return its result as text, objects as JSON. Raises as `send_request`."""
        return self.send_request(**kwargs).text

    def send_request(self, **kwargs: Any) -> Response:
        """Call it and return the answer, which is a good one.

        Raises ConfigError for a function that the host's config does not have, ConnectionError,
        FunctionTimeout, `exception_cls` or FunctionError when it raised, UnexpectedResponse, and
        ProcessError when the host's process is gone.
        """
        host = self.get_host()
        self._require_known(host)
        data = self.serialize_data(kwargs)
        params = self.generate_params(data, kwargs)
        if settings.VERBOSITY >= verbosity.FUNCTION_CALL:
            print(f'Calling function "{self.name}" with params {params} and data {data}')
        try:
            answer = host.send_json_request(
                f"function/{self.name}", params=params, data=data, timeout=self.get_timeout()
            )
        except TimeoutError as error:
            raise self._timed_out() from error
        self._check(answer)
        return answer

    def _require_known(self, host: JSHost) -> None:
        known = host.get_config().get("functions")
        if not known:
            raise ConfigError(
                f"{host.get_name()} does not have any functions configured in {host.config_file}"
            )
        if self.name not in known:
            raise ConfigError(
                f"{host.get_name()}'s config file {host.config_file} does not contain a function "
                f"named {self.name}"
            )

    def _check(self, answer: Response) -> None:
        if answer.status_code == 200:
            return
        if answer.status_code == 504:
            raise self._timed_out()
        if answer.status_code != 500:
            raise UnexpectedResponse(
                f'Called function "{self.name}". {answer.status_code}: {answer.text}'
            )
        if self.exception_cls:
            raise self.exception_cls(answer.text)
        raise FunctionError(f"{self.name}: {answer.text}")

    def _timed_out(self) -> FunctionTimeout:
        return FunctionTimeout(f"{self.name} did not answer within {self.get_timeout()} seconds")

    def get_host(self) -> JSHost:
        """Return the host; by default that of the settings, which is connected to for it."""
        if self.host is None:
            from hangerd.client.js_host.host import host

            self.host = host
        return self.host

    def get_name(self) -> str | None:
        """Return the name."""
        return self.name

    @staticmethod
    def serialize_data(data: object) -> str:
        """Return JSON; where Django is configured, with dates and the like as it says them."""
        return json.dumps(data, cls=_encoder())

    @staticmethod
    def generate_hash(content: str) -> str:
        """Return the SHA-1 of a text, in hexadecimal digits: a name for it, and no protection."""
        return hashlib.sha1(content.encode(), usedforsecurity=False).hexdigest()

    def generate_params(self, serialized_data: str, data: Mapping[str, Any]) -> dict[str, str]:
        """Return the query of the request; caches between here and there may go by `hash`."""
        return {"hash": self.generate_hash(serialized_data)}

    def get_timeout(self) -> float:
        """Return how many seconds it may take."""
        return self.timeout or settings.FUNCTION_TIMEOUT


def _encoder() -> type[json.JSONEncoder]:
    django = sys.modules.get("django.conf")
    if django is not None and django.settings.configured:
        from django.core.serializers.json import DjangoJSONEncoder

        found: type[json.JSONEncoder] = DjangoJSONEncoder
        return found
    return json.JSONEncoder
