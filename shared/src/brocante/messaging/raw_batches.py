"""Batches through FastStream as they came: it neither parses nor acknowledges them."""

from typing import Any

from faststream.kafka import KafkaMessage


async def unparsed(records: Any) -> KafkaMessage:
    """FastStream's parser: the records are carried along."""
    return KafkaMessage(
        body=b"", raw_message=records, consumer=_NO_CONSUMER, headers={}, reply_to=""
    )


async def undecoded(message: Any) -> Any:
    """FastStream's decoder: what the handler gets are the records."""
    return message.raw_message


class _NoConsumer:
    """FastStream's acknowledgement is not used: commits are explicit."""

    async def commit(self) -> None:
        """Nothing."""

    def seek(self, partition: Any, offset: int) -> None:
        """Nothing."""


_NO_CONSUMER = _NoConsumer()
