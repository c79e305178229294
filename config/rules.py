"""The rules: everything a finding of the gate can be of, how severe it is, and from what size on it is one.

A table and nothing else, so that the settings, the gate, its report, its documentation and the planter of faults agree
on what there is. An operator's settings are laid over it (`config.gate`, `releases.gate.rules`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from config.values import Text

#: "refuse" keeps a candidate from being published; "warn" until somebody accepts it by name; "note" never does.
Severity = Literal["refuse", "warn", "note"]
#: What a finding of the rule is about; reports group by it.
Subject = Literal["source", "attributes", "geometry", "relations", "coordinates", "history", "appearance"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    `limit` is the size from which on a thing is a fault, in `unit` (UCUM); None where there is nothing to measure.
    """

    id: str
    subject: Subject
    severity: Severity
    title: Text
    limit: float | None = None
    unit: str | None = None


def _rule(
    name: str,
    subject: Subject,
    severity: Severity,
    zh: str,
    en: str,
    limit: float | None = None,
    unit: str | None = None,
) -> Rule:
    return Rule(name, subject, severity, Text(zh=zh, en=en), limit, unit)


_ALL = (
    _rule("delivery-note", "source", "refuse", "汇交说明有误", "wrong delivery note"),
    _rule("source-missing", "source", "refuse", "文件缺失", "file missing"),
    _rule("source-unreadable", "source", "refuse", "文件无法读取", "file unreadable"),
    _rule("source-truncated", "source", "refuse", "文件不完整", "file cut short"),
    _rule("source-incomplete", "source", "refuse", "缺少组成文件", "part of a file missing"),
    _rule("source-archive", "source", "refuse", "压缩包有误", "wrong archive"),
    _rule("source-format", "source", "refuse", "格式不符", "wrong format"),
    _rule("table-missing", "source", "refuse", "缺少数据表", "table missing"),
    _rule("encoding", "source", "refuse", "文字编码有误", "wrong text encoding"),
    _rule("reader-warning", "source", "note", "读取提示", "hint of the reader"),
    _rule("empty-layer", "source", "refuse", "没有要素", "no features"),
    _rule("unknown-field", "source", "refuse", "未知字段", "unknown field"),
    _rule("ambiguous-field", "source", "refuse", "字段有歧义", "ambiguous field"),
    _rule("missing-field", "source", "refuse", "缺少必填字段", "mandatory field missing"),
    _rule("field-absent", "source", "note", "未提供字段", "field not delivered"),
    _rule("value-type", "attributes", "refuse", "值的类型不符", "value of the wrong type"),
    _rule("missing-id", "attributes", "refuse", "缺少标识", "id missing"),
    _rule("duplicate-id", "attributes", "refuse", "标识重复", "id used twice"),
    _rule("tile-id", "attributes", "refuse", "瓦片编号相同", "same number in tiles"),
    _rule("mandatory", "attributes", "refuse", "必填字段为空", "mandatory field empty"),
    _rule("code-list", "attributes", "refuse", "值不在代码表中", "value not in the code list"),
    _rule("pattern", "attributes", "refuse", "文字格式不符", "text of the wrong form"),
    _rule("max-length", "attributes", "refuse", "文字过长", "text too long"),
    _rule("damaged-text", "attributes", "refuse", "文字损坏", "damaged text"),
    _rule(
        "number-range",
        "attributes",
        "refuse",
        "整数超出 JSON 可表示的范围",
        "integer beyond what JSON can carry",
    ),
    _rule(
        "code-authority", "attributes", "refuse", "行政区代码不属于该机构", "unit code not of this authority"
    ),
    _rule(
        "code-parent",
        "attributes",
        "refuse",
        "行政区代码与上级代码不符",
        "unit code does not follow from its parent's",
    ),
    _rule("code-orphan", "attributes", "refuse", "上级代码不存在", "parent unit does not exist"),
    _rule("unique", "attributes", "refuse", "唯一值重复", "unique value used twice"),
    _rule("dates-order", "attributes", "refuse", "起止日期颠倒", "ends before it begins"),
    _rule(
        "area-stated",
        "attributes",
        "warn",
        "填报面积与图形面积不符",
        "stated area is not the measured one",
        0.01,
        "1",
    ),
    _rule("geometry-missing", "geometry", "refuse", "缺少几何", "geometry missing"),
    _rule("geometry-empty", "geometry", "refuse", "几何为空", "geometry empty"),
    _rule("geometry-kind", "geometry", "refuse", "几何类型不符", "geometry of the wrong kind"),
    _rule("geometry-curve", "geometry", "refuse", "几何含曲线", "curved geometry"),
    _rule("geometry-unreadable", "geometry", "refuse", "几何无法读取", "unreadable geometry"),
    _rule("geometry-measured", "geometry", "refuse", "几何含测量值（M）", "measures where none belong"),
    _rule("geometry-z", "geometry", "warn", "多余的高程", "heights where none belong"),
    _rule("geometry-invalid", "geometry", "refuse", "几何无效", "geometry invalid"),
    _rule("duplicate-geometry", "geometry", "warn", "几何重复", "same geometry twice"),
    _rule("duplicate-points", "geometry", "warn", "连续重复点", "repeated points"),
    _rule("sliver", "geometry", "warn", "狭长碎面", "sliver polygon", 1.0, "m"),
    _rule("spike", "geometry", "warn", "尖锐角", "spike", 1.0, "deg"),
    _rule("tiny-ring", "geometry", "warn", "微小环", "tiny ring", 10.0, "m2"),
    _rule("not-finite", "coordinates", "refuse", "坐标不是有限数", "coordinate not finite"),
    _rule("swapped-axes", "coordinates", "refuse", "经纬度颠倒", "axes exchanged"),
    _rule("outside-region", "coordinates", "refuse", "超出区域", "outside the region"),
    _rule("crs-missing", "coordinates", "refuse", "缺少坐标系", "CRS missing"),
    _rule("crs-unreadable", "coordinates", "refuse", "坐标系无法识别", "CRS unreadable"),
    _rule("crs-other", "coordinates", "refuse", "坐标系与声明不符", "CRS is not the declared one"),
    _rule("crs-datum", "coordinates", "refuse", "不是 CGCS2000 的旧坐标系", "old datum instead of CGCS2000"),
    _rule(
        "crs-label",
        "coordinates",
        "refuse",
        "声明的坐标系与坐标值不符",
        "coordinates do not fit the declared CRS",
    ),
    _rule("wrong-zone", "coordinates", "refuse", "分带有误", "wrong 3-degree zone"),
    _rule("shift-gcj02", "coordinates", "refuse", "疑为 GCJ-02 偏移坐标", "shifted like GCJ-02", 20.0, "m"),
    _rule("shift-bd09", "coordinates", "refuse", "疑为 BD-09 偏移坐标", "shifted like BD-09", 20.0, "m"),
    _rule("overlap", "relations", "refuse", "同层要素重叠", "features of a layer overlap", 1.0, "m2"),
    _rule("gap", "relations", "refuse", "同层要素间有缝隙", "gap between features of a layer", 1.0, "m2"),
    _rule("border-apart", "relations", "refuse", "两地数据不相接", "two authorities do not meet"),
    _rule("border-mismatch", "relations", "refuse", "接边不一致", "border is not one line", 10.0, "m"),
    _rule("border-gap", "relations", "refuse", "接边有空隙", "gap at the border"),
    _rule("nest", "relations", "refuse", "超出所属单元", "reaches beyond its unit", 1.0, "m2"),
    _rule("nest-unit", "relations", "refuse", "所属单元不存在", "its unit does not exist"),
    _rule("apart", "relations", "refuse", "不得重叠的图层重叠", "layers overlap that must not", 1.0, "m2"),
    _rule("fill", "relations", "refuse", "未覆盖应覆盖的范围", "extent is not filled", 1.0, "m2"),
    _rule("lost-features", "history", "warn", "要素大量减少", "features lost in bulk", 0.1, "1"),
    _rule("id-reused", "history", "warn", "标识换了对象", "id has another meaning", 100.0, "m"),
    _rule("area-jump", "history", "warn", "面积突变", "area jumped", 0.5, "1"),
    _rule(
        "previous-unreadable",
        "history",
        "note",
        "上一版次无法读取",
        "the release before cannot be read",
    ),
    _rule("layer-vanished", "history", "refuse", "图层消失", "layer vanished"),
    _rule("style", "appearance", "note", "样式与数据不符", "style does not fit the data"),
    _rule("tile-matrix-set", "appearance", "refuse", "瓦片矩阵集不可用", "unusable tile matrix set"),
)
RULES: Final[Mapping[str, Rule]] = {rule.id: rule for rule in _ALL}
