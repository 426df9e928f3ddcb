"""A small typed client for upstream apps, over HTTP or straight over Kafka.

async with Client.over_http("http://127.0.0.1:8080", token) as client:
    handle = await client.cancel_sale("ebay:4711", reason="unpaid")
    await handle.settled(30)
"""

from brocante.client.client import Client
from brocante.client.handle import Handle, NotInTime, Rejected

__all__ = ["Client", "Handle", "NotInTime", "Rejected"]
