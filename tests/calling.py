"""Clients of servers of our own, which speak no TLS: to read all certificates takes 20 ms each."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

UNUSED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody; for `verify` of a client


@asynccontextmanager
async def mcp_client(address: str, mode: str = "auto") -> AsyncIterator[Client]:
    """An MCP client of the door at this address."""
    async with httpx2.AsyncClient(verify=UNUSED, timeout=60) as http:
        transport = streamable_http_client(address, http_client=http)
        async with Client(transport, mode=mode) as client:
            yield client
