"""How WeCom seals what it calls back with: AES-256-CBC, signed by SHA-1. Pure.

Plain text is 16 random bytes, the length of the message (4 bytes, big-endian), the message, and whom it is for; padded by
PKCS#7 to blocks of 32 bytes, 32 more where nothing is missing. The key is 43 letters of base64; its first 16 bytes begin the
chain. Source: https://developer.work.weixin.qq.com/document/path/91144
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from huoshui.intake.wecom.types import Door, Tampered

_BLOCK: Final = 32
_HEAD: Final = 20  # random bytes and the length


def key_of(aes_key: str) -> bytes:
    """Raises Tampered for what is no EncodingAESKey."""
    try:
        # The last letter of the 43 carries two bits that mean nothing, and WeCom sets them
        key = base64.b64decode(f"{aes_key}=", validate=True)
    except (ValueError, binascii.Error) as error:
        raise Tampered from error
    if len(key) != 32:
        raise Tampered
    return key


def signature(token: str, timestamp: str, nonce: str, sealed: str) -> str:
    joined = "".join(sorted((token, timestamp, nonce, sealed)))
    return hashlib.sha1(joined.encode()).hexdigest()  # as the contract says


def opened(door: Door, *, msg_signature: str, timestamp: str, nonce: str, sealed: str) -> bytes:
    """The message. Raises Tampered where the signature, the padding or the receiver is wrong."""
    due = signature(door.token, timestamp, nonce, sealed)
    if not hmac.compare_digest(due.encode(), msg_signature.encode()):
        raise Tampered
    try:
        raw = base64.b64decode(sealed, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Tampered from error
    if not raw or len(raw) % 16:
        raise Tampered
    plain = _unpadded(_decrypted(key_of(door.aes_key), raw))
    size = int.from_bytes(plain[16:_HEAD], "big")
    message, receiver = plain[_HEAD : _HEAD + size], plain[_HEAD + size :]
    if len(message) != size or not hmac.compare_digest(receiver, door.corp_id.encode()):
        raise Tampered
    return message


def sealed(door: Door, message: bytes) -> str:
    """As WeCom seals; what simulators and tests send."""
    plain = secrets.token_bytes(16) + len(message).to_bytes(4, "big") + message + door.corp_id.encode()
    missing = _BLOCK - len(plain) % _BLOCK
    key = key_of(door.aes_key)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    raw = encryptor.update(plain + bytes([missing]) * missing) + encryptor.finalize()
    return base64.b64encode(raw).decode()


def _decrypted(key: bytes, raw: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    return decryptor.update(raw) + decryptor.finalize()


def _unpadded(plain: bytes) -> bytes:
    missing = plain[-1]
    if (
        not 1 <= missing <= _BLOCK
        or len(plain) < _HEAD + missing
        or plain[-missing:] != bytes([missing]) * missing
    ):
        raise Tampered
    return plain[:-missing]
