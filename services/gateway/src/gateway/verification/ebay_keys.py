"""eBay's public keys, by id, from the Notification API; kept for an hour."""

import base64
from collections.abc import Mapping
from time import monotonic

import httpx2

KEPT_SECONDS = 3600.0
# A made-up key id is asked for once in that time, however often it comes.
MISSED_SECONDS = 60.0
MOST_MISSED = 1000
SCOPE = "https://api.ebay.com/oauth/api_scope"


class EbayKeys:
    """Asks with an application token; a key that cannot be had is None."""

    def __init__(
        self, http: httpx2.AsyncClient, base_url: str, credentials: Mapping[str, str]
    ) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._credentials = credentials
        self._kept: dict[str, tuple[float, str]] = {}
        self._missed: dict[str, float] = {}

    async def key(self, kid: str) -> str | None:
        """The PEM text of a key."""
        kept = self._kept.get(kid)
        if kept is not None and monotonic() - kept[0] < KEPT_SECONDS:
            return kept[1]
        if monotonic() - self._missed.get(kid, -MISSED_SECONDS) < MISSED_SECONDS:
            return None
        fetched = await self._fetch(kid)
        if fetched is not None:
            self._kept[kid] = (monotonic(), fetched)
        return fetched

    async def _fetch(self, kid: str) -> str | None:
        try:
            token = await self._token()
            answer = await self._http.get(
                f"{self._base_url}/commerce/notification/v1/public_key/{kid}",
                headers={"Authorization": f"Bearer {token}"},
            )
            if answer.status_code == httpx2.codes.NOT_FOUND:
                self._miss(kid)
            if answer.status_code != httpx2.codes.OK:
                return None
            return str(answer.json()["key"])
        except (httpx2.HTTPError, KeyError, ValueError):
            return None

    def _miss(self, kid: str) -> None:
        if len(self._missed) >= MOST_MISSED:
            self._missed.clear()
        self._missed[kid] = monotonic()

    async def _token(self) -> str:
        pair = f"{self._credentials.get('client_id')}:{self._credentials.get('client_secret')}"
        basic = base64.b64encode(pair.encode()).decode()
        answer = await self._http.post(
            f"{self._base_url}/identity/v1/oauth2/token",
            data={"grant_type": "client_credentials", "scope": SCOPE},
            headers={"Authorization": f"Basic {basic}"},
        )
        return str(answer.json()["access_token"])
