"""What is committed about the messages is what the classes say, and the samples are true."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from brocante.contracts import generated
from brocante.contracts.__main__ import main
from brocante.contracts.asyncapi import document
from brocante.contracts.catalogue import Message, message_classes
from brocante.contracts.parties import channels_of, senders
from brocante.contracts.samples import SAMPLES, sample
from brocante.contracts.schemas import schema, urn

DOCS = Path(__file__).parents[3] / "docs"
CLASSES = list(message_classes())
every_message = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: str(cls.TYPE))


def test_nothing_committed_has_drifted() -> None:
    assert generated.drifted(DOCS) == [], "run: python -m brocante.contracts"


def test_every_message_has_a_sample_and_every_sample_a_message() -> None:
    assert set(SAMPLES) == {cls.TYPE for cls in CLASSES}


@every_message
def test_a_sample_says_nothing_its_class_would_drop(cls: type[Message]) -> None:
    assert missing(SAMPLES[cls.TYPE], sample(cls).wire()) == []


def missing(given: Any, kept: Any, path: str = "") -> list[str]:
    """Pointers to what is in `given` and not the same in `kept`."""
    if isinstance(given, dict) and isinstance(kept, dict):
        return [m for k in given for m in missing(given[k], kept.get(k, ...), f"{path}/{k}")]
    if isinstance(given, list) and isinstance(kept, list) and len(given) == len(kept):
        return [m for i, one in enumerate(given) for m in missing(one, kept[i], f"{path}/{i}")]
    return [] if given == kept else [path]


@every_message
def test_a_committed_sample_fits_the_committed_schema(cls: type[Message]) -> None:
    name = f"{cls.TYPE}.{cls.MAJOR}.json"
    described = json.loads((DOCS / "contracts" / "schemas" / name).read_text())
    payload = json.loads((DOCS / "contracts" / "samples" / name).read_text())
    Draft202012Validator.check_schema(described)
    validator = Draft202012Validator(described)
    validator.validate(payload)
    validator.validate({**payload, "a_later_field": 1})
    assert described["$id"] == urn(cls)


@every_message
def test_a_schema_refuses_a_sample_without_a_required_field(cls: type[Message]) -> None:
    described = schema(cls)
    validator = Draft202012Validator(described)
    payload = sample(cls).wire()
    for name in described["required"]:
        assert not validator.is_valid({k: v for k, v in payload.items() if k != name}), name


@every_message
def test_someone_says_each_message_on_each_of_its_topics(cls: type[Message]) -> None:
    channels = channels_of(cls)
    assert len(channels) == len(cls.TOPICS)
    assert all(set(senders(cls, channel)) <= set(channel.senders) for channel in channels)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    whole = document()
    found = list(references(whole))
    assert found
    for reference in found:
        place: Any = whole
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def references(value: Any) -> list[str]:
    """Every `$ref` in a document."""
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [r for part in value.values() for r in references(part)]
    return [r for part in value for r in references(part)] if isinstance(value, list) else []


def test_an_operation_names_only_messages_of_its_channel() -> None:
    whole = document()
    for name, operation in whole["operations"].items():
        channel = operation["channel"]["$ref"]
        assert operation["messages"], name
        assert all(m["$ref"].startswith(f"{channel}/messages/") for m in operation["messages"])


def test_checking_names_what_drifted_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 0
    capsys.readouterr()
    assert main(["--check", str(tmp_path)]) == 0
    changed = tmp_path / "contracts" / "schemas" / "sale.record.1.json"
    changed.write_text("{}\n")
    left_over = tmp_path / "contracts" / "samples" / "sale.forgotten.1.json"
    shutil.copy(changed, left_over)
    assert main(["--check", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert f"{changed} has drifted" in said
    assert f"{left_over} has drifted" in said
    assert changed.read_text() == "{}\n"


def test_writing_repairs_what_drifted_and_touches_nothing_else(tmp_path: Path) -> None:
    main([str(tmp_path)])
    other = tmp_path / "contracts" / "openapi.json"
    other.write_text("{}")
    (tmp_path / "messages.md").write_text("old")
    (tmp_path / "contracts" / "samples" / "sale.forgotten.1.json").write_text("{}")
    assert generated.write(tmp_path) == ["contracts/samples/sale.forgotten.1.json", "messages.md"]
    assert generated.drifted(tmp_path) == []
    assert other.read_text() == "{}"


def test_describing_the_messages_needs_no_messaging() -> None:
    program = (
        "import sys, brocante.contracts.generated as g; g.files();"
        "sys.exit(any(n.startswith(('brocante.messaging', 'aiokafka', 'faststream'))"
        " for n in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
