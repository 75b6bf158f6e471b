"""Workbooks of Excel 97 to 2003 that Excel itself opens without asking for a password.

Protecting a workbook against writing encrypts it with a password that every Excel knows. Sources:
Microsoft, [MS-OFFCRYPTO] 2.3.6 and 2.3.5 (keys), [MS-XLS] 2.2.10 (what is encrypted).
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from urban_resilience.intake.reading.compound_file import Damaged, stream_spans

KNOWN_PHRASE = "VelvetSweatshop"
BLOCK = 1024
_FILE_PASS, _SHEET, _HARMLESS = 0x2F, 0x85, 0x5C
# BOF, FilePass, InterfaceHdr, UsrExcl, FileLock, RRDInfo, RRDHead.
_PLAIN = frozenset({0x809, _FILE_PASS, 0xE1, 0x194, 0x195, 0x196, 0x138})
Key = Callable[[int], bytes]


def unprotected(path: Path) -> io.BytesIO | None:
    """Return the workbook without its default protection; None where it has another password."""
    data = bytearray(path.read_bytes())
    try:
        spans = stream_spans(bytes(data), ("Workbook", "Book"))
    except Damaged:
        return None
    stream = b"".join(bytes(data[start : start + size]) for start, size in spans)
    key = next((_key(body) for number, _, body in records(stream) if number == _FILE_PASS), None)
    if key is None:
        return None
    plain = decrypted(stream, key)
    for start, size in spans:
        data[start : start + size], plain = plain[:size], plain[size:]
    return io.BytesIO(bytes(data))


def decrypted(stream: bytes, key: Key) -> bytes:
    """Take the encryption out of a stream of records; the same puts it in."""
    secret = b"".join(
        rc4(key(start // BLOCK), stream[start : start + BLOCK])
        for start in range(0, len(stream), BLOCK)
    )
    plain = bytearray(stream)
    for number, start, body in records(stream):
        if number == _FILE_PASS:
            plain[start - 4 : start - 2] = struct.pack("<H", _HARMLESS)
        if number in _PLAIN:
            continue
        # The place of a sheet in the stream stays readable.
        first = start + (4 if number == _SHEET else 0)
        plain[first : start + len(body)] = secret[first : start + len(body)]
    return bytes(plain)


def records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield number, place and contents of each record."""
    at = 0
    while at + 4 <= len(stream):
        number, size = struct.unpack_from("<HH", stream, at)
        yield number, at + 4, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _key(body: bytes) -> Key | None:
    """Return the keys of the blocks, where the default password is that of the file."""
    try:
        kind, major, minor = struct.unpack_from("<HHH", body)
        if (kind, major, minor) == (1, 1, 1):
            salt, verifier = body[6:22], body[22:54]
            return _if_right(rc4_key(KNOWN_PHRASE, salt), verifier, hashlib.md5)
        if kind == 1 and major in (2, 3, 4) and minor == 2:
            size = struct.unpack_from("<I", body, 10)[0]
            bits = struct.unpack_from("<I", body, 14 + 16)[0] or 40
            at = 14 + size + 4
            salt = body[at : at + 16]
            verifier = body[at + 16 : at + 32] + body[at + 36 : at + 56]
            return _if_right(cryptoapi_key(KNOWN_PHRASE, salt, bits), verifier, hashlib.sha1)
    except struct.error:
        return None
    return None


def _if_right(key: Key, verifier: bytes, digest: Callable[..., hashlib._Hash]) -> Key | None:
    plain = rc4(key(0), verifier)
    return key if digest(plain[:16], usedforsecurity=False).digest() == plain[16:] else None


def rc4_key(password: str, salt: bytes) -> Key:
    """Return the keys of the blocks by the first method, of Excel 97."""
    first = _md5(password.encode("utf-16-le"))[:5]
    second = _md5((first + salt) * 16)[:5]
    return lambda block: _md5(second + struct.pack("<I", block))


def cryptoapi_key(password: str, salt: bytes, bits: int) -> Key:
    """Return the keys of the blocks by the second method, of Excel 2002."""
    first = _sha1(salt + password.encode("utf-16-le"))

    def key(block: int) -> bytes:
        secret = _sha1(first + struct.pack("<I", block))[: bits // 8]
        return secret + bytes(11) if bits == 40 else secret

    return key


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()


def rc4(key: bytes, data: bytes) -> bytes:
    """Encrypt or decrypt with RC4."""
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) & 255
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in data:
        i = (i + 1) & 255
        at_i = state[i]
        j = (j + at_i) & 255
        at_j = state[j]
        state[i], state[j] = at_j, at_i
        out.append(byte ^ state[(at_i + at_j) & 255])
    return bytes(out)
