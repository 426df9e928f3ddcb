"""What each part makes of its samples."""

import os
import time

import pytest

from brocante.contracts.inventory import ItemUpdate
from tests.bench.contenders.assignment import Done, Stopwatch
from tests.bench.latency import measuring_latency
from tests.bench.latency.stages import stages
from tests.bench.loads.pieces import stored_name
from tests.bench.pipeline import Flow, Found
from tests.bench.pipeline import part_of as pipeline_part
from tests.bench.processes import Meter, rss_mb
from tests.bench.scale.measuring_scale import part_of as scale_part
from tests.bench.scale.stock import Stock
from tests.bench.servers import Servers
from tests.bench.throughput import Compared
from tests.bench.throughput import part_of as throughput_part

SERVERS = Servers("k", "m", "a broker", "a database, cache 2G")
THOUSAND, MILLION = 1_000, 1_000_000


def done(seconds: float, own: float, database: float = 0.0) -> Done:
    return Done(1000, seconds, own, 100.0, {"broker": 0.0, "database": database})


def test_latency_is_compared_by_its_median_from_each_starting_point() -> None:
    command, webhook = measuring_latency.HOPS
    ours = {command: [30.0, 20.0, 500.0], webhook: [90.0, 80.0, 100.0]}
    chain = {command: [20.0, 20.0, 20.0], webhook: [40.0, 40.0, 40.0]}
    part = measuring_latency.part_of(ours, ours, chain, {command: [("sales", 12.0)]})
    assert [(bar.measured, bar.met) for bar in part.bars] == [(1.5, True), (2.25, False)]
    assert part.tables[0].rows[0][-2:] == ["500", "1.5 times"]
    assert part.tables[1].rows == [[command, "sales", "12"]]


def test_the_stages_of_a_sale_add_up_to_its_time() -> None:
    at = {("sales.commands", "p"): 10.002, ("sales.events", "p"): 10.010, ("targets", "p"): 10.030}
    found = stages({"p": 10.0}, {"p": 50.0}, at)
    assert [round(ms) for _, ms in found] == [2, 8, 20, 20]


def test_growing_dear_with_the_number_of_documents_misses_the_bar() -> None:
    samples = {THOUSAND: [done(1.0, 0.5, 0.5)], MILLION: [done(1.1, 0.5, 1.0)]}
    part = scale_part(samples, SERVERS)
    wall, processor = part.bars
    assert (round(wall.measured, 2), wall.met) == (1.1, True)
    assert (processor.measured, processor.met) == (1.5, False)
    assert part.tables[0].rows[1][0] == "1,000,000"
    assert "cache 2G" in part.tables[0].note


def test_edits_go_to_every_document_once_before_any_gets_a_second() -> None:
    edits = list(Stock(SERVERS, 10, "motor", "s").edits(25))
    items = [one.message.item_id for one in edits if isinstance(one.message, ItemUpdate)]
    assert set(items[:10]) == set(items[10:20]) == {stored_name(n) for n in range(10)}
    assert len(set(items[20:])) == 5
    assert items[:10] != items[10:20]


def test_edits_of_a_later_round_are_other_messages_with_other_prices() -> None:
    first = list(Stock(SERVERS, 10, "motor", "s").edits(5))
    later = list(Stock(SERVERS, 10, "motor", "s", sent=5).edits(5))
    assert not {one.id for one in first} & {one.id for one in later}
    prices = [one.message.changes for one in first + later if isinstance(one.message, ItemUpdate)]
    assert len({str(price) for price in prices}) == 10


def test_the_pipeline_tells_of_sales_and_of_each_process() -> None:
    flow = Flow(100, 1.0, 2.0, 800, {"sales": 0.5, "broker": 1.5})
    found = Found("motor", {"sales": 2.5}, {"sales": 1.5}, {"sales": 80.0}, {"sales": 95.5}, [flow])
    whole, processes = pipeline_part(found).tables
    assert whole.rows == [["100", "100", "50", "400", "8", "20"]]
    assert processes.rows == [["sales", "2.5", "1.5", "80", "95.5"]]


def test_throughput_compares_what_everyone_spends_too() -> None:
    compared = Compared("small", "motor")
    compared.samples = {"ours": [done(1.0, 0.5, 0.5)], "hand": [done(1.0, 0.25, 0.25)]}
    assert compared.cost_ratio_to("hand") == pytest.approx(0.5)
    row = throughput_part([compared]).tables[0].rows[1]
    assert row[-2:] == ["0.5 (0.25 + 0 + 0.25)", "2 times as much"]


def worked(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_a_stopwatch_counts_what_the_servers_spend_from_its_start_on() -> None:
    stopwatch = Stopwatch({"us": os.getpid()})
    worked(0.2)
    stopwatch.start()
    worked(0.05)
    stopwatch.start()
    measured = stopwatch.done(1)
    assert 0.03 < measured.servers["us"] < 0.15
    assert 0.03 < measured.cpu_seconds < 0.15


def test_a_meter_counts_the_processor_time_of_a_process() -> None:
    meter = Meter({"us": os.getpid()})
    worked(0.1)
    assert 0.05 < meter.used()["us"] < 5
    assert rss_mb(os.getpid()) > 10
