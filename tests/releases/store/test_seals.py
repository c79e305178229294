"""A file that is not as it was sealed is never read from: its layer is refused, and all else goes on."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from releases import seals
from releases.filestore import FileStore
from releases.query import Query, Where
from releases.seals import Seals
from releases.store import ReleaseDamaged, ReleaseGone

WORLD = (-180.0, -90.0, 180.0, 90.0)
REST = ("01", 1, 1.5, None, None, None, None)


def flip(path: Path, at: int) -> None:
    """Change one bit of a file; its size and its time stay as they are."""
    before = path.stat()
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.fixture
def manifest(tmp_path: Path, table: Callable[..., Any], write_release: Callable[..., Any]) -> Any:
    rows = [(shapely.Point(100 + at / 10, 30), f"{at:02}", f"n{at}", *REST) for at in range(20)]
    return write_release(tmp_path / "r", table(rows))


USES: dict[str, Callable[[FileStore], object]] = {
    "columns": lambda store: store.window("parcels", 0, WORLD),
    "geojsonl": lambda store: store.page("parcels", Query(5)),
    "npy": lambda store: store.page("parcels", Query(5)),
    "gpkg": lambda store: store.page("parcels", Query(5, where=Where(boxes=((1, 1, 2, 2),)))),
    "attributes": lambda store: store.page("parcels", Query(5, where=Where(equals=(("CODE", "01"),)))),
}

#: File -> the uses that cannot do without it: what is found in the package is read from the text.
NEEDED_BY = {
    "columns": {"columns"},
    "geojsonl": {"geojsonl", "npy", "gpkg", "attributes"},
    "npy": {"geojsonl", "npy", "gpkg", "attributes"},
    "gpkg": {"gpkg", "attributes"},
    "attributes": {"attributes"},
}


@pytest.mark.parametrize("kind", USES)
@pytest.mark.parametrize("place", [0.0, 0.5, 0.999])
def test_a_flipped_bit_refuses_what_needs_the_file_and_nothing_else(
    tmp_path: Path, manifest: Any, kind: str, place: float
) -> None:
    (name,) = (name for name in manifest.files if name.endswith(kind))
    path = tmp_path / "r" / name
    flip(path, int(path.stat().st_size * place))
    store = FileStore(tmp_path / "r", manifest)
    for _ in range(2):
        with pytest.raises(ReleaseDamaged, match=r"sha256") as refused:
            USES[kind](store)
        assert refused.value.path == path
    for other in USES.keys() - NEEDED_BY[kind]:
        USES[other](store)


def test_a_file_is_compared_once(tmp_path: Path, manifest: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    digested = []
    digest = seals.hashlib.file_digest

    def counted(file: Any, name: Any) -> Any:
        digested.append(file.name)
        return digest(file, name)

    monkeypatch.setattr(seals.hashlib, "file_digest", counted)
    store = FileStore(tmp_path / "r", manifest)
    assert digested == []
    for _ in range(3):
        for use in USES.values():
            use(store)
    assert len(digested) == len(set(digested)) == len(USES)


def test_a_damaged_file_is_not_read_again_until_it_is_another(tmp_path: Path, manifest: Any) -> None:
    (name,) = (name for name in manifest.files if name.endswith("columns"))
    whole = (tmp_path / "r" / name).read_bytes()
    flip(tmp_path / "r" / name, 100)
    store = FileStore(tmp_path / "r", manifest)
    with pytest.raises(ReleaseDamaged):
        USES["columns"](store)
    (tmp_path / "r" / name).unlink()
    with pytest.raises(ReleaseGone):
        USES["columns"](store)
    (tmp_path / "r" / name).write_bytes(whole)
    assert len(store.window("parcels", 0, WORLD, Where()).rows) == 20


@given(st.data())
def test_no_flipped_bit_goes_unseen(tmp_path_factory: Any, data: st.DataObject) -> None:
    from releases.manifest import SealedFile

    folder = tmp_path_factory.mktemp("seals")
    body = data.draw(st.binary(min_size=1, max_size=200))
    sealed = {"a": SealedFile(sha256=seals.hashlib.sha256(body).hexdigest(), size=len(body))}
    (folder / "a").write_bytes(body)
    assert Seals(folder, sealed).path("a") == folder / "a" and seals.read(folder, sealed, "a") == body
    flip(folder / "a", data.draw(st.integers(0, len(body) - 1)))
    with pytest.raises(ReleaseDamaged):
        Seals(folder, sealed).path("a")
    with pytest.raises(ReleaseDamaged):
        seals.read(folder, sealed, "a")
