"""Rules that repeat, told in Chinese and English."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask_babel import force_locale

from booking.reservations.rules.rrule import parse_rule
from booking.web.repeats import rule_words

FIRST = datetime.fromisoformat("2026-11-24T09:00")  # a Tuesday
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("FREQ=DAILY;COUNT=10", "每天 09:00，共 10 次", "every day at 09:00, 10 times"),
        (
            "FREQ=DAILY;INTERVAL=2;UNTIL=20270402",
            "每 2 天 09:00，至 2027年4月2日",
            "every 2 days at 09:00, until 2 Apr 2027",
        ),
        (
            "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=1",
            "每周二、周四 09:00，共 1 次",
            "every week on Tue, Thu at 09:00, once",
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=3",
            "每 2 周的周二 09:00，共 3 次",
            "every 2 weeks on Tue at 09:00, 3 times",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3",
            "每月31 日（没有该日的月份跳过） 09:00，共 3 次",
            "every month on day 31 (months without it are skipped) at 09:00, 3 times",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3",
            "每月最后一天 09:00，共 3 次",
            "every month on the last day at 09:00, 3 times",
        ),
        (
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=2MO,-1FR;COUNT=3",
            "每 3 个月的最后一个周五、第 2 个周一 09:00，共 3 次",
            "every 3 months on the last Fri, the 2nd Mon at 09:00, 3 times",
        ),
        (
            "FREQ=MONTHLY;UNTIL=20270331T160000Z",
            "每月24 日 09:00，至 2027年4月1日",
            "every month on day 24 at 09:00, until 1 Apr 2027",
        ),
    ],
)
def test_a_rule_is_told_in_plain_words(app, text, zh, en):
    with app.test_request_context():
        for locale, words in (("zh_Hans_CN", zh), ("en", en)):
            with force_locale(locale):
                assert rule_words(parse_rule(text), FIRST, ZONE) == words


def test_what_is_left_out_is_told_bounded(app):
    days = [date(2026, 12, day) for day in range(1, 9)]
    with app.test_request_context(), force_locale("en"):
        words = rule_words(parse_rule("FREQ=DAILY;COUNT=30", days), FIRST, ZONE)

    assert words == (
        "every day at 09:00, 30 times, except 1 Dec 2026, 2 Dec 2026, 3 Dec 2026, 4 Dec 2026…"
    )
