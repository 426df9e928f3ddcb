"""Ids of outputs: version 5 UUIDs of what they come from (docs/messages.md, Envelope)."""

import uuid

import pytest

from brocante.contracts.ids import (
    COMMANDS,
    DOCUMENTS,
    OUTPUTS,
    command_id,
    output_id,
    own_output_id,
)


@pytest.mark.parametrize("n", range(64))
def test_an_id_is_the_version_5_uuid_of_what_it_comes_from(n: int) -> None:
    caused = uuid.uuid5(OUTPUTS, f"app\x1fc{n}\x1fStühle\x1fsale.recorded\x1f{n}")
    assert output_id("app", f"c{n}", "Stühle", "sale.recorded", n) == str(caused)
    own = uuid.uuid5(DOCUMENTS, f"items/main/a\x1f{n}\x1f2")
    assert own_output_id("items/main/a", n, 2) == str(own)
    asked = uuid.uuid5(COMMANDS, f"main\x1fkey{n}\x1fonce")
    assert command_id("main", f"key{n}", "once") == str(asked)
