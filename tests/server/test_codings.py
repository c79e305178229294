"""A client gets the coding that it likes best of those that there are, and the body is always the same."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from server import codings
from server.codings import Coding


@pytest.mark.parametrize(
    "header, taken",
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip", "gzip identity"),
        ("zstd", "zstd identity"),
        ("gzip, deflate, br, zstd", "zstd gzip identity"),
        ("gzip, deflate, br", "gzip identity"),
        ("br, gzip;q=0.5", "gzip identity"),
        ("zstd;q=0.2, gzip;q=0.9", "gzip zstd identity"),
        ("zstd;q=0, gzip", "gzip identity"),
        ("GZIP ; Q=1.0", "gzip identity"),
        ("x-gzip", "gzip identity"),
        ("*", "zstd gzip identity"),
        ("*;q=0", "identity"),
        ("*;q=0.1, gzip;q=0.2", "gzip zstd identity"),
        ("gzip;q=0, *", "zstd identity"),
        ("identity", "identity"),
        ("identity;q=1, gzip;q=0.5", "identity gzip"),
        ("identity;q=0", "identity"),
        ("identity;q=0, gzip;q=0.1", "gzip identity"),
        ("x-gzip-not", "identity"),
        ("gzip;q=oops", "identity"),
        ("gzip;q=nan, zstd;q=inf", "identity"),
        ("gzip;q=7", "identity"),
        ("," * 5000, "identity"),
    ],
)
def test_a_client_gets_what_it_likes_best(header: str | None, taken: str) -> None:
    assert codings.accepted(header) == tuple(taken.split())


@given(st.text(max_size=80))
def test_any_header_leaves_something_to_send(header: str) -> None:
    taken = codings.accepted(header)
    assert "identity" in taken and len(set(taken)) == len(taken)


@given(st.binary(max_size=3000), st.sampled_from(["identity", "gzip", "zstd"]), st.booleans())
def test_coding_is_undone_by_decoding_and_always_the_same(body: bytes, coding: Coding, kept: bool) -> None:
    coded = codings.coded(body, coding, kept)
    assert codings.decoded(coded, coding) == body
    assert codings.coded(body, coding, kept) == coded


def test_others_can_decode_it() -> None:
    body = b"tile " * 1000
    assert gzip.decompress(codings.coded(body, "gzip")) == body
    assert zstandard.ZstdDecompressor().decompress(codings.coded(body, "zstd")) == body


def test_no_client_needs_more_than_eight_mebibytes_to_decode() -> None:
    """RFC 9659: what is sent as zstd has a window of at most 8 MiB."""
    for kept in (False, True):
        frame = codings.coded(b"\0\1\2" * 10_000_000, "zstd", kept)
        assert zstandard.get_frame_parameters(frame).window_size <= 8 * 2**20


@given(st.lists(st.binary(max_size=300_000), max_size=6), st.sampled_from(["gzip", "zstd", "identity"]))
def test_a_stream_is_the_body_piece_by_piece(pieces: list[bytes], coding: Coding) -> None:
    coded = b"".join(codings.stream(pieces, coding))
    if coding == "zstd":
        assert zstandard.ZstdDecompressor().decompressobj().decompress(coded) == b"".join(pieces)
    else:
        assert (gzip.decompress(coded) if coding == "gzip" else coded) == b"".join(pieces)


def test_a_long_stream_begins_before_it_has_ended() -> None:
    asked: list[int] = []

    def pieces() -> Iterator[bytes]:
        for place in range(50):
            asked.append(place)
            yield bytes(place for _ in range(2**18))

    for coding in ("gzip", "zstd"):
        asked.clear()
        next(codings.stream(pieces(), coding))  # type: ignore[arg-type]
        assert len(asked) < 5, coding
