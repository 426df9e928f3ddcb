"""The words of docs/messages.md that no class can say."""

OPENING = """
# Messages

Everything Brocante says and hears over Kafka. Any program that reads and writes these takes part.
Written by `python -m brocante.contracts` from the classes in `brocante.contracts`, which also
writes [JSON Schemas](contracts/schemas), [samples](contracts/samples) and an
[AsyncAPI 3 document](contracts/asyncapi.json). The words are those of the
[glossary](glossary.md).
"""

ENVELOPE = """
## Envelope

CloudEvents 1.0. Brocante writes binary mode: attributes are record headers, the value is the
payload as JSON.
"""

MODES = """

Structured mode is read as well: a value of `application/cloudevents+json` (in `content-type`) that
holds the attributes, without `ce_`, and the payload in `data`. `data_base64` is not read.

Two records with the same `ce_id` and `ce_source` are one message. What a service says has an id
made from its cause, so that doing the work again gives the same id.
"""

TOPICS = """
## Topics

`brocante topics apply` makes them, with an optional prefix (`BROCANTE_TOPIC_PREFIX`) before each
name; nobody else creates topics. `apps` are any programs of yours.
"""

TOPICS_AFTER = """

All topics keyed by item have the same number of partitions. Nothing is compacted. A record key
that is missing or not the one above is read all the same on a command topic: only the order of
your own commands then is your affair. A message has 4 MiB at most.
"""

RULES = """
## Rules of conversation

* **Every command is answered**, on the events topic of the service asked, by at least one event
  whose `ce_causationid` is the command's id: what happened, or the present state when there was
  nothing to do, or `command.rejected`. Asked twice, it is answered twice and done once.
* **Unknown fields are ignored** when read and never written. New fields are optional. A change
  that breaks readers becomes a new major, beside the old one.
* **Money** is `{"amount": "1250.00", "currency": "EUR"}`. **Times** are RFC 3339 in UTC. An **id**
  has 1 to 128 of `A-Z a-z 0-9 . _ : -`. A **marketplace** has 1 to 32 of `a-z 0-9 -`, not starting
  with `-`. A field without a value is left out.
* **The dealer is in the envelope**, never in a payload.

A command is refused with one of these codes:

| service | `code` of `command.rejected` |
| --- | --- |
| sales | `unknown_sale`, `sale_already_canceled`, `sale_id_taken`, `invalid` |
| inventory | `unknown_item`, `item_sold`, `item_unavailable`, `item_deleted`, \
`item_out_of_stock`, `not_connected`, `unknown_marketplace`, `item_id_taken`, `link_taken`, \
`unknown_external_id`, `invalid` |
| marketplace-sync | `unknown_listing`, `unknown_task`, `unknown_marketplace`, `invalid` |
"""

DEAD_LETTERS = """
## Dead letters

A record that cannot be processed is copied to `dead-letters` byte for byte: value, key and
headers. Added to it are `x-error-code`, `x-error`, `x-origin` (`<topic>/<partition>/<offset>`),
`x-service` and `x-first-seen`. The gateway stores it, and it can be replayed alone or with all of
the same cause.

A `ce_*` or `content-type` header that is null or not UTF-8 makes a dead letter. Any other header
may hold anything and is left alone.

| `x-error-code` | what it means |
| --- | --- |
| `no_value` | the record has no value |
| `too_large` | the value has more than 4 MiB |
| `header_not_utf8` | one of our headers is null or not UTF-8 |
| `not_a_cloud_event` | an attribute is missing, empty, too long or not text |
| `bad_dealer` | `ce_dealerid` is not an id |
| `bad_time` | `ce_time` is not RFC 3339 with an offset |
| `unknown_schema` | `ce_dataschema` is not that of `ce_type` |
| `unknown_type` | there is no such message |
| `unknown_major` | there is no such major of it |
| `bad_json` | the value is not JSON |
| `invalid_payload` | a field is missing or wrong; `x-error` says which |
| `wrong_topic` | a command on a topic of commands whose reader does not take it |

A command that could be read so far that its envelope is known is answered too, by
`command.rejected` with `invalid`.
"""
