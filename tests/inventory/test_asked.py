"""What a typed search means: a table of what people type, in Chinese and in English."""

from datetime import UTC, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from booking.inventory.rules.asked import leads_to, read_asked

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)  # Wednesday 13:00 there


def meant(typed, locale="zh", now=NOW, zone=SHANGHAI):
    page, args = leads_to(read_asked(typed, now, zone, locale))
    return page, " ".join(f"{name}={value}" for name, value in args.items())


def window(words, day, hours, minutes="", until=""):
    """Return the address of finding a time, as `meant` writes it."""
    first, last = hours.split("-") if hours else ("", "")
    parts = {
        "q": words, "day": day, "until": until or day, "day_from": first, "day_until": last,
        "minutes": minutes,
    }  # fmt: skip
    return "find", " ".join(f"{name}={value}" for name, value in parts.items() if value)


def exact(words, start, end=""):
    parts = {"q": words, "free_from": start, "free_to": end}
    return "pools", " ".join(f"{name}={value}" for name, value in parts.items() if value)


def words(text):
    return "pools", f"q={text}" if text else ""


DAYS = [
    ("今天 PCR", "2026-11-25"), ("明天 PCR", "2026-11-26"), ("后天PCR", "2026-11-27"),
    ("大后天 PCR", "2026-11-28"), ("明天的PCR", "2026-11-26"), ("tomorrow PCR", "2026-11-26"),
    ("PCR TODAY", "2026-11-25"),
    ("day after tomorrow PCR", "2026-11-27"), ("PCR tmr", "2026-11-26"),
    # Today's own name is today, a day gone by is next week's.
    ("周三 PCR", "2026-11-25"), ("周二 PCR", "2026-12-01"), ("星期五 PCR", "2026-11-27"),
    ("礼拜天 PCR", "2026-11-29"), ("周7 PCR", "2026-11-29"), ("PCR on friday", "2026-11-27"),
    ("PCR Tues", "2026-12-01"), ("这周五 PCR", "2026-11-27"), ("下周五 PCR", "2026-12-04"),
    ("下个星期一 PCR", "2026-11-30"), ("下下周一 PCR", "2026-12-07"),
    ("PCR next wednesday", "2026-12-02"), ("this fri PCR", "2026-11-27"),
    # Dates: of this year, or of the next once gone by.
    ("11月28日 PCR", "2026-11-28"), ("11月28号 PCR", "2026-11-28"), ("1月3日 PCR", "2027-01-03"),
    ("2027年1月3日 PCR", "2027-01-03"), ("2026-11-28 PCR", "2026-11-28"),
    ("2026/11/28 PCR", "2026-11-28"), ("12/3 PCR", "2026-12-03"), ("本月28日 PCR", "2026-11-28"),
    ("下个月3号 PCR", "2026-12-03"), ("PCR 28 Nov", "2026-11-28"), ("PCR Nov 28th", "2026-11-28"),
    ("PCR 3rd of january", "2027-01-03"), ("PCR on 3 Dec 2026", "2026-12-03"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "day"), DAYS)
def test_a_day_is_understood(typed, day):
    assert meant(typed) == window("PCR", day, "")


RANGES = [
    ("周末", window("", "2026-11-28", "", until="2026-11-29")),
    ("next weekend", window("", "2026-12-05", "", until="2026-12-06")),
    ("下周 质谱", window("质谱", "2026-11-30", "", until="2026-12-06")),
    ("this week", window("", "2026-11-25", "", until="2026-11-29")),
    # Hours of several days say how long, too.
    ("next week 9:00-11:00", window("", "2026-11-30", "09:00-11:00", "120", "2026-12-06")),
    ("下周上午 2小时", window("", "2026-11-30", "06:00-12:00", "120", "2026-12-06")),
]


@pytest.mark.parametrize(("typed", "address"), RANGES)
def test_several_days_are_understood(typed, address):
    assert meant(typed) == address


PARTS = [
    ("离心机 明天下午 2小时", window("离心机", "2026-11-26", "12:00-18:00", "120")),
    ("明天下午的离心机", window("离心机", "2026-11-26", "12:00-18:00")),
    ("周三上午 PCR", window("PCR", "2026-12-02", "06:00-12:00")),  # this morning is over
    ("周三下午 PCR", window("PCR", "2026-11-25", "12:00-18:00")),  # this afternoon is not
    ("laser scanner friday afternoon 90 min",
     window("laser scanner", "2026-11-27", "12:00-18:00", "90")),
    ("今晚", window("", "2026-11-25", "18:00-00:00")),
    ("PCR tonight", window("PCR", "2026-11-25", "18:00-00:00")),
    ("明早 PCR", window("PCR", "2026-11-26", "06:00-12:00")),
    ("tomorrow in the evening for 2 hours", window("", "2026-11-26", "18:00-00:00", "120")),
    ("中午", ("find", "day_from=11:00 day_until=14:00")),
    ("凌晨 PCR", ("find", "q=PCR day_from=00:00 day_until=06:00")),
    # A length within hours: some of these hours.
    ("9-17点 2小时 周一", window("", "2026-11-30", "09:00-17:00", "120")),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "address"), PARTS)
def test_a_part_of_the_day_finds_a_time(typed, address):
    assert meant(typed) == address


EXACT = [
    ("confocal tomorrow 14-16", "confocal", "2026-11-26T14:00", "2026-11-26T16:00"),
    ("confocal tomorrow 14–16", "confocal", "2026-11-26T14:00", "2026-11-26T16:00"),
    ("下周一 9点到11点 质谱", "质谱", "2026-11-30T09:00", "2026-11-30T11:00"),
    ("11月28日 14:00 流式 1.5小时", "流式", "2026-11-28T14:00", "2026-11-28T15:30"),
    ("11月28日14:00流式", "流式", "2026-11-28T14:00", ""),
    ("now", "", "2026-11-25T13:00", ""),
    ("PCR 现在 2小时", "PCR", "2026-11-25T13:00", "2026-11-25T15:00"),
    ("right now PCR", "PCR", "2026-11-25T13:00", ""),
    # Half a day is meant where it was said, once for both ends.
    ("明天下午2点到4点", "", "2026-11-26T14:00", "2026-11-26T16:00"),
    ("明天上午9点到下午2点", "", "2026-11-26T09:00", "2026-11-26T14:00"),
    ("明天 下午 离心机 2点 半小时", "离心机", "2026-11-26T14:00", "2026-11-26T14:30"),
    ("今晚8点到10点", "", "2026-11-25T20:00", "2026-11-25T22:00"),
    ("tonight 8pm 2h", "", "2026-11-25T20:00", "2026-11-25T22:00"),
    ("tomorrow 2-4pm", "", "2026-11-26T14:00", "2026-11-26T16:00"),
    ("tomorrow 11-1pm", "", "2026-11-26T11:00", "2026-11-26T13:00"),
    ("tomorrow 9-5", "", "2026-11-26T09:00", "2026-11-26T17:00"),
    ("tomorrow 9am to 11:30am", "", "2026-11-26T09:00", "2026-11-26T11:30"),
    ("tomorrow between 9 and 11", "", "2026-11-26T09:00", "2026-11-26T11:00"),
    ("tomorrow at 14", "", "2026-11-26T14:00", ""),
    ("周五 九点半", "", "2026-11-27T09:30", ""),
    ("周五十一点到十二点三刻", "", "2026-11-27T11:00", "2026-11-27T12:45"),
    ("周五9点30分到11点", "", "2026-11-27T09:30", "2026-11-27T11:00"),
    ("周五晚上12点", "", "2026-11-28T00:00", ""),
    ("friday 12am", "", "2026-11-27T00:00", ""),
    ("明天22:00-2:00", "", "2026-11-26T22:00", "2026-11-27T02:00"),
    ("明天14:00-16:00 2小时", "", "2026-11-26T14:00", "2026-11-26T16:00"),
    # Without a day: the next time the clock says so.
    ("14:00-16:00 PCR", "PCR", "2026-11-25T14:00", "2026-11-25T16:00"),
    ("from 9 to 11 PCR", "PCR", "2026-11-26T09:00", "2026-11-26T11:00"),
    ("周三9点", "", "2026-12-02T09:00", ""),
    ("今天9点", "", "2026-11-25T09:00", ""),  # said so: the page tells that it is over
]


@pytest.mark.parametrize(("typed", "text", "start", "end"), EXACT)
def test_times_by_the_clock_are_looked_for_as_they_are(typed, text, start, end):
    assert meant(typed) == exact(text, start, end)


LENGTHS = [
    ("2小时", 120), ("两个小时", 120), ("一个半小时", 90), ("1.5小时", 90), ("半小时", 30),
    ("2小时30分", 150), ("1小时半", 90), ("90分钟", 90), ("十二小时", 720), ("3天", 4320),
    ("2h", 120), ("1h30", 90), ("2.5 hours", 150), ("90 min", 90), ("90mins", 90),
    ("half an hour", 30), ("an hour", 60), ("an hour and a half", 90), ("2 hours 15 min", 135),
    ("7 days", 10080),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "minutes"), LENGTHS)
def test_a_length_is_understood(typed, minutes):
    assert meant(f"PCR {typed}") == ("find", f"q=PCR minutes={minutes}")


WORDS = [
    # Codes, models and amounts that only look like times.
    "TC14-16", "TC 14-16", "UV-1800", "1.5ml 离心管", "3号离心机", "ABI 7500", "9-12 kDa", "PCR2h",
    "Nikon A1 2026", "monkey", "sunrise reader", "nowcast", "maybe 3",
    # Said, but no day or length of ours.
    "2月30日", "2026-13-40", "1999-01-02", "25:00", "9:75", "0小时", "8 days", "900小时",
    "本周二", "this tuesday", "in 2 hours", "2小时后",
]  # fmt: skip


@pytest.mark.parametrize("typed", WORDS)
def test_what_is_not_understood_stays_a_word(typed):
    assert meant(typed) == words(typed)


def test_words_in_quotes_stay_words():
    assert meant('"friday" PCR') == words('PCR "friday"')
    assert meant("「明天」") == words("「明天」")


def test_of_two_days_the_second_stays_a_word():
    assert meant("周五 下周二 PCR") == window("下周二 PCR", "2026-11-27", "")
    assert meant("PCR 2h 3h") == ("find", "q=PCR 3h minutes=120")


def test_a_date_in_figures_is_not_guessed_in_english():
    assert meant("12/3 PCR", "en") == words("12/3 PCR")
    assert meant("28/11 PCR", "en") == window("PCR", "2026-11-28", "")
    assert meant("11/28 PCR", "en") == window("PCR", "2026-11-28", "")


def test_days_are_those_of_the_zone():
    late = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)  # already Thursday in Shanghai

    assert meant("today", now=late) == window("", "2026-11-26", "")
    assert meant("today", now=late, zone=ZoneInfo("America/New_York")) == window(
        "", "2026-11-25", ""
    )


@pytest.mark.parametrize(
    "typed",
    ["", " ", "\x00" * 500, "周" * 5000, "1" * 500, "9-" * 300, "1小时" * 200, "from " * 99,
     "一二三" * 99, "下" * 99, "at 99:99", "99点", '"' * 77, "9点到" * 30, "٣ days", "½小时",
     "9999年12月31日 23:00-2:00", "2199-12-31 23:00 7天", "\ud800", "<script>明天</script>"],
)  # fmt: skip
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_whatever_is_typed_gives_an_address(typed, locale):
    page, args = leads_to(read_asked(typed, NOW, SHANGHAI, locale))

    assert page in ("pools", "find")
    assert len(urlencode(args, errors="replace")) < 1500
