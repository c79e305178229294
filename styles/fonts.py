"""Which font file stands behind each font stack a style may name.

The files come from an npm package that set-up puts into node_modules/; another folder with the same files may be named.
MapLibre asks for a stack as a list of fonts, "A,B": the first that is known answers, as a browser would do.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from config.models import Text
from styles.glyphs import Font

FOLDER = Path(__file__).parent.parent / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
FILES: Mapping[str, str] = {
    "Noto Sans SC Regular": "400Regular/NotoSansSC_400Regular.ttf",
    "Noto Sans SC Medium": "500Medium/NotoSansSC_500Medium.ttf",
}


class FontMissing(Exception):
    """A font file is not where it should be; labels cannot be drawn until set-up has run."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.message = Text(
            zh=f"找不到字体 {name}: {path} 不存在；请运行 make environment 安装前端依赖",
            en=f"the font {name} is missing: there is no {path}; run `make environment` to install front-end packages",
        )
        super().__init__(self.message.en)


class UnknownFont(LookupError):
    """None of the fonts of a stack is one of ours."""

    def __init__(self, stack: str) -> None:
        self.stack = stack
        self.message = Text(
            zh=f"未知字体 {stack!r}，可用: {'、'.join(FILES)}",
            en=f"unknown font {stack!r}, there is: {', '.join(FILES)}",
        )
        super().__init__(self.message.en)


def named(stack: str) -> str:
    """The first font of a stack ("A,B") that is one of ours; UnknownFont when none is."""
    for name in stack.split(","):
        if name.strip() in FILES:
            return name.strip()
    raise UnknownFont(stack)


def font(name: str, folder: Path | None = None) -> Font:
    """The font of that name; UnknownFont, or FontMissing when its file is not there."""
    if name not in FILES:
        raise UnknownFont(name)
    path = (folder or FOLDER) / FILES[name]
    if not path.is_file():
        raise FontMissing(name, path)
    return _opened(name, path)


def fonts(folder: Path | None = None) -> dict[str, Font]:
    """Every font by name; FontMissing when one is not there."""
    return {name: font(name, folder) for name in FILES}


@cache
def _opened(name: str, path: Path) -> Font:
    return Font(name, path)
