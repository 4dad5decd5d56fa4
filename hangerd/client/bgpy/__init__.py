"""The names that users of bgpy know, over an authenticated hangerd. See docs/bgpy.md.

Change the import, keep the code: `from hangerd.client.bgpy import Client, Server, respond`.
"""

from hangerd.client.bgpy.client import Client
from hangerd.client.bgpy.core.token import token_create
from hangerd.client.bgpy.server import Server, respond

__all__ = ["Client", "Server", "respond", "token_create"]
