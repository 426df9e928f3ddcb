"""The `marketplaces.toml` that `up` writes."""

import tomllib
from pathlib import Path

from brocante.marketplaces import load_marketplaces
from brocante_local.supervisor.marketplaces_file import as_toml

ACCOUNT = {
    "marketplace": "etsy",
    "account": "main",
    "dealer_id": "main",
    "base_url": "http://127.0.0.1:1/etsy",
    "credentials": {"api_key": 'quoted " and \\ and \x7f', "refresh_token": None},
    "defaults": {"shop_id": "12", "who": "é", "numbers": [1, 2], "flag": True},
}
WEBHOOK = {
    "marketplace": "etsy",
    "account": "main",
    "scheme": "standard-webhooks",
    "secret": "whsec_abc",
    "url": "http://127.0.0.1:2/webhooks/etsy/main",
    "private_key": None,
}


def test_every_value_survives_being_written(tmp_path: Path) -> None:
    written = tomllib.loads(as_toml([ACCOUNT], [WEBHOOK]))
    account = written["etsy"]["accounts"][0]
    assert account["credentials"] == {"api_key": 'quoted " and \\ and \x7f'}
    assert account["defaults"] == ACCOUNT["defaults"]
    path = tmp_path / "marketplaces.toml"
    path.write_text(as_toml([ACCOUNT], [WEBHOOK]))
    entry = load_marketplaces(path)["etsy"]
    assert entry.webhooks is not None
    assert entry.webhooks.secret is not None
    assert entry.webhooks.secret.get_secret_value() == "whsec_abc"
