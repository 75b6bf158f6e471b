"""Workbooks that Excel opens without asking, though they are encrypted."""

import hashlib
import struct

import pytest

from support.workbooks import OLD_EXCEL
from urban_resilience.intake.reading.compound_file import Damaged, stream_spans
from urban_resilience.intake.reading.excel_protection import (
    KNOWN_PHRASE,
    cryptoapi_key,
    decrypted,
    rc4,
    rc4_key,
    unprotected,
)
from urban_resilience.intake.reading.read_workbook import read_workbook
from urban_resilience.shared.problems import FileFault

SALT = bytes(range(16))
WRITE_ACCESS = 0x5C


def test_the_cipher_gives_its_published_vector():
    assert rc4(b"Key", b"Plaintext").hex() == "bbf316e8d940af0ad3"


def test_the_key_of_a_block_is_that_of_another_program():
    salt = b"\xe8w,\x1d\x91\xc5j7\x96Ga\xb2\x80\x182\x17"
    expected = b" \xbf2\xdd\xf5@\x85\x8cQ7D\xaf\x0f$\xe0<"
    assert rc4_key("password1", salt)(0) == expected


def first_method(password):
    key = rc4_key(password, SALT)
    verifier = bytes(range(100, 116))
    secret = rc4(key(0), verifier + hashlib.md5(verifier).digest())
    return key, struct.pack("<HHH", 1, 1, 1) + SALT + secret


def second_method(password, bits=128):
    key = cryptoapi_key(password, SALT, bits)
    verifier = bytes(range(100, 116))
    secret = rc4(key(0), verifier + hashlib.sha1(verifier).digest())
    header = struct.pack("<8I", 4, 0, 0x6801, 0x8004, bits, 1, 0, 0)
    start = struct.pack("<HHHII", 1, 4, 2, 4, len(header)) + header
    return key, start + struct.pack("<I", 16) + SALT + secret[:16] + struct.pack("<I", 20) + (
        secret[16:]
    )


def protect(method, password=KNOWN_PHRASE):
    """Encrypt an old workbook; a record that nobody needs makes room for how it is done."""
    key, how = method(password)
    data = bytearray(OLD_EXCEL.read_bytes())
    spans = stream_spans(bytes(data), ("Workbook",))
    stream = bytearray(b"".join(data[start : start + size] for start, size in spans))
    at = 0
    while struct.unpack_from("<H", stream, at)[0] != WRITE_ACCESS:
        at += 4 + struct.unpack_from("<H", stream, at + 2)[0]
    stream[at : at + 2] = struct.pack("<H", 0x2F)
    stream[at + 4 : at + 4 + len(how)] = how
    secret = bytearray(decrypted(bytes(stream), key))
    secret[at : at + 2] = struct.pack("<H", 0x2F)
    for start, size in spans:
        data[start : start + size], secret = secret[:size], secret[size:]
    return bytes(data)


METHODS = {
    "Excel 97": first_method,
    "Excel 2002": second_method,
    "Excel 2002, 40 bits": lambda password: second_method(password, 40),
}


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_the_default_protection_is_no_password(method, tmp_path):
    path = tmp_path / "a.xls"
    path.write_bytes(protect(method))
    found, expected = read_workbook(path, "a.xls"), read_workbook(OLD_EXCEL, "a.xls")
    assert [grid.rows for grid in found] == [grid.rows for grid in expected]


def test_a_password_of_ones_own_is_asked_for(tmp_path):
    path = tmp_path / "a.xls"
    path.write_bytes(protect(first_method, "secret"))
    assert unprotected(path) is None
    with pytest.raises(FileFault, match="protected by a password"):
        read_workbook(path, "a.xls")


def test_a_container_that_is_cut_off_is_damaged():
    data = OLD_EXCEL.read_bytes()
    with pytest.raises(Damaged):
        stream_spans(data[:600], ("Workbook",))
    with pytest.raises(Damaged):
        stream_spans(data, ("No such",))
