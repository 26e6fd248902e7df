"""Hostile strings: each is of a kind that has broken somebody's form, page, query or mail."""

SCRIPT = "<script>alert(1)</script>"
# Each met a fault once, or is of a kind that often does: for every field, each time.
FEW = (
    "a\x00b", "9" * 30, "9" * 5000, "0001-01-01", "9999-12-31", "x" * 30_000, SCRIPT, "%_'\"",
    "22:00-22:00", b"\xed\xa0\x80",
)  # fmt: skip
# For fields whose values begin so.
PARTIES = (f"company-{'9' * 30}", f"company-{'9' * 5000}")
ALL = (
    *FEW, *PARTIES,
    # nothing, blanks, what cannot be seen
    "", " ", "\t", "\n", "\r\n", "\x00", "\x0b", "\x0c", "\x1b[31m", "\x7f", "\x85",
    "\xa0", "\u2028",
    "\u200b", "\u200d\u200d", "\ufeff", "\u202etxt.exe", "\u2066a\u2069", "\u00ad",
    "\ufffe", "\U000e0041",
    "e\u0301" * 200, "Z\u0351\u036b" * 500,
    "\ufdfa" * 300, "👩‍👩‍👧‍👦" * 50,
    "ＡＤＡ＠ｔｅｓｔ．ｅｘａｍｐｌｅ", "ı", "ß", "İ",
    b"\xff\xfe", b"\xc0\x80", b"\xf4\x90\x80\x80", b"%00", b"\x80" * 50,
    # markup and templates
    "\"><img src=x onerror=alert(1)>", "'-alert(1)-'", "javascript:alert(1)",
    "data:text/html,<b>",
    "<!--", "]]>", "</textarea>" + SCRIPT, "</title>" + SCRIPT, "&lt;script&gt;",
    "&#60;b>", "{{7*7}}",
    "{% raw %}", "${7*7}", "#{7*7}", "<%= 7 %>", "{0.__class__}", "%(name)s", "%s%s%s%n",
    "{}", "{a}",
    # lines and headers
    "a\r\nBcc: x@x.example", "a\nSet-Cookie: a=b", "a\r\n\r\n<b>", "a%0d%0aX: 1",
    "BEGIN:VCALENDAR",
    "a\nATTACH:x", "=?utf-8?q?a?=", "a@b@c", "a@b.example\n", "\"a b\"@x.example",
    "a@[127.0.0.1]",
    # SQL and patterns
    "' OR '1'='1", "1; DROP TABLE reservation;--", "\\'; --", "%", "_", "\\",
    "a%' ESCAPE '", "(a+)+$",
    "[", "*", "?", "1 UNION SELECT 1", "0x41", "NULL", "null", "None", "undefined", "NaN",
    "Infinity",
    # numbers
    "-1", "0", "1.5", "1e9", "1e400", "-0", "+1", " 1 ", "1,000", "0x10", "٣", "１", "²",
    "9223372036854775807",
    "9223372036854775808", "-9223372036854775809", "2147483648", "00000000000000000001",
    "1_000",
    # days, times, zones
    "2026-02-30", "2026-11-24T25:00", "2026-11-24T10:00Z", "2026-11-24T10:00+99:99",
    "10:60", "24:00",
    "00:00-00:00", "1 08:00-18:00;1 09:00-10:00", "0000-00-00", "-0001-01-01",
    "99999-01-01",
    "2026-W48-2", "Mars/Olympus", "../../etc/localtime", "UTC+25", "2027-03-14T02:30",
    # rules, structures, names of files, sheets' formulas
    "FREQ=SECONDLY", "FREQ=DAILY;COUNT=999999999", "[]", "{\"a\":",
    "[" * 5000, "[[[[]]]]", "true",
    "../../../etc/passwd", "C:\\con", "a/b\\c", "..", ".", "=1+1", "@SUM(1)",
    "+cmd|' /C calc'!A0",
    "-2+3", "\t=1", "＝1+1",
    "x" * 255, "x" * 256, "x" * 2001, "中" * 1000, "x," * 3000, "\n" * 2000,
)  # fmt: skip
