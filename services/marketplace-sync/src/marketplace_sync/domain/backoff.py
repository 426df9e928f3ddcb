"""How long to wait before trying again (reconcile rules 5 and 6); times in seconds."""

FIRST = 1.0
LONGEST_OFF_SALE = 10.0
LONGEST = 300.0
GIVE_UP_AFTER = 24 * 3600.0
READ_BACK_AT = (1.0, 10.0, 60.0)
READ_BACKS = len(READ_BACK_AT)


def delay(attempts: int, *, off_sale: bool, draw: float) -> float:
    """Full-jitter exponential backoff; `draw` is random in [0, 1).

    The first wait is 1 s at most. Taking off sale waits 10 s at most and never gives up; the rest
    5 min at most.
    """
    longest = LONGEST_OFF_SALE if off_sale else LONGEST
    ceiling = min(longest, FIRST * 2.0 ** min(max(attempts - 1, 0), 16))
    return max(0.05, draw * ceiling)


def read_back(doubt: int) -> float:
    """Seconds until the next read-back, after `doubt` of them: at 1, 10 and 60 s, then every 60."""
    if doubt >= READ_BACKS:
        return READ_BACK_AT[-1]
    return READ_BACK_AT[doubt] - (READ_BACK_AT[doubt - 1] if doubt else 0.0)
