"""What a shapefile must be before GDAL reads it: whole, and in the encoding that was declared.

GDAL is lenient where a publisher must not be: of a .shp that was cut short it makes null geometries, of text
in another encoding it makes other text. So the headers are compared with the files (ESRI Shapefile Technical
Description, July 1998; dBASE III), and every text is decoded strictly from its bytes.
"""

from __future__ import annotations

import codecs
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from releases.sources.dataset import parts
from releases.sources.fault import SourceFault

HEADER = 100  # bytes of the header of .shp and .shx
INDEX_RECORD = 8  # bytes of one record of .shx
FILE_CODE = 9994
DELETED = 0x2A  # "*" in front of a dBASE record
END_OF_FIELDS = 0x0D

#: Encodings that hold all of another: text declared as the smaller and labelled as the larger is no
#: contradiction.
_WIDER = {"gb2312": {"gbk", "gb18030"}, "gbk": {"gb18030"}, "ascii": {"gb2312", "gbk", "gb18030", "utf-8"}}


def check(path: Path, encoding: str) -> None:
    """Raise SourceFault unless the shapefile at `path` is whole and its texts are in `encoding`."""
    files = parts(path)
    for suffix in (".shx", ".dbf"):
        if suffix not in files:
            raise SourceFault(
                "source-incomplete",
                f"Shapefile {path.name} 缺少 {suffix} 文件",
                f"the shapefile {path.name} lacks its {suffix} file",
            )
    for suffix in (".shp", ".shx"):
        _whole(files[suffix])
    table = _Dbf.read(files[".dbf"])
    shapes = (files[".shx"].stat().st_size - HEADER) // INDEX_RECORD
    if shapes != table.count:
        raise SourceFault(
            "source-truncated",
            f"{path.name} 有 {shapes} 个图形，而 .dbf 有 {table.count} 条记录",
            f"{path.name} has {shapes} shapes, but its .dbf has {table.count} records",
        )
    name = codec(encoding)
    if ".cpg" in files:
        _label_agrees(files[".cpg"], encoding, name)
    table.check_text(encoding, name)


def codec(encoding: str) -> str:
    """Python's name of an encoding; SourceFault when there is no such encoding."""
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise SourceFault("encoding", f"未知的编码 {encoding!r}", f"unknown encoding {encoding!r}") from None


def _whole(file: Path) -> None:
    with file.open("rb") as stream:
        head = stream.read(HEADER)
    if len(head) < HEADER or struct.unpack(">i", head[:4])[0] != FILE_CODE:
        raise SourceFault(
            "source-unreadable", f"{file.name} 不是 Shapefile", f"{file.name} is no part of a shapefile"
        )
    told = 2 * struct.unpack(">i", head[24:28])[0]  # the header counts words of 16 bits
    size = file.stat().st_size
    if size < told:
        raise _cut_short(file, told, size)


def _cut_short(file: Path, told: int, size: int) -> SourceFault:
    return SourceFault(
        "source-truncated",
        f"{file.name} 不完整：文件头说有 {told} 字节，实有 {size} 字节",
        f"{file.name} is cut short: its header tells of {told} bytes, it has {size}",
    )


def _label_agrees(file: Path, declared: str, name: str) -> None:
    label = file.read_text("latin-1").strip()
    try:
        # ESRI writes code pages by number, OGR also as "CP936" or "LDID/77".
        labelled = codecs.lookup(f"cp{label}" if label.isdigit() else label).name
    except (LookupError, ValueError):
        return  # a label nobody can read contradicts nothing; the bytes are checked anyway
    if labelled != name and labelled not in _WIDER.get(name, ()) and name not in _WIDER.get(labelled, ()):
        raise SourceFault(
            "encoding",
            f"声明的编码是 {declared}，而 {file.name} 写的是 {label}",
            f"the declared encoding is {declared}, but {file.name} says {label}",
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Dbf:
    """The table of a shapefile as bytes.

    columns : of texts only: name, offset in a record, width
    records : (n, length) those that are not marked as deleted
    """

    name: str
    count: int
    columns: tuple[tuple[bytes, int, int], ...]
    records: NDArray[np.uint8]

    @classmethod
    def read(cls, file: Path) -> _Dbf:
        """Parse header and records; SourceFault when the file is shorter than it says."""
        data = file.read_bytes()
        if len(data) < 32:
            raise _cut_short(file, 32, len(data))
        count, start, length = struct.unpack("<IHH", data[4:12])
        if len(data) < start + count * length:
            raise _cut_short(file, start + count * length, len(data))
        columns, offset = [], 1
        for at in range(32, start - 1, 32):
            descriptor = data[at : at + 32]
            if len(descriptor) < 32 or descriptor[0] == END_OF_FIELDS:
                break
            kind, width, decimals = chr(descriptor[11]), descriptor[16], descriptor[17]
            if kind == "C":
                # Texts of more than 255 bytes keep the high byte of their width where decimals would be.
                width += 256 * decimals
                columns.append((descriptor[:11].split(b"\0")[0], offset, width))
            offset += width
        if offset > length:
            raise SourceFault(
                "source-unreadable",
                f"{file.name} 已损坏：字段共 {offset} 字节，而记录长 {length} 字节",
                f"{file.name} is damaged: its fields take {offset} bytes, but a record has {length}",
            )
        records = np.frombuffer(data, np.uint8, count * length, start).reshape(count, length)
        return cls(file.name, count, tuple(columns), records[records[:, 0] != DELETED])

    def check_text(self, declared: str, name: str) -> None:
        """Raise SourceFault at the first text that is not in the encoding, or when all are plainly UTF-8."""
        foreign: set[bytes] = set()
        for title, offset, width in self.columns:
            self._decoded(title, title, declared, name, 0)
            if not width:
                continue
            block = np.ascontiguousarray(self.records[:, offset : offset + width]).view(f"S{width}").ravel()
            texts, first = np.unique(block, return_index=True)
            for text, row in zip(texts.tolist(), first.tolist()):
                self._decoded(text, title, declared, name, row + 1)
                if not text.isascii():
                    foreign.add(text.strip())
        # Every UTF-8 text of an even number of bytes also reads as GBK, as other characters. The reverse is
        # so rare that where all texts are good UTF-8, they are UTF-8.
        if name != "utf-8" and foreign and all(map(_is_utf8, foreign)):
            shown = next(iter(sorted(foreign))).decode()
            raise SourceFault(
                "encoding",
                f"声明的编码是 {declared}，但 {self.name} 的文字是 UTF-8（例如 {shown!r}）",
                f"the declared encoding is {declared}, but {self.name} is in UTF-8, e.g. {shown!r}",
            )

    def _decoded(self, text: bytes, title: bytes, declared: str, name: str, row: int) -> None:
        try:
            text.decode(name)
        except UnicodeDecodeError as error:
            wrong = text[error.start : error.end].hex(" ").upper()
            field = title.decode(name, "backslashreplace")
            where = (
                (f"第 {row} 行字段 {field}", f"field {field} of row {row}")
                if row
                else ("字段名", "a field name")
            )
            raise SourceFault(
                "encoding",
                f"{self.name} {where[0]} 的字节 {wrong} 不是声明的编码 {declared}",
                f"the bytes {wrong} in {where[1]} of {self.name} are not in the declared encoding {declared}",
            ) from None


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
