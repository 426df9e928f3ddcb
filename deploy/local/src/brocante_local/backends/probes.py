"""Whether a server answers its own protocol: one small request over a fresh connection."""

import socket
import struct

SECONDS = 1.0
KAFKA_API_VERSIONS = 18
MONGO_OP_MSG = 2013
LENGTH_BYTES = 4


def kafka_answers(host: str, port: int) -> bool:
    """Ask for ApiVersions v0 and see whether an answer to it comes back."""
    client = b"brocante"
    body = struct.pack(">hhih", KAFKA_API_VERSIONS, 0, 1, len(client)) + client
    answer = _ask(host, port, struct.pack(">i", len(body)) + body)
    return answer is not None and struct.unpack(">i", answer[4:8]) == (1,)


def mongo_answers(host: str, port: int) -> bool:
    """Say `hello` and see whether an answer to it comes back."""
    elements = b"\x10hello\x00" + struct.pack("<i", 1) + b"\x02$db\x00"
    elements += struct.pack("<i", 6) + b"admin\x00"
    document = struct.pack("<i", len(elements) + 5) + elements + b"\x00"
    body = struct.pack("<iiii", 1, 0, MONGO_OP_MSG, 0) + b"\x00" + document
    answer = _ask(host, port, struct.pack("<i", len(body) + LENGTH_BYTES) + body)
    return answer is not None and struct.unpack("<i", answer[8:12]) == (1,)


def _ask(host: str, port: int, request: bytes) -> bytes | None:
    """The first bytes of the answer, twelve at least; None when there is none."""
    try:
        with socket.create_connection((host, port), SECONDS) as connection:
            connection.sendall(request)
            answer = b""
            while len(answer) < 3 * LENGTH_BYTES:
                received = connection.recv(4096)
                if not received:
                    return None
                answer += received
            return answer
    except OSError:
        return None
