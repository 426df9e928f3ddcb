"""Sellers' accounts and their access tokens."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta

from sandbox.market.clock import Clock, rfc3339
from sandbox.market.store import Store
from sandbox.settings import AccountSettings, SandboxSettings


@dataclass(frozen=True, slots=True)
class Seller:
    """One account; `number` (from 1) tells the accounts of one marketplace apart."""

    marketplace: str
    account: str
    dealer: str
    number: int
    gateway: str | None


class Accounts:
    """Who sells where, and which tokens open which account."""

    def __init__(self, settings: SandboxSettings, store: Store, clock: Clock) -> None:
        self._seed = settings.seed
        self._store = store
        self._clock = clock
        self.sellers = tuple(_numbered(settings.accounts))

    def of(self, marketplace: str) -> tuple[Seller, ...]:
        """The accounts on one marketplace."""
        return tuple(seller for seller in self.sellers if seller.marketplace == marketplace)

    def find(self, marketplace: str, account: str) -> Seller:
        """One account; raises KeyError when there is none."""
        for seller in self.of(marketplace):
            if seller.account == account:
                return seller
        raise KeyError(f"{marketplace}/{account}")

    def of_dealer(self, marketplace: str, dealer: str | None) -> Seller | None:
        """The account of a dealer; the first one when no dealer is named."""
        sellers = self.of(marketplace)
        if dealer is None:
            return sellers[0] if sellers else None
        return next((seller for seller in sellers if seller.dealer == dealer), None)

    def secret(self, *names: str) -> bytes:
        """32 bytes that depend on the seed and the names, the same at every start."""
        return hmac.digest(self._seed.encode(), "/".join(names).encode(), hashlib.sha256)

    def issue(self, marketplace: str, account: str, prefix: str, lifetime_s: int) -> str:
        """A new token for an account, good for `lifetime_s` seconds of the sandbox's clock."""
        number = self._store.next_number("token", 1)
        token = prefix + self.secret("token", marketplace, account, str(number)).hex()
        until = rfc3339(self._clock.now() + timedelta(seconds=lifetime_s))
        self._store.put("token", token, {"m": marketplace, "account": account, "until": until})
        return token

    def opened_by(self, marketplace: str, token: str) -> str | None:
        """The account an issued token opens, or None when unknown or expired."""
        kept = self._store.get("token", token)
        if kept is None or kept["m"] != marketplace or kept["until"] < self._clock.stamp():
            return None
        account: str = kept["account"]
        return account

    def revoke(self, token: str) -> None:
        """The token opens nothing any more."""
        self._store.delete("token", token)


def _numbered(accounts: tuple[AccountSettings, ...]) -> list[Seller]:
    counts: dict[str, int] = {}
    sellers = []
    for entry in accounts:
        counts[entry.marketplace] = counts.get(entry.marketplace, 0) + 1
        sellers.append(
            Seller(
                entry.marketplace,
                entry.account,
                entry.dealer,
                counts[entry.marketplace],
                entry.gateway,
            )
        )
    return sellers
