"""The three ways marketplaces sign webhooks, and the keys, which depend on the seed alone.

Sources: Shopify "Verify webhooks" (base64 HMAC-SHA256 of the raw body), the Standard Webhooks
specification (Etsy), eBay's event notification SDKs (ECDSA P-256 over SHA-1, key by `kid`).
"""

import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def shopify(secret: str, body: bytes) -> str:
    """`X-Shopify-Hmac-Sha256`."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def standard(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`webhook-signature`; the secret is `whsec_` and base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def ebay(key: ec.EllipticCurvePrivateKey, kid: str, body: bytes) -> str:
    """`X-EBAY-SIGNATURE`."""
    signature = key.sign(body, ec.ECDSA(hashes.SHA1()))  # noqa: S303 - eBay's scheme has SHA-1
    header = {
        "alg": "ecdsa",
        "kid": kid,
        "signature": base64.b64encode(signature).decode(),
        "digest": "SHA1",
    }
    return base64.b64encode(json.dumps(header, separators=(",", ":")).encode()).decode()


def private_key(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """The key that belongs to 32 secret bytes."""
    return ec.derive_private_key(int.from_bytes(secret) % (ORDER - 1) + 1, CURVE)


def private_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """PKCS #8, as the control API shows it."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def public_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """One line without breaks, as eBay's public key call answers it."""
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return "".join(pem.decode().splitlines())
