"""Days of a calendar as people write them: rows of a table, pasted lines, the yearly notice."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from booking.core.text import one_line

KINDS = ("holiday", "workday", "normal")
_WORDS = {
    "holiday": ("holiday", "休", "休息", "放假", "节假日", "假日", "假期"),
    "workday": ("workday", "work", "班", "上班", "调休上班", "补班", "工作日", "make-up workday"),
    "normal": ("normal", "ordinary", "平日", "正常"),
}
_KIND_OF = {word: kind for kind, words in _WORDS.items() for word in words}
_HEADINGS = ("day", "date", "日期", "日")
_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00)?)?"
)
_NOTICE_DAY = re.compile(r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:[(（][^)）]*[)）])?")
_LONGEST_RANGE = 31
MOST_NAME = 80


@dataclass(frozen=True, slots=True)
class Entry:
    """A day as it was written; `problem` names what cannot be read (`day`, `kind`), else empty."""

    line: int
    day: date | None
    kind: str
    name: str
    problem: str = ""
    text: str = ""


def read_rows(rows: Iterable[tuple[int, Sequence[str]]]) -> list[Entry]:
    """Return an entry for each row of day, kind, name; a first row of headings is left out."""
    found = []
    for position, (line, cells) in enumerate(rows):
        padded = [*(one_line(cell) for cell in cells), "", "", ""]
        if position == 0 and padded[0].lower() in _HEADINGS:
            continue
        day, kind = _day(padded[0]), _KIND_OF.get(padded[1].lower(), "")
        problem = "day" if day is None else "" if kind else "kind"
        text = " ".join(filter(None, padded))[:200]
        found.append(Entry(line, day, kind, padded[2][:MOST_NAME], problem, text))
    return found


def read_text(text: str, year: int) -> list[Entry]:
    """Return the entries of pasted text: `2027-10-01 holiday 国庆节` a line, or the notice's words.

    A line of the notice names days of `year` as `10月1日至7日放假，10月9日上班`.
    """
    found: list[Entry] = []
    for line, raw in enumerate(text.splitlines(), start=1):
        stripped = raw.strip()
        if not stripped:
            continue
        if "放假" in stripped and "月" in stripped and not _DAY.match(stripped):
            found += _notice(line, stripped, year)
        else:
            cells = re.split(r"\s*[,，\t;]\s*|\s+", stripped, maxsplit=2)
            found += read_rows([(line, cells)])
    return found


def _day(text: str) -> date | None:
    match = _DAY.fullmatch(text.strip())
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def _notice(line: int, text: str, year: int) -> Iterator[Entry]:
    name = re.split(r"[:：]", text, maxsplit=1)[0].split("、")[-1].strip() if "：" in text else ""
    for clause in re.split(r"[。；;]|(?<=放假)[，,]|(?<=调休)[，,]", text.split("：", 1)[-1]):
        kind = "workday" if "上班" in clause else "holiday" if "放假" in clause else ""
        if kind:
            label = "调休上班" if kind == "workday" else name
            for day in _days(clause, year):
                yield Entry(line, day, kind, label[:MOST_NAME], "" if day else "day", clause[:200])


def _days(clause: str, year: int) -> Iterator[date | None]:
    """Yield the days of a clause; `至` between two of them stands for all in between."""
    last: date | None = None
    end = 0
    for match in _NOTICE_DAY.finditer(clause):
        month = int(match[2]) if match[2] else last.month if last else 0
        try:
            day = date(int(match[1] or (last.year if last else year)), month, int(match[3]))
        except ValueError:
            yield None
            continue
        if last is not None and clause[end : match.start()].strip() in ("至", "到", "-", "—", "~"):
            span = (day - last).days
            if not 0 < span <= _LONGEST_RANGE:
                yield None
                continue
            yield from (last + timedelta(days=n) for n in range(1, span))
        yield day
        last, end = day, match.end()
