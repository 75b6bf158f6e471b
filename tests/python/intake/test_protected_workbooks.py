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
    records,
    unprotected,
)
from urban_resilience.intake.reading.old_comments import old_comments
from urban_resilience.intake.reading.old_styles import old_styles
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


def changed(tmp_path, number, change, workbook=b""):
    """An old workbook with one of its records changed, that of a sheet if there are several."""
    data = bytearray(workbook or OLD_EXCEL.read_bytes())
    spans = stream_spans(bytes(data), ("Workbook",))
    stream = bytearray(b"".join(data[start : start + size] for start, size in spans))
    places = [at for found, at, _ in records(bytes(stream)) if found == number]
    change(stream, places)
    for start, size in spans:
        data[start : start + size], stream = stream[:size], stream[size:]
    path = tmp_path / "a.xls"
    path.write_bytes(bytes(data))
    return path


def test_the_oldest_protection_is_refused_and_never_read_as_noise(tmp_path):
    def protect_by_xor(stream, places):
        stream[places[0] - 4 : places[0] - 2] = struct.pack("<H", 0x2F)
        stream[places[0] : places[0] + 6] = struct.pack("<HHH", 0, 0x1234, 0x5678)

    path = changed(tmp_path, WRITE_ACCESS, protect_by_xor)
    with pytest.raises(FileFault, match=r"oldest kind \(XOR\)") as raised:
        read_workbook(path, "a.xls")
    assert "remove the password" in raised.value.remedy


def test_hidden_rows_of_an_old_workbook_are_not_used(tmp_path):
    def hide_second(stream, places):
        stream[places[2] + 12] |= 0x20

    path = changed(tmp_path, 0x208, hide_second)
    whole, seen = read_workbook(OLD_EXCEL, "a.xls")[0], read_workbook(path, "a.xls")[0]
    assert whole.rows[2] and not seen.rows[2]
    assert seen.rows[3:] == whole.rows[3:]
    assert "hidden rows not used: 3" in " ".join(seen.doubts)
    used = read_workbook(path, "a.xls", lambda _: True)[0]
    assert used.rows == whole.rows


def test_struck_cells_of_an_old_workbook_are_not_used(tmp_path):
    def strike_every_font(stream, places):
        for at in places:
            stream[at + 2] |= 0x08

    path = changed(tmp_path, 0x31, strike_every_font)
    (first, *_) = read_workbook(path, "a.xls")
    # The title is merged: it stands in the other cells of its range too.
    assert not any(cell is not None for row in first.rows[1:] for cell in row)
    assert "struck through not used" in " ".join(first.doubts)


def test_a_far_cell_of_an_old_workbook_is_refused(tmp_path):
    def move_last(stream, places):
        stream[places[3] : places[3] + 4] = struct.pack("<HH", 65535, 255)

    path = changed(tmp_path, 0x27E, move_last)
    with pytest.raises(FileFault, match="column IV in row 65,536"):
        read_workbook(path, "a.xls")


WHITE_FONT, FONT, STYLE, FORMAT = 9, 0x31, 0xE0, 0x41E


def test_white_figures_of_an_old_workbook_are_not_used(tmp_path):
    def whiten_every_font(stream, places):
        for at in places:
            struct.pack_into("<H", stream, at + 4, WHITE_FONT)

    path = changed(tmp_path, FONT, whiten_every_font)
    whole, seen = read_workbook(OLD_EXCEL, "a.xls")[0], read_workbook(path, "a.xls")[0]
    figures = [c for row in whole.rows for c in row if isinstance(c, float)]
    assert figures
    assert not any(isinstance(cell, float) for row in seen.rows for cell in row)
    # Words in white are used: headers often are.
    assert seen.rows[1] == whole.rows[1]
    assert "not used that nobody sees" in " ".join(seen.doubts)
    assert read_workbook(path, "a.xls", lambda _: True)[0].rows == whole.rows


def test_a_white_font_on_a_dark_ground_is_seen(tmp_path):
    def darken_every_ground(stream, places):
        for at in places:
            # A solid fill in black.
            stream[at + 17] = (stream[at + 17] & 0x03) | (1 << 2)
            stream[at + 18] = (stream[at + 18] & 0x80) | 8

    def whiten_every_font(stream, places):
        for at in places:
            struct.pack_into("<H", stream, at + 4, WHITE_FONT)

    path = changed(tmp_path, FONT, whiten_every_font)
    darkened = changed(tmp_path, STYLE, darken_every_ground, path.read_bytes())
    whole, seen = read_workbook(OLD_EXCEL, "a.xls")[0], read_workbook(darkened, "a.xls")[0]
    assert seen.rows == whole.rows


def test_a_colour_of_the_palette_may_be_white():
    palette = struct.pack("<H", 2) + bytes([0, 0, 0, 0]) + bytes([255, 255, 255, 0])
    font, style = struct.pack("<HHH", 200, 0, 9), bytes(20)
    dark = struct.pack("<H", 2) + bytes([0, 0, 0, 0]) + bytes([0, 0, 128, 0])
    assert old_styles(stream_of((FONT, font), (0x92, palette), (STYLE, style))).unseen == {0}
    assert not old_styles(stream_of((FONT, font), (0x92, dark), (STYLE, style))).unseen


def test_a_format_that_shows_nothing_is_known_in_an_old_workbook():
    font, code = struct.pack("<HHH", 200, 0, 8), struct.pack("<HHB", 164, 3, 0) + b";;;"
    style = struct.pack("<HH", 0, 164) + bytes(16)
    styles = old_styles(stream_of((FONT, font), (FORMAT, code), (STYLE, style), (STYLE, bytes(20))))
    assert styles.unseen == {0}


def stream_of(*parts):
    return b"".join(struct.pack("<HH", number, len(body)) + body for number, body in parts)


def test_comments_of_an_old_workbook_are_said():
    def written(number, text):
        is_wide = not text.isascii()
        letters = text.encode("utf-16-le") if is_wide else text.encode()
        kind = struct.pack("<HHHH", 0x15, 0x12, 0x19, number) + bytes(14)
        length = bytes(10) + struct.pack("<HH", len(text), 16) + bytes(4)
        return [
            (0x5D, kind),
            (0x1B6, length),
            (0x3C, bytes([is_wide]) + letters),
            (0x3C, bytes(16)),
        ]

    name = "数据".encode("utf-16-le")
    begin, end = (0x809, bytes(16)), (0x0A, b"")
    head = struct.pack("<IHBB", 0, 0, 2, 1) + name
    size = len(stream_of(begin, (0x85, head), end))
    sheet = [
        begin,
        *written(1, "单位：万元"),
        *written(2, "see notes"),
        (0x1C, struct.pack("<HHHH", 3, 27, 0, 1) + bytes(4)),
        end,
    ]
    stream = stream_of(begin, (0x85, struct.pack("<I", size) + head[4:]), end, *sheet)
    comments = old_comments(stream)["数据"]
    assert comments == [("AB4", "单位：万元"), ("a text box", "see notes")]
