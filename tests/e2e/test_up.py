"""`brocante up` as an operator lives it: beside another, stopped and started, killed in parts."""

import os
import signal
from functools import partial
from pathlib import Path

import pytest

from tests.support.installation import MARKETPLACES, Installation, installation, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def test_two_installations_run_side_by_side_and_know_nothing_of_each_other(
    tmp_path: Path,
) -> None:
    with installation(tmp_path / "one") as one, installation(tmp_path / "two") as two:
        one.create("chair")
        assert one.activate("chair", "ebay").status_code == 200
        assert two.http.get("/api/v1/items/chair").status_code == 404
        assert two.sandbox.get("/control/listings").json() == []
        assert two.stop() == 0
        assert one.item("chair")["status"] == "available"


def test_a_stop_and_a_start_on_the_same_data_lose_nothing(tmp_path: Path) -> None:
    with installation(tmp_path / "data") as before:
        before.create("chair")
        assert before.activate("chair").status_code == 200
        sold = before.sell("etsy", "chair")
        before.wait_sale(sold["sale_id"])
        before.wait_shown("chair", ebay="inactive", etsy="sold", shopify="inactive")
        assert before.stop() == 0
    with installation(tmp_path / "data") as after:
        assert after.item("chair")["status"] == "sold"
        answer = after.command("POST", f"/sales/{sold['sale_id']}/cancel", {})
        assert answer.status_code == 200, answer.text
        after.wait_shown("chair", ebay="inactive", etsy="active", shopify="inactive")


def test_every_process_may_be_killed_while_sales_arrive_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    with installation(tmp_path / "data") as one:
        names = sorted(one.services())
        for n, _ in enumerate(names):
            one.create(f"chair-{n}")
            assert one.activate(f"chair-{n}").status_code == 200
        sold = {}
        for n, name in enumerate(names):
            marketplace = MARKETPLACES[n % 3]
            if name == "sandbox":
                _kill(one, name)
                _wait_back(one, name)
            sold[f"chair-{n}"] = (marketplace, one.sell(marketplace, f"chair-{n}")["sale_id"])
            if name != "sandbox":
                _kill(one, name)
                _wait_back(one, name)
        for sku, (marketplace, sale_id) in sold.items():
            until(partial(_recorded, one, sale_id), f"{sale_id} of {sku} is recorded", 90)
            until(partial(_off_the_others, one, sku, marketplace), f"{sku} is off the others", 90)


def _off_the_others(one: Installation, sku: str, marketplace: str) -> bool:
    shown = one.shown(sku)
    return all(shown[other] == "inactive" for other in MARKETPLACES if other != marketplace)


def _kill(one: Installation, name: str) -> None:
    os.kill(one.services()[name]["pid"], signal.SIGKILL)


def _wait_back(one: Installation, name: str) -> None:
    """The supervisor has started it again and everything is ready."""
    until(lambda: _ready(one), f"all ready after killing {name}", 90)


def _ready(one: Installation) -> bool:
    try:
        ready = [one.http.get("/readyz").status_code, one.sandbox.get("/readyz").status_code]
    except OSError:
        return False
    except Exception:  # noqa: BLE001 - not there yet, in whatever way
        return False
    return ready == [200, 200]


def _recorded(one: Installation, sale_id: str) -> bool:
    try:
        answer = one.http.get(f"/api/v1/sales/{sale_id}")
    except Exception:  # noqa: BLE001 - not there yet, in whatever way
        return False
    return answer.status_code == 200
