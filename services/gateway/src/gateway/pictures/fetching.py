"""Fetching a picture from an address that somebody else wrote: carefully, and only if allowed.

The name is resolved here and the connection goes to the address that was looked at, so that a
name cannot turn into another address in between. Redirects are not followed.
"""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import httpx2

from gateway.pictures.encoding import NotAPicture

SCHEMES = {"http": 80, "https": 443}
KIND = "image/"


@dataclass(frozen=True, slots=True)
class Limits:
    """At most so many bytes and seconds; `private` allows addresses of one's own network."""

    bytes: int
    seconds: float
    private: bool = False


async def fetched(url: str, limits: Limits) -> bytes:
    """The bytes behind an address; NotAPicture when they may not be had or are none."""
    try:
        async with asyncio.timeout(limits.seconds):
            return await _read(url, limits)
    except TimeoutError as error:
        raise NotAPicture(f"It did not come within {limits.seconds:g} s.") from error
    except (httpx2.HTTPError, OSError, ValueError) as error:
        raise NotAPicture("It could not be fetched.") from error


async def _read(url: str, limits: Limits) -> bytes:
    parts = urlsplit(url)
    host, port = parts.hostname, parts.port or SCHEMES.get(parts.scheme)
    if host is None or port is None or parts.username is not None:
        raise NotAPicture("The address is not one of the web.")
    address = await _address(host, port, private=limits.private)
    shown = f"[{address}]" if ":" in address else address
    target = urlunsplit((parts.scheme, f"{shown}:{port}", parts.path or "/", parts.query, ""))
    headers = {"Host": parts.netloc, "Accept": "image/webp,image/png,image/jpeg"}
    async with (
        httpx2.AsyncClient(trust_env=False, timeout=limits.seconds) as client,
        client.stream("GET", target, headers=headers, extensions={"sni_hostname": host}) as answer,
    ):
        if answer.status_code != httpx2.codes.OK:
            raise NotAPicture(f"The address answered with {answer.status_code}.")
        if not answer.headers.get("content-type", "").startswith(KIND):
            raise NotAPicture("The address does not lead to a picture.")
        return await _bounded(answer, limits.bytes)


async def _bounded(answer: httpx2.Response, most: int) -> bytes:
    content = bytearray()
    async for chunk in answer.aiter_bytes():
        content += chunk
        if len(content) > most:
            raise NotAPicture(f"It is larger than {most} bytes.")
    return bytes(content)


async def _address(host: str, port: int, *, private: bool) -> str:
    """An address of the host; refused if any of its addresses is not of the public internet."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]).split("%")[0] for one in found]
    if not private and not all(ipaddress.ip_address(one).is_global for one in addresses):
        raise NotAPicture("The address is not on the public internet.")
    return addresses[0]
