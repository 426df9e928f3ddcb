"""Recording targets: the last intent wins (rule R8)."""

from datetime import timedelta

from msgspec.structs import replace

from marketplace_sync.domain import intake
from marketplace_sync.domain.intake import Repeated, Superseded
from marketplace_sync.domain.listing import Cause, Listing, Seen, Trouble
from tests.support.worker_listings import CONTENT, NOW, OTHER, listed, waiting, wanted

LATER = NOW + timedelta(minutes=1)


def test_a_first_target_is_recorded_and_due_at_once() -> None:
    taken = intake.want(None, "lamp", wanted(intent=3), NOW)
    assert (taken.listing.intent, taken.listing.open, taken.listing.due_at) == (3, True, NOW)
    assert taken.says == ()


def test_an_older_target_is_dropped_and_said_to_be_superseded() -> None:
    known = waiting(intent=5, wanted=wanted("inactive", 5))
    taken = intake.want(known, "lamp", wanted(intent=4), NOW)
    assert taken.listing == known
    assert taken.says == (Superseded(4, "activate", 5, (Cause("c4"),)),)


def test_a_waiting_target_that_is_overtaken_is_said_to_be_superseded_to_whoever_asked() -> None:
    taken = intake.want(waiting(), "lamp", wanted("inactive", 2), LATER)
    assert taken.says == (Superseded(1, "activate", 2, (Cause("c1"),)),)
    assert (taken.listing.wanted, taken.listing.due_at) == (wanted("inactive", 2), LATER)


def test_a_target_that_is_done_is_not_superseded_by_the_next_one() -> None:
    done = listed(open=False, due_at=None)
    assert intake.want(done, "lamp", wanted("inactive", 2), NOW).says == ()


def test_an_equal_target_that_is_done_is_answered_again_and_calls_nothing() -> None:
    outcome: tuple[str, dict[str, object]] = ("listing.activated", {"item_id": "lamp"})
    done = listed(open=False, due_at=None, outcome=outcome)
    taken = intake.want(done, "lamp", wanted(), LATER)
    assert taken.listing == done
    assert taken.says == (Repeated(outcome),)


def test_an_equal_target_that_still_waits_is_answered_to_everyone_when_it_is_done() -> None:
    backing_off = waiting(due_at=LATER, trouble=Trouble(attempts=4))
    taken = intake.want(backing_off, "lamp", wanted(cause=Cause("c9")), NOW)
    both = wanted(cause=Cause("c9"), also=(Cause("c1"),))
    assert taken.says == ()
    assert taken.listing == replace(backing_off, wanted=both)
    overtaken = intake.want(taken.listing, "lamp", wanted("inactive", 2), NOW)
    assert overtaken.says == (Superseded(1, "activate", 2, (Cause("c9"), Cause("c1"))),)


def test_the_same_command_again_waits_only_once() -> None:
    taken = intake.want(waiting(), "lamp", wanted(), LATER)
    assert taken.listing == waiting()


def test_a_retry_of_what_still_waits_leaves_nobody_unanswered() -> None:
    retried = intake.retry(waiting(), Cause("c8"), NOW)
    assert retried.wanted == wanted(cause=Cause("c8"), also=(Cause("c1"),))


def test_a_newer_target_unblocks_but_keeps_the_doubt_about_an_earlier_call() -> None:
    troubled = waiting(trouble=Trouble(attempts=7, doubt=1, blocked=True, same=3, fingerprint="f"))
    taken = intake.want(troubled, "lamp", wanted("inactive", 2), NOW)
    assert taken.listing.trouble == Trouble(doubt=1)


def test_what_is_shown_is_not_trusted_once_an_open_target_was_overtaken() -> None:
    # The call for it may be under way: showing CONTENT before says nothing about afterwards.
    editing = listed(wanted=wanted(content=OTHER), open=True)
    taken = intake.want(editing, "lamp", wanted(intent=2, content=CONTENT), NOW)
    assert taken.listing.shown_content is None


def test_what_is_shown_is_still_known_when_the_target_before_was_done() -> None:
    done = listed(open=False)
    taken = intake.want(done, "lamp", wanted(intent=2), NOW)
    assert taken.listing.shown_content == done.shown_content


def test_linking_reads_the_listing_and_answers_whoever_asked() -> None:
    linked = intake.link(None, "lamp", "x9", 4, Cause("c4"), NOW)
    assert linked.link is not None
    assert (linked.link.external_id, linked.intent, linked.due_at) == ("x9", 4, NOW)
    assert linked.checks == (Cause("c4"),)
    assert linked.wanted is None


def test_linking_another_listing_forgets_what_the_earlier_one_showed() -> None:
    linked = intake.link(listed(open=False), "lamp", "x9", 2, Cause("c2"), NOW)
    assert (linked.seen, linked.shown_content) == (Seen(), None)
    assert linked.link is not None
    assert linked.link.steps == {}


def test_linking_the_same_listing_again_forgets_nothing() -> None:
    known = listed(open=False)
    linked = intake.link(known, "lamp", "x1", 0, Cause("c2"), NOW)
    assert (linked.link, linked.seen, linked.intent) == (known.link, known.seen, known.intent)


def test_a_check_without_a_command_reads_once_and_answers_nobody() -> None:
    once = intake.check(listed(open=False), None, "webhook", NOW)
    assert once.checks == (Cause(""),)
    assert intake.check(once, None, "webhook", NOW).checks == (Cause(""),)
    assert intake.check(once, Cause("c2"), "read_back", NOW).checks == (Cause(""), Cause("c2"))


def test_an_operators_retry_makes_a_blocked_target_due_and_is_its_cause() -> None:
    blocked = waiting(open=False, due_at=None, trouble=Trouble(blocked=True, same=3))
    retried = intake.retry(blocked, Cause("c8"), NOW)
    assert (retried.open, retried.due_at, retried.trouble) == (True, NOW, Trouble())
    assert retried.wanted == wanted(cause=Cause("c8"))


def test_an_operators_retry_does_not_skip_reading_back_what_is_in_doubt() -> None:
    assert intake.retry(waiting(trouble=Trouble(doubt=2)), None, NOW).trouble.doubt == 2


def test_a_retry_without_a_target_has_nothing_to_try() -> None:
    assert not intake.retry(Listing("lamp"), None, NOW).open
