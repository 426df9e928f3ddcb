import json
from pathlib import Path

import pytest

from tests.bench.__main__ import exit_code, main, runs, write
from tests.bench.options import parsed
from tests.bench.results import Bar, Part, Report, Table
from tests.bench.writing import as_json, as_markdown, number

FAST = Bar("small ÷ hand-tuned", 0.9, 0.8, 1.0)
SLOW = Bar("latency", 2.5, 2.0, at_least=False)
PART = Part("throughput", [Table("Per service", ("load", "rate"), [["small", "9,000"]])], [FAST])


def test_a_bar_is_met_from_its_own_side() -> None:
    assert FAST.met
    assert not SLOW.met
    assert Bar("latency", 1.9, 2.0, at_least=False).met
    assert not Bar("rate", 0.79, 0.8).met


def test_a_report_shows_its_tables_and_last_its_bars() -> None:
    text = as_markdown(Report({"kafka": "embedded"}, [PART, Part("latency", bars=[SLOW])]))
    assert text.index("* kafka: embedded") < text.index("| small | 9,000 |")
    assert text.index("| small | 9,000 |") < text.index("## Bars")
    bars = text[text.index("## Bars") :]
    assert "| small ÷ hand-tuned | 0.9      | ≥ 0.8 | ≥ 1 | met    |" in bars
    assert "| latency            | 2.5      | ≤ 2   |     | MISSED |" in bars


def test_json_holds_the_data_and_whether_bars_are_met() -> None:
    kept = json.loads(as_json(Report({}, [Part("latency", bars=[SLOW], data={"p50": [1, 2]})])))
    assert kept["parts"] == {"latency": {"p50": [1, 2]}}
    assert [(bar["name"], bar["met"]) for bar in kept["bars"]] == [("latency", False)]


def test_figures_are_as_short_as_they_can_be() -> None:
    assert [number(value) for value in (0.7891, 12.34, 123.6, 9876.5)] == [
        "0.789",
        "12.3",
        "124",
        "9,876",
    ]


def test_a_report_is_kept_where_it_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = parsed(["--report", str(tmp_path / "new"), "--json", str(tmp_path / "one.json")])
    write(Report({}, [PART]), options)
    kept = (tmp_path / "new" / "bench.md").read_text()
    assert kept == capsys.readouterr().out
    assert json.loads((tmp_path / "one.json").read_text())["bars"]


def test_options_are_resolved_by_the_scale() -> None:
    small, full = parsed([]), parsed(["--scale", "full", "--driver", "both"])
    assert small.messages < full.messages
    assert full.drivers == ("motor", "pymongo")
    chosen = parsed(["--mongo", "fast", "server", "--service", "inventory,sales", "--repeat", "1"])
    assert (chosen.mongo, chosen.loads, chosen.repeat) == ("fast server", ("inventory", "sales"), 1)


def test_an_unknown_part_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "weather"])
    assert "weather is not of throughput" in capsys.readouterr().err


def test_a_missed_bar_fails_the_run_where_bars_are_enforced() -> None:
    missed, met = Report({}, [PART, Part("latency", bars=[SLOW])]), Report({}, [PART])
    enforced, lenient = parsed(["--enforce"]), parsed([])
    assert [exit_code(missed, one) for one in (enforced, lenient)] == [1, 0]
    assert exit_code(met, enforced) == 0


def test_sizes_end_at_what_the_database_is_made_for() -> None:
    assert parsed([]).sizes == (1_000, 10_000)
    fast = ["--mongo", "fast", "server"]
    assert parsed([*fast]).sizes == (1_000, 20_000)
    assert parsed([*fast, "--scale", "full"]).sizes[-1] == 1_000_000
    assert parsed([*fast, "--sizes", "10,50"]).sizes == (10, 50)


def test_processes_are_looked_at_once_for_each_driver() -> None:
    both = parsed(["--only", "throughput,pipeline", "--driver", "both"])
    assert [(name, asked.drivers) for name, asked in runs(both)] == [
        ("throughput", ("motor", "pymongo")),
        ("pipeline", ("motor",)),
        ("pipeline", ("pymongo",)),
    ]
