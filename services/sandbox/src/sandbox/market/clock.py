"""The sandbox's clock: real time plus an offset that the control API can set."""

from datetime import UTC, datetime, timedelta

from sandbox.market.store import Store


class Clock:
    """Time as every marketplace here sees it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def now(self) -> datetime:
        """The moment, in UTC."""
        return datetime.now(UTC) + self._offset()

    def stamp(self) -> str:
        """The moment as RFC 3339 with microseconds, as the ledger keeps it."""
        return rfc3339(self.now())

    def epoch(self) -> int:
        """The moment in whole seconds since 1970."""
        return int(self.now().timestamp())

    def set(self, moment: datetime | None) -> None:
        """Set the time, or with None go back to real time."""
        offset = timedelta() if moment is None else moment - datetime.now(UTC)
        self._store.put("clock", "offset", {"seconds": offset.total_seconds()})

    def _offset(self) -> timedelta:
        kept = self._store.get("clock", "offset")
        return timedelta(seconds=kept["seconds"]) if kept else timedelta()


def rfc3339(moment: datetime) -> str:
    """`2026-11-24T08:00:00.123456Z`; sorts as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def milliseconds(stamp: str) -> str:
    """A ledger stamp with milliseconds, as eBay writes times."""
    return stamp[:23] + "Z"


def seconds(stamp: str) -> str:
    """A ledger stamp with whole seconds, as Shopify's GraphQL writes times."""
    return stamp[:19] + "Z"


def epoch(stamp: str) -> int:
    """A ledger stamp in seconds since 1970, as Etsy writes times."""
    return int(datetime.fromisoformat(stamp).timestamp())
