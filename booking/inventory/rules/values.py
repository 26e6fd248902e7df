"""What the words, days and amounts in an inventory mean."""

import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation

# Written where something is not known; never an identity.
PLACEHOLDERS = frozenset(
    {"", "-", "--", "---", "/", "\\", "*", "?", ".", "无", "暂无", "未知", "不详", "待定", "空",
     "n/a", "na", "none", "null", "nil", "unknown", "tbd", "tbc", "not known", "n.a."}
)  # fmt: skip

# FIELD's 运行状态, SJ3's 现状 codes, and the words of the sample inventories.
_STATES = {
    "in_service": (
        "in_service", "in service", "正常", "在用", "使用中", "待机", "完好", "良好", "启用",
        "active", "operational", "available", "installed", "in store", "in use", "ok", "good",
        "working", "true", "yes", "1",
    ),
    "limited": (
        "limited", "偶有故障", "故障频繁", "部分可用", "degraded", "downgraded", "降级", "8",
    ),
    "down": (
        "down", "待修", "待报废", "维修", "维修中", "故障", "停用", "闲置", "多余", "inactive",
        "offline", "out of service", "broken", "out of order", "under repair", "false", "no", "0",
        "2", "3", "4",
    ),
    "retired": (
        "retired", "报废", "已报废", "注销", "已注销", "excessed", "disposed", "decommissioned",
        "scrapped", "removed",
    ),
}  # fmt: skip
STATE_OF_WORD = {word: state for state, words in _STATES.items() for word in words}
_KINDS = {
    "instrument": ("instrument", "equipment", "仪器", "设备", "仪器设备"),
    "room": ("room", "房间", "会议室", "实验间"),
    "place": ("place", "工位", "位置", "bench", "seat"),
    "person": ("person", "人员", "专家", "expert", "operator"),
}
KIND_OF_WORD = {word: kind for kind, words in _KINDS.items() for word in words}
_YES = frozenset({"是", "yes", "y", "true", "t", "1", "√", "有"})
_NO = frozenset({"否", "no", "n", "false", "f", "0", "×", "x", "无"})

_DAY = re.compile(
    r"(\d{4})(?:"
    r"[-/.年]\s*(\d{1,2})(?:[-/.月]\s*(\d{1,2})(?:日|号)?(?:[T ].*)?|月)?"
    r"|(\d{2})(?:(\d{2}))?"
    r"|年)?"
)
_AMOUNT = re.compile(r"[¥￥$]?\s*(-?[\d,，]*\.?\d+)\s*(万元|万|元)?")
WAN = 10_000


def plain(text: str) -> str:
    """Return a text as it is compared: one width, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def is_placeholder(text: str) -> bool:
    """Return whether the text only says that nothing is known."""
    return plain(text) in PLACEHOLDERS


def iso_day(text: str) -> str:
    """Return an ISO date; a month stands for its first day, a year for its first of January.

    Day and month first are not guessed at. Raises ValueError on anything else.

    >>> iso_day("2016年3月1日"), iso_day("201603"), iso_day("2016/3/1 00:00:00")
    ('2016-03-01', '2016-03-01', '2016-03-01')
    """
    match = _DAY.fullmatch(plain(text).upper())
    if match is None:
        raise ValueError(text)
    year, month, day, short_month, short_day = match.groups()
    return date(int(year), int(month or short_month or 1), int(day or short_day or 1)).isoformat()


def amount_fen(text: str, unit: int) -> int:
    """Return an amount in fen; `unit` is how many yuan a plain 1 stands for.

    Raises ValueError on what is no amount or is negative.

    >>> amount_fen("1,250.50", 1), amount_fen("68.5", 10_000), amount_fen("3万元", 1)
    (125050, 68500000, 3000000)
    """
    match = _AMOUNT.fullmatch(plain(text))
    if match is None:
        raise ValueError(text)
    number, said = match.groups()
    try:
        amount = Decimal(number.replace(",", ""))
    except InvalidOperation:
        raise ValueError(text) from None
    if amount < 0 or amount > 10**12:
        raise ValueError(text)
    yuan = {"元": 1, "万": WAN, "万元": WAN}.get(said or "", unit)
    return int((amount * yuan * 100).to_integral_value())


def yes_or_no(text: str) -> bool:
    """Return what a yes/no cell says. Raises ValueError on other words."""
    word = plain(text)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise ValueError(text)
