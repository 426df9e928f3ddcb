"""A parked document: what comes behind waits, and only a replay in order lets it go on."""

from brocante.documents.document import Document, Journal, from_bson, to_bson
from brocante.messaging.folding import Fold, Folded, Routed
from brocante.messaging.journal import Known, find
from brocante.messaging.outputs import Speaker
from brocante.messaging.wire import Received
from tests.support import toy

REPLAY = [("x-replay", b"1")]


def fold(document: Document, *messages: Received) -> Folded:
    one = Fold(document, Speaker.of(toy.TABLE, ""), toy.NOW, Known(1))
    for message in messages:
        one.apply(Routed.of(message, toy.RECORD))
    return one.result()


def saved(folded: Folded) -> Document:
    assert folded.document is not None
    return from_bson(to_bson(folded.document, b"write"))


def parked() -> Document:
    bug = toy.received(toy.record_sale(note="bug"), "1")
    return saved(fold(Document("main/s1"), bug, toy.received(toy.record_sale(), "2", offset=1)))


def test_a_document_parked_by_its_first_message_holds_nothing_but_the_two_ids() -> None:
    document = parked()
    assert (document.version, document.state, len(document.parked)) == (1, None, 2)
    assert document.journal.recent == ()


def test_the_same_message_delivered_again_is_no_replay_and_is_parked_once() -> None:
    again = toy.received(toy.record_sale(note="mended"), "1", extra_headers=[("x-other", b"1")])
    folded = fold(parked(), again)
    assert folded.document is None
    (unapplied,) = folded.unapplied
    assert (unapplied.code, unapplied.received) == ("parked", again)
    assert unapplied.detail == "an earlier message of this document could not be applied"


def test_a_replay_that_fails_again_stays_first_in_line() -> None:
    document = parked()
    again = toy.received(toy.record_sale(note="bug"), "1", extra_headers=REPLAY)
    folded = fold(document, again)
    assert [one.code for one in folded.unapplied] == ["decider_failed"]
    assert folded.unapplied[0].detail == "ZeroDivisionError: a bug in a decider"
    assert folded.document is None


def test_after_the_first_is_replayed_the_rest_still_waits_for_its_own() -> None:
    document = parked()
    first = toy.received(toy.record_sale(note="mended"), "1", extra_headers=REPLAY)
    after = saved(fold(document, first, toy.received(toy.record_sale(), "3", offset=7)))
    assert after.state == '{"count":1,"notes":["mended"]}'
    assert len(after.parked) == 2
    assert after.parked[0] == document.parked[1]


def test_a_digest_right_behind_one_that_only_looks_like_it_is_found() -> None:
    wanted = bytes(16)
    assert find(Journal(applied=b"\x01" * 15 + b"\x00" + wanted), wanted) == ()


def test_a_state_this_process_has_as_an_object_is_not_read_again() -> None:
    known = toy.Tally(7)
    document = Document("main/s1", state='{"count":1,"notes":[]}', value=known)
    assert toy.TALLIES.read(document) is known
    assert toy.TALLIES.read(document._replace(value=None)) == toy.Tally(1)
    assert toy.TALLIES.read(Document("main/s1")) is None
