"""Puts the gateway's parts together once its back ends are there."""

import httpx2

from brocante.marketplaces import MarketplaceEntry
from brocante.messaging.serving import Runtime
from gateway.http.context import Context
from gateway.pictures.fetching import Limits
from gateway.pictures.following import Following
from gateway.records.access import SCOPES, Access
from gateway.records.bulks import Bulks
from gateway.records.commands import Commands
from gateway.records.dead_letters import DeadLetters
from gateway.records.flow import Flows
from gateway.records.history import History
from gateway.records.imports import Imports
from gateway.records.marketplaces import Marketplaces
from gateway.records.passwords import Passwords
from gateway.records.pictures import Pictures
from gateway.records.views import Views
from gateway.records.webhooks import Webhooks
from gateway.settings import GatewaySettings
from gateway.verification.ebay_keys import EbayKeys
from gateway.watching import Live, Watcher

KEY_SECONDS = 10.0


async def assemble(
    settings: GatewaySettings, entries: dict[str, MarketplaceEntry], runtime: Runtime
) -> Context:
    """Every part, its collections made; the owner's token accepted if one is set."""
    database, publisher = runtime.database, runtime.publisher
    repeated = (database, publisher, settings.topic_prefix, settings.repeat_seconds)
    commands = Commands(*repeated)
    pictures = Pictures(database)
    made = Context(
        settings=settings,
        database=database,
        publisher=publisher,
        entries=entries,
        access=Access(database),
        passwords=Passwords(database),
        commands=commands,
        views=Views(database, tuple(entries)),
        history=History(database),
        webhooks=Webhooks(*repeated),
        dead_letters=DeadLetters(database, publisher),
        marketplaces=Marketplaces(database),
        imports=Imports(database, commands),
        bulks=Bulks(database),
        flows=Flows(settings, database, tuple(entries)),
        pictures=pictures,
        following=following(settings, pictures),
        live=Live(),
        ebay_keys=ebay_keys(entries),
    )
    for part in (made.access, made.views, made.history, made.marketplaces, made.dead_letters):
        await part.prepare()
    await made.passwords.prepare()
    await made.pictures.prepare()
    for kept in (made.commands, made.webhooks, made.imports, made.bulks):
        await kept.prepare()
    if settings.owner_token is not None:
        token = settings.owner_token.get_secret_value()
        await made.access.add_token(token, "main", SCOPES, "owner")
    return made


def following(settings: GatewaySettings, pictures: Pictures) -> Following | None:
    """Who fetches pictures, if that is set."""
    if not settings.fetch_pictures:
        return None
    private = settings.fetch_private_pictures
    return Following(pictures, Limits(settings.picture_limit, settings.fetch_seconds, private))


def watcher(made: Context, epoch: int) -> Watcher:
    """What reads the services' events and keeps these parts current."""
    return Watcher(
        made.views,
        made.history,
        made.commands,
        made.webhooks,
        made.dead_letters,
        made.marketplaces,
        made.live,
        made.following,
        made.publisher,
        made.settings.topic_prefix,
        epoch,
    )


def ebay_keys(entries: dict[str, MarketplaceEntry]) -> dict[str, EbayKeys]:
    """Where each marketplace that signs as eBay does has its public keys."""
    http = httpx2.AsyncClient(timeout=KEY_SECONDS, trust_env=False)
    keys = {}
    for marketplace, entry in entries.items():
        if entry.webhooks is not None and entry.webhooks.scheme == "ebay":
            base = entry.webhooks.key_url or entry.base_url
            secrets_of = entry.accounts[0].credentials if entry.accounts else {}
            plain = {name: value.get_secret_value() for name, value in secrets_of.items()}
            keys[marketplace] = EbayKeys(http, base, plain)
    return keys
