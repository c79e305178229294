"""The style's source, and layers as a release has them, without publishing one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

import config
from config.models import Nature, Service
from styles import style as shared


@pytest.fixture(scope="session")
def service(root: Any) -> Service:
    """The project's own configuration."""
    return config.load(root / "config" / "service.yml", {})


@pytest.fixture(scope="session")
def source() -> Mapping[str, Any]:
    """The style's source, colours resolved."""
    return shared.load()


@pytest.fixture
def published(service: Service) -> Callable[..., list[SimpleNamespace]]:
    """All layers, `natures` replacing the configured nature of some."""

    def published(**natures: Nature) -> list[SimpleNamespace]:
        return [
            SimpleNamespace(layer=layer, nature=natures.get(layer.id, layer.nature))
            for layer in service.layers
        ]

    return published


@pytest.fixture
def render(
    source: Mapping[str, Any], published: Callable[..., list[SimpleNamespace]]
) -> Callable[..., dict[str, Any]]:
    """Render the style for a client of http://here."""

    def render(
        lang: str = "zh", layers: list[SimpleNamespace] | None = None, **natures: Nature
    ) -> dict[str, Any]:
        return shared.render(
            source,
            lang=lang,
            tilejson_url="http://here/tiles",
            glyphs_url="http://here/fonts/{fontstack}/{range}.pbf",
            sprite_url="http://here/sprite",
            layers=published(**natures) if layers is None else layers,
        )

    return render
