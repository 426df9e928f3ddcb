"""The fold: in order, once each, answered again, parked behind a bug."""

from brocante.contracts.answers import CommandRejected
from brocante.contracts.envelope import decode
from brocante.documents.document import Document, Journal, Output, from_bson, to_bson
from brocante.messaging.deciding import Decision, Outgoing, Route
from brocante.messaging.folding import Fold, Folded, Routed
from brocante.messaging.journal import DIGEST_BYTES, REMEMBERED, Known, digest, find
from brocante.messaging.outputs import Speaker
from brocante.messaging.wire import Received
from tests.support import toy

SPEAKER = Speaker.of(toy.TABLE, "")
FIRST_EPOCH = Known(1)


def fold(
    document: Document, *messages: Received, known: Known = FIRST_EPOCH, route: Route = toy.RECORD
) -> Folded:
    one = Fold(document, SPEAKER, toy.NOW, known)
    for message in messages:
        one.apply(Routed.of(message, route))
    return one.result()


def saved(folded: Folded) -> Document:
    assert folded.document is not None
    return from_bson(to_bson(folded.document, b"write"))


def counts(outputs: list[Output]) -> list[int]:
    messages = [decode(output.value, output.headers).message for output in outputs]
    return [getattr(message, "sale_version", 0) for message in messages]


def ids(outputs: list[Output]) -> list[str]:
    return [decode(output.value, output.headers).envelope.id for output in outputs]


def test_messages_of_one_document_are_applied_in_order_in_one_write() -> None:
    folded = fold(
        Document("main/s1"),
        toy.received(toy.record_sale(note="a"), "1", offset=0),
        toy.received(toy.record_sale(note="b"), "2", offset=1),
    )
    assert saved(folded).version == 1
    assert saved(folded).state == '{"count":2,"notes":["a","b"]}'
    assert counts(folded.outputs) == [1, 2]


def test_the_same_message_twice_in_a_batch_is_applied_once() -> None:
    twice = toy.received(toy.record_sale(), "1")
    folded = fold(Document("main/s1"), twice, twice)
    assert counts(folded.outputs) == [1]
    assert len(folded.duplicates) == 1


def test_a_redelivered_message_changes_nothing_and_its_outputs_are_published_again() -> None:
    message = toy.received(toy.record_sale(), "1")
    first = fold(Document("main/s1"), message)
    again = fold(saved(first), message)
    assert again.document is None
    assert again.repeated == first.outputs


def test_redoing_a_fold_yields_the_same_ids() -> None:
    message = toy.received(toy.record_sale(), "1")
    ours = fold(Document("main/s1"), message)
    redone = fold(Document("main/s1"), message)
    assert ids(ours.outputs) == ids(redone.outputs)


def test_outputs_are_kept_until_a_later_write_knows_their_offset_to_be_committed() -> None:
    first = fold(Document("main/s1"), toy.received(toy.record_sale(), "1", offset=7))
    later = toy.received(toy.record_sale(), "2", offset=8)
    not_committed = Known(1, {("sales.commands", 0): 7})
    committed = Known(1, {("sales.commands", 0): 8})
    assert len(saved(fold(saved(first), later, known=not_committed)).journal.recent) == 2
    assert len(saved(fold(saved(first), later, known=committed)).journal.recent) == 1


def test_offsets_of_an_earlier_epoch_prove_nothing_until_its_resync_is_done() -> None:
    first = fold(Document("main/s1"), toy.received(toy.record_sale(), "1", epoch=1, offset=7))
    later = toy.received(toy.record_sale(), "2", epoch=2, offset=8)
    other_epoch = Known(2, {("sales.commands", 0): 100})
    resynced = Known(2, {("sales.commands", 0): 100}, resynced=2)
    assert len(saved(fold(saved(first), later, known=other_epoch)).journal.recent) == 2
    assert len(saved(fold(saved(first), later, known=resynced)).journal.recent) == 1


def test_a_command_asked_again_long_after_is_answered_with_the_present_state() -> None:
    asked = toy.received(toy.record_sale(), "1", offset=0)
    document = saved(fold(Document("main/s1"), asked))
    known = Known(1, {("sales.commands", 0): 50})
    document = saved(fold(document, toy.received(toy.record_sale(), "2", offset=49), known=known))
    again = fold(document, asked, known=known)
    assert again.document is None
    assert counts(again.repeated) == [2]


def test_a_record_delivered_again_is_not_taken_for_a_question() -> None:
    silent = Route(
        toy.RECORD.message,
        toy.TALLIES,
        toy.address,
        lambda state, _received, _now: Decision(state or toy.Tally(1), ()),
        toy.answer,
    )
    message = toy.received(toy.record_sale(), "1", offset=7)
    document = saved(fold(Document("main/s1"), message, route=silent))
    assert fold(document, message, route=silent).repeated == []
    sent_again = toy.received(toy.record_sale(), "1", offset=8)
    assert len(fold(document, sent_again, route=silent).repeated) == 1


def test_answers_of_different_states_to_one_question_have_different_ids() -> None:
    asked = toy.received(toy.record_sale(), "1", offset=0)
    known = Known(1, {("sales.commands", 0): 50})
    document = saved(fold(Document("main/s1"), asked))
    document = saved(fold(document, toy.received(toy.record_sale(), "2", offset=49), known=known))
    alone = fold(document, asked, known=known)
    behind = fold(document, toy.received(toy.record_sale(), "3", offset=51), asked, known=known)
    assert (counts(alone.repeated), counts(behind.repeated)) == ([2], [3])
    assert ids(alone.repeated) != ids(behind.repeated)


def test_the_same_state_told_twice_to_one_question_has_one_id_whatever_was_refused_between() -> (
    None
):
    asked = toy.received(toy.record_sale(), "1", offset=0)
    document = saved(fold(Document("main/s1"), asked))
    refuse = Route(
        toy.RECORD.message,
        toy.TALLIES,
        toy.address,
        lambda state, _received, _now: Decision(state, ()),
        toy.answer,
    )
    copies = [toy.received(toy.record_sale(), "1", offset=offset) for offset in (50, 52)]
    refused = toy.received(toy.record_sale(), "2", offset=51)
    known = Known(1, {("sales.commands", 0): 50})
    document = saved(fold(document, toy.received(toy.record_sale(), "3", offset=49), known=known))
    told = fold(document, copies[0], refused, copies[1], known=known, route=refuse).repeated
    assert counts(told) == [2, 2]
    assert len(set(ids(told))) == 1


def test_a_refusal_asked_again_is_answered_with_the_same_refusal() -> None:
    refused = CommandRejected(command_id="1", command_type="sale.record", code="no", message="No.")
    refuse = Route(
        toy.RECORD.message,
        toy.TALLIES,
        toy.address,
        lambda state, _received, _now: Decision(state, (Outgoing(refused),)),
    )
    asked = toy.received(toy.record_sale(), "1", offset=0)
    first = fold(Document("main/s1"), asked, route=refuse)
    known = Known(1, {("sales.commands", 0): 50})
    later = fold(saved(first), toy.received(toy.record_sale(), "2", offset=49), known=known)
    assert fold(saved(later), asked, known=known).repeated == first.outputs


def test_the_ids_of_the_last_256_commands_are_remembered() -> None:
    document = Document("main/s1")
    for n in range(REMEMBERED + 10):
        known = Known(1, {("sales.commands", 0): n})
        message = toy.received(toy.record_sale(), str(n), offset=n)
        document = saved(fold(document, message, known=known))
    remembered = [toy.received(toy.record_sale(), str(n)).envelope for n in range(266)]
    assert [find(document.journal, digest(e)) is None for e in remembered].count(True) == 9
    assert len(document.journal.applied) == REMEMBERED * DIGEST_BYTES


def test_a_digest_is_found_only_where_one_begins() -> None:
    straddling = bytes(range(8, 24))
    journal = Journal(applied=bytes(range(32)))
    assert find(journal, straddling) is None
    assert find(journal, bytes(range(16, 32))) == ()


def test_a_decider_that_raises_parks_its_document_and_what_comes_behind() -> None:
    folded = fold(
        Document("main/s1"),
        toy.received(toy.record_sale(note="a"), "1"),
        toy.received(toy.record_sale(note="bug"), "2", offset=1),
        toy.received(toy.record_sale(note="c"), "3", offset=2),
    )
    assert [unapplied.code for unapplied in folded.unapplied] == ["decider_failed", "parked"]
    assert saved(folded).state == '{"count":1,"notes":["a"]}'
    assert len(saved(folded).parked) == 2


def test_replaying_dead_letters_in_order_unparks_a_document() -> None:
    parked = saved(
        fold(
            Document("main/s1"),
            toy.received(toy.record_sale(note="bug"), "1"),
            toy.received(toy.record_sale(note="c"), "2", offset=1),
        )
    )
    replay = [("x-replay", b"1")]
    mended = toy.received(toy.record_sale(note="mended"), "1", offset=5, extra_headers=replay)
    behind = toy.received(toy.record_sale(note="c"), "2", offset=6, extra_headers=replay)
    out_of_order = fold(parked, behind)
    assert [unapplied.code for unapplied in out_of_order.unapplied] == ["parked"]
    unparked = saved(fold(parked, mended, behind))
    assert unparked.parked == ()
    assert unparked.state == '{"count":2,"notes":["mended","c"]}'
