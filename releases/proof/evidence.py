"""A manifest with its signature and the keys that are known: what a copy is verified against.

From a file or a release's folder, without any network, or from an address. Keys that lie where the manifest lies tell
that nothing was damaged, not who published it; for that a key is given that was had by another way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from releases import manifest
from releases.manifest import Manifest, PublishedLayer
from releases.progress import Progress
from releases.proof import fetching, keys, published, release, signature
from releases.proof.comparison import Known
from releases.proof.fetching import FetchFailed
from releases.proof.keys import KeyRing
from releases.proof.release import ManifestUnusable
from releases.proof.signature import Checked

#: The tree of a release in an address, and the service before it.
_TREE: Final = re.compile(r"(?P<base>.*?)(?P<tree>/releases/[0-9a-f]+)?(?:/manifest)?/?")
#: Where a server says which keys it knows (RFC 8615).
KEYS: Final = "/.well-known/blueprint-keys"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sound manifest and how it stands with its signature.

    source : where it came from
    known : the keys that it was checked with
    pinned : whether the keys are the ones that somebody gave, and not those that lie beside the manifest
    leaves : the published ids and digests of a layer, None where they are not to be had
    """

    manifest: Manifest
    signature: Checked
    source: str
    known: KeyRing
    pinned: bool
    leaves: Callable[[PublishedLayer], Known] | None

    @property
    def accepted(self) -> bool:
        """Whether the signature says nothing against it: there need be none, or none that can be checked, unless keys were
        given.
        """
        state = self.signature.state
        if state == "signed" or self.pinned:
            return state == "signed"
        return state == "unsigned" or (state == "unknown" and not self.known.keys)


def in_file(path: Path, given: Path | None = None) -> Evidence:
    """From a manifest's file, or the folder of a release. `given` is a file of keys, a JWK Set or PEM."""
    path = path / manifest.NAME if path.is_dir() else path
    text = _bytes(path)
    if text is None:
        raise ManifestUnusable(f"没有清单 {path}", f"there is no manifest {path}")
    said = release.read(text, str(path))
    folder = path.parent
    beside = (folder / keys.NAME, folder.parent.parent / keys.NAME)
    near = next(((one, found) for one in beside if (found := _bytes(one)) is not None), None)
    known = _given(given) or (keys.ring(near[1], str(near[0])) if near else KeyRing())
    checked = signature.check(text, _bytes(folder / signature.NAME), known)
    whole = all((folder / name).is_file() for layer in said.layers for name in (layer.tree, layer.file))
    return Evidence(
        said,
        checked,
        str(path),
        known,
        given is not None,
        partial(published.in_folder, folder) if whole else None,
    )


def at_address(url: str, given: Path | None, progress: Progress) -> Evidence:
    """From a server: its address, that of one of its releases, or of a manifest; else as `in_file`, and FetchFailed."""
    found = _TREE.fullmatch(url.partition("?")[0])
    base, tree = (found["base"], found["tree"] or "") if found else (url, "")
    address = f"{base}{tree}/manifest"
    text = fetching.document(f"{address}?f=json")
    if text is None:
        raise FetchFailed(f"{address}：没有清单", f"{address}: there is no manifest")
    said = release.read(text, address)
    pinned = f"{base}/releases/{said.id}"
    near = fetching.document(f"{base}{KEYS}") if given is None else None
    known = _given(given) or (keys.ring(near, f"{base}{KEYS}") if near else KeyRing())
    checked = signature.check(text, fetching.document(f"{pinned}/manifest.sig"), known)
    leaves = partial(published.at_server, pinned, progress=progress)
    return Evidence(said, checked, address, known, given is not None, leaves)


def _given(path: Path | None) -> KeyRing | None:
    if path is None:
        return None
    text = _bytes(path)
    if text is None:
        raise keys.KeyUnusable(f"没有公钥文件 {path}", f"there is no file of keys {path}")
    return keys.ring(text, str(path))


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
