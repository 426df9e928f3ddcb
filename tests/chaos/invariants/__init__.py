"""The invariants I1 to I11, each a pure function from evidence to violations in plain words."""

from collections.abc import Callable, Mapping, Sequence

from tests.chaos.evidence import Evidence
from tests.chaos.invariants.accepted import accepted_is_applied
from tests.chaos.invariants.dead_letters import dead_letters_are_the_poison
from tests.chaos.invariants.dealers import dealers_never_meet
from tests.chaos.invariants.exposure import exposure_is_short
from tests.chaos.invariants.once import applied_once
from tests.chaos.invariants.outputs import outputs_have_stable_ids
from tests.chaos.invariants.oversold import one_sale_is_not_oversold
from tests.chaos.invariants.rest import everything_rests
from tests.chaos.invariants.sold import sold_is_off_sale
from tests.chaos.invariants.versions import versions_never_fork
from tests.chaos.invariants.windows import windows_are_kept

INVARIANTS: Mapping[str, tuple[str, Callable[[Evidence], Sequence[str]]]] = {
    "I1": ("accepted = applied + superseded + rejected + dead-lettered", accepted_is_applied),
    "I2": ("no message is applied twice to one document", applied_once),
    "I3": ("versions rise by one and never fork", versions_never_fork),
    "I4": ("outputs appear at least once, with stable ids", outputs_have_stable_ids),
    "I5": ("no sold item is put on sale; nothing is resurrected", sold_is_off_sale),
    "I6": ("a sale takes the other listings down in time", exposure_is_short),
    "I7": ("at rest: no lag, nothing unsent, every listing at rest", everything_rests),
    "I8": ("no rate window of a marketplace is exceeded", windows_are_kept),
    "I9": ("dead letters are the injected poison, byte for byte", dead_letters_are_the_poison),
    "I10": ("no dealer sees another's data", dealers_never_meet),
    "I11": (
        "of concurrent sales of one piece exactly one is not oversold",
        one_sale_is_not_oversold,
    ),
}


def violations(evidence: Evidence) -> dict[str, list[str]]:
    """Every violation, by the invariant's name."""
    return {name: list(check(evidence)) for name, (_, check) in INVARIANTS.items()}
