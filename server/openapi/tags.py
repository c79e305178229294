"""The headings under which operations are listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from config.models import Text

TAGS: Final[Mapping[str, Text]] = {
    "service": Text(zh="服务说明", en="The service"),
    "features": Text(zh="要素", en="Features"),
    "tiles": Text(zh="矢量瓦片", en="Vector tiles"),
    "styles": Text(zh="样式与地图", en="Styles and map"),
    "releases": Text(zh="版次", en="Releases"),
}
