"""What a service says: whose, about what, because of what, where to, and always the same id."""

from datetime import UTC, datetime

import pytest

from brocante.contracts.answers import CommandRejected
from brocante.contracts.envelope import Envelope, decode
from brocante.contracts.ids import output_id, own_output_id
from brocante.messaging.deciding import Outgoing
from brocante.messaging.outputs import Speaker, recalled, remembered, wires
from tests.support import toy

SPEAKER = Speaker("brocante/toy", "sales.events", "p.")
LATER = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ASKED = Envelope(
    id="c1",
    source="app",
    type="sale.record",
    time=toy.NOW,
    subject="asked",
    dealer="anna",
    correlation_id="first",
    causation_id="before",
    actor="anna",
    traceparent="00-trace",
)
RECORDED = toy.recorded("s1", 1)
REJECTED = CommandRejected(command_id="c1", command_type="sale.record", code="no", message="No.")


def said(outgoing: Outgoing, at: Envelope = ASKED) -> Envelope:
    return SPEAKER.answer(at, outgoing, 0, LATER)[0]


def test_an_answer_belongs_to_the_dealer_and_the_story_of_what_it_answers() -> None:
    assert said(Outgoing(RECORDED)) == Envelope(
        id=output_id("app", "c1", "s1", "sale.recorded", 0),
        source="brocante/toy",
        type="sale.recorded",
        time=LATER,
        subject="s1",
        dealer="anna",
        correlation_id="first",
        causation_id="c1",
        actor="anna",
        traceparent="00-trace",
    )


def test_the_message_that_began_a_story_gives_it_its_name() -> None:
    assert said(Outgoing(RECORDED), ASKED._replace(correlation_id=None)).correlation_id == "c1"


def test_what_the_decider_says_of_an_output_comes_before_what_it_answers() -> None:
    given = said(
        Outgoing(
            RECORDED,
            subject="other",
            causation="cause",
            correlation="story",
            actor="timer",
            traceparent="00-other",
        )
    )
    assert (given.subject, given.causation_id, given.correlation_id) == ("other", "cause", "story")
    assert (given.actor, given.traceparent) == ("timer", "00-other")


def test_an_answer_about_nothing_of_its_own_is_about_what_was_asked() -> None:
    assert said(Outgoing(REJECTED)).subject == "asked"
    nothing = said(Outgoing(REJECTED), ASKED._replace(subject=None))
    assert nothing.subject is None
    assert nothing.id == output_id("app", "c1", "", "command.rejected", 0)


def test_every_output_of_a_message_has_an_id_of_its_own_and_always_the_same() -> None:
    first, _ = SPEAKER.answer(ASKED, Outgoing(RECORDED), 0, LATER)
    second, _ = SPEAKER.answer(ASKED, Outgoing(RECORDED), 1, LATER)
    again, _ = SPEAKER.answer(ASKED, Outgoing(RECORDED), 0, toy.NOW)
    assert first.id != second.id
    assert first.id == again.id


def test_an_answer_given_again_at_a_later_version_has_another_id() -> None:
    asked_again, output = SPEAKER.answer(ASKED, Outgoing(RECORDED), 0, LATER, again="7")
    assert asked_again.id == output_id("app", "c1", "s1", "sale.recorded@7", 0)
    assert asked_again.type == "sale.recorded"
    assert decode(output.value, output.headers).envelope == asked_again


def test_an_answer_names_the_major_of_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(RECORDED), "MAJOR", 2)
    assert said(Outgoing(RECORDED)).major == 2
    assert SPEAKER.own("sales", "anna/s1", 4, Outgoing(RECORDED), 0, LATER)[0].major == 2
    assert recalled({"id": "1", "time": LATER}, "toy", "anna", RECORDED).major == 2


def test_what_no_message_caused_is_named_after_its_document_and_version() -> None:
    given = Outgoing(
        RECORDED, causation="cause", correlation="story", actor="timer", traceparent="00-t"
    )
    envelope, output = SPEAKER.own("sales", "anna/s1", 4, given, 2, LATER)
    assert envelope == Envelope(
        id=own_output_id("sales/anna/s1", 4, 2),
        source="brocante/toy",
        type="sale.recorded",
        time=LATER,
        subject="s1",
        dealer="anna",
        correlation_id="story",
        causation_id="cause",
        actor="timer",
        traceparent="00-t",
    )
    assert decode(output.value, output.headers).envelope == envelope
    other, _ = SPEAKER.own("sales", "anna/s1/x", 4, Outgoing(RECORDED, subject="other"), 2, LATER)
    assert (other.subject, other.dealer) == ("other", "anna")
    elsewhere, _ = SPEAKER.own("webhooks", "anna/s1", 4, given, 2, LATER)
    assert elsewhere.id != envelope.id


def test_a_record_is_keyed_by_dealer_and_what_it_is_about() -> None:
    _, by_message = SPEAKER.answer(ASKED, Outgoing(RECORDED), 0, LATER)
    _, given = SPEAKER.answer(ASKED, Outgoing(RECORDED, key="given"), 0, LATER)
    _, by_subject = SPEAKER.answer(ASKED, Outgoing(REJECTED), 0, LATER)
    nothing, by_id = SPEAKER.answer(ASKED._replace(subject=None), Outgoing(REJECTED), 0, LATER)
    assert (by_message.key, given.key) == (b"anna/chair", b"anna/given")
    assert (by_subject.key, by_id.key) == (b"anna/asked", f"anna/{nothing.id}".encode())


def test_a_record_goes_to_its_messages_topic_unless_another_is_given() -> None:
    _, own = SPEAKER.answer(ASKED, Outgoing(RECORDED), 0, LATER)
    _, given = SPEAKER.answer(ASKED, Outgoing(RECORDED, topic="inventory.events"), 0, LATER)
    assert (own.topic, given.topic) == ("p.sales.events", "p.inventory.events")


@pytest.mark.parametrize("own", ["sales.events", "inventory.events", "marketplace.events"])
def test_what_every_service_answers_with_goes_to_its_own_events(own: str) -> None:
    assert Speaker("toy", own).topic_of(REJECTED) == own


def test_a_service_without_events_of_its_own_uses_the_messages_first_topic() -> None:
    assert Speaker("toy", "elsewhere").topic_of(REJECTED) == "sales.events"
    assert Speaker("toy", "inventory.events").topic_of(RECORDED) == "sales.events"


def test_a_services_speaker_is_known_from_its_table() -> None:
    assert Speaker.of(toy.TABLE, "p.") == Speaker("brocante/toy", "sales.events", "p.")


def test_records_to_publish_are_what_was_encoded() -> None:
    _, output = SPEAKER.answer(ASKED, Outgoing(RECORDED), 0, LATER)
    (wire,) = wires([output])
    assert (wire.topic, wire.key) == (output.topic, output.key)
    assert (wire.value, tuple(wire.headers)) == (output.value, output.headers)
    assert decode(wire.value, wire.headers).message == RECORDED


def test_a_remembered_envelope_is_recalled_as_it_was() -> None:
    envelope = said(Outgoing(RECORDED))
    assert recalled(remembered(envelope), "brocante/toy", "anna", RECORDED) == envelope


def test_only_what_there_is_is_remembered() -> None:
    bare = Envelope("1", "brocante/toy", "sale.recorded", LATER)
    assert remembered(bare) == {"id": "1", "time": LATER}
    assert recalled(remembered(bare), "brocante/toy", "main", RECORDED) == bare
