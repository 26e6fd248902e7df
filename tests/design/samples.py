"""What the style guide and the other skeletons are shown with."""

from datetime import UTC, datetime
from types import SimpleNamespace

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    FileField,
    Form,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange

ZH = {
    "pool": "激光扫描共聚焦显微镜",
    "lead": "蔡司 LSM 980 · 西安园区 3 号楼 412 · 精准诊断平台",
    "catalogue": "仪器目录", "category": "光学显微镜", "book": "预约",
    "warning": "1 号机偶有故障", "warning_text": "405 nm 激光器功率不稳，定量实验请选 2 号机。",
    "why": "了解详情",
    "facts_title": "预约规则",
    "facts": [("开放时间", "周一至周五 08:00–20:00"), ("单次时长", "30 分钟至 8 小时"),
              ("最早提前", "30 天"), ("审批", "需仪器负责人同意，24 小时内答复"),
              ("前后预留", "开机 15 分钟，清理 10 分钟")],
    "history_title": "经过",
    "history": [("韦明 提交预约", "11月21日 周五 16:04"), ("梅晓岚 同意", "11月21日 周五 16:31"),
                ("提醒已发出", "11月23日 周日 09:00")],
    "form_title": "预约", "send": "提交预约",
    "lengths": [(60, "1 小时"), (120, "2 小时"), (240, "4 小时")],
    "list_title": "列表与筛选", "search": "名称、型号、厂家、资产编号，可用拼音",
    "search_button": "搜索",
    "platform": "技术平台", "site": "园区", "inbox_title": "待审批的预约",
    "columns": ["申请人", "仪器", "时间", "提交", "状态"], "approve": "同意", "reject": "驳回",
    "small_title": "小件",
    "tiles": [("12,000", "台套"), ("1,504", "同型设备组"), ("87%", "本周可约")],
    "progress": "正在导入：7,440 / 12,000 行", "empty": "还没有预约",
    "empty_text": "在仪器目录里挑一台，选好时间就可以预约。",
    "ask": "取消这次预约？", "ask_yes": "取消预约",
    "ask_text": "时间会立即释放给其他人，仪器负责人会收到通知。",
}  # fmt: skip
EN = {
    "pool": "Laser scanning confocal microscope",
    "lead": "Zeiss LSM 980 · Xi'an, building 3, room 412 · Precision diagnostics",
    "catalogue": "Catalogue", "category": "Optical microscopes", "book": "Book",
    "warning": "Unit 1 is limited",
    "warning_text": "Its 405 nm laser is unsteady; take unit 2 for quantitative work.",
    "why": "Read more",
    "facts_title": "Booking rules",
    "facts": [("Open", "Mon–Fri 08:00–20:00"), ("Length", "30 minutes to 8 hours"),
              ("In advance", "up to 30 days"), ("Approval", "by the lab manager, within 24 hours"),
              ("Buffers", "15 minutes before, 10 after")],
    "history_title": "History",
    "history": [("Requested by Wei Ming", "Fri 21 Nov 16:04"),
                ("Approved by Mei Xiaolan", "Fri 21 Nov 16:31"),
                ("Reminder sent", "Sun 23 Nov 09:00")],
    "form_title": "Book", "send": "Request reservation",
    "lengths": [(60, "1 hour"), (120, "2 hours"), (240, "4 hours")],
    "list_title": "List and filters", "search": "Name, model, maker, asset number, pinyin",
    "search_button": "Search", "platform": "Platform", "site": "Site",
    "inbox_title": "Requests to decide",
    "columns": ["Who", "Instrument", "When", "Asked", "Status"],
    "approve": "Approve", "reject": "Reject", "small_title": "Small parts",
    "tiles": [("12,000", "units"), ("1,504", "pools"), ("87%", "free this week")],
    "progress": "Importing: row 7,440 of 12,000", "empty": "No reservations yet",
    "empty_text": "Pick an instrument in the catalogue, choose a time, and book it.",
    "ask": "Cancel this reservation?", "ask_yes": "Cancel reservation",
    "ask_text": "The time is free for others at once, and the lab manager is told.",
}  # fmt: skip


def _choices(*pairs):
    return [SelectChoice(value, label) for value, label in pairs]


class Sample(Form):
    """One field of each kind."""

    start = DateTimeLocalField("开始", [InputRequired()])
    end = DateTimeLocalField("结束", [InputRequired()])
    purpose = SelectField(
        "用途", choices=_choices(("research", "科学研究"), ("development", "科技开发"))
    )
    unit = RadioField(
        "仪器", [InputRequired()], choices=_choices(("", "任意一台"), ("1", "1 号机"))
    )
    quantity = IntegerField("数量", [InputRequired(), NumberRange(1, 3, "最多 3 台。")])
    note = TextAreaField("备注", description="样品、探针或需要协助的地方。")
    file = FileField("附件", description="CSV 或 XLSX，最大 20 MB。")
    on_behalf = BooleanField("代他人预约")


class Door(Form):
    """The fields of the account pages."""

    email = StringField("电子邮箱", [InputRequired("请填写电子邮箱。")])
    password = PasswordField("密码", [InputRequired("请填写密码。")])
    current_password = PasswordField("当前密码", [InputRequired("请填写当前密码。")])
    new_password = PasswordField(
        "新密码", [InputRequired("请填写新密码。")], description="至少 10 个字符。"
    )


FIELDS = {
    "accounts/sign_in": {"email", "password"},
    "accounts/set_password": {"password"},
    "accounts/change_password": {"current_password", "new_password"},
}


def values(name, args):
    """Return what the template of that name is rendered with."""
    if name == "error":
        return {"status": int(args.get("status", 404)), "reference": args.get("reference")}
    if name.startswith("accounts/"):
        form = Door(MultiDict({"email": "mei@demo.example"}))
        for field in set(form.data) - FIELDS[name]:
            del form[field]
        if args.get("wrong"):
            form.validate()
            form.form_errors.append("邮箱或密码不正确。")
        return {"form": form, "email": "mei@demo.example"}
    english = args.get("lang") == "en"
    return {
        "sample": EN if english else ZH,
        "form": _form(),
        "week": _week(14, english),
        "violations": _violations(),
        "alternatives": _alternatives(),
        "facets": _facets(),
        "rows": _rows(),
        "requests": _requests(),
        "pager_url": lambda page: f"?page={page}",
    }


def _form():
    typed = {
        "start": "2025-11-24T09:00", "end": "2025-11-24T11:00", "quantity": "4",
        "purpose": "development", "note": "小鼠脑片，需要 561 nm。", "unit": "1",
    }  # fmt: skip
    form = Sample(MultiDict(typed))
    form.validate()
    return form


def _violations():
    return [
        SimpleNamespace(
            message="周六不开放；这台仪器周一至周五 08:00–20:00 可用。",
            origin="仪器规则", fix=("改到周一 09:00–11:00", "#monday"),
        ),
        SimpleNamespace(message="单次最多 8 小时，您选了 9 小时。", origin="平台默认", fix=None),
    ]  # fmt: skip


def _alternatives():
    return [
        SimpleNamespace(when=when, where=where, reason=reason, url=None, fields=[("unit", "2")])
        for when, where, reason in (
            ("11月24日 周一 09:00–11:00", "2 号机 · 3 号楼 412", "sibling_now"),
            ("11月24日 周一 13:30–15:30", "1 号机 · 3 号楼 412", "same_unit_later"),
            ("11月25日 周二 08:00–10:00", "3 号机 · 3 号楼 414", "next_in_pool"),
        )
    ]


def _facets():
    platforms = (
        "精准诊断",
        "精准治疗",
        "精准评价",
        "战略资源库",
        "细胞制备",
        "分子影像",
        "质谱",
        "流式",
        "动物",
        "测序",
    )
    return {
        "platform": [
            SimpleNamespace(value=i, label=name, count=412 - 37 * i, on=i == 1)
            for i, name in enumerate(platforms)
        ],
        "site": [
            SimpleNamespace(value=i, label=name, count=count, on=i == 0)
            for i, (name, count) in enumerate((("西安", 918), ("成都", 586)))
        ],
    }  # fmt: skip


def _rows():
    kinds = (
        ("激光扫描共聚焦显微镜", "LSM 980 · 蔡司 · 西安 · 14 台", "约 13:30 起可约", "in_service"),
        ("超速离心机", "Optima XPN-100 · 贝克曼 · 成都 · 1 台", "约明天 08:00 起可约", "limited"),
        (
            "三重四极杆液质联用仪（含自动进样与恒温柱箱，附全套标准品与方法库）",
            "TSQ Altis Plus · 赛默飞 · 西安 · 3 台", "维修中", "down",
        ),
    )  # fmt: skip
    return [
        SimpleNamespace(name=name, sub=sub, free=free, state=state)
        for name, sub, free, state in kinds
    ]


def _requests():
    at = datetime(2025, 11, 21, 8, 4, tzinfo=UTC)
    people = (
        ("韦明", "秦创原生物"),
        ("Ada Lovelace", "Analytical Engines"),
        ("陈思远", "华新医药"),
    )
    return [
        SimpleNamespace(
            who=who, party=party, what="共聚焦显微镜 · 任意 1 台", when="11月24日 周一 09:00–11:00",
            at=at, asked="11月21日 16:04", status="pending",
        )
        for who, party in people
    ]  # fmt: skip


def _week(total, english):
    names = (
        ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun") if english else tuple("一二三四五六日")
    )
    days = [
        {
            "label": name if english else f"周{name}", "date": str(24 + i),
            "iso": f"2025-11-{24 + i}", "today": i == 1,
        }
        for i, name in enumerate(names)
    ]  # fmt: skip
    rows = [
        {
            "label": f"{8 + half // 2:02d}:{half % 2 * 30:02d}",
            "half": bool(half % 2),
            "cells": [_cell(day, half, total) for day in range(7)],
        }
        for half in range(20)
    ]
    title = "24–30 Nov 2025" if english else "2025年11月24–30日"
    return {
        "title": title, "days": days, "rows": rows,
        "today_url": "#today", "prev_url": "#earlier", "next_url": "#later",
    }  # fmt: skip


def _cell(day, half, total):
    free = (day * 5 + half // 3 * 4) % (total + 1)
    state = "free" if free == total else "partly" if free else "busy"
    if day >= 5:
        state = "closed"
    elif day == 0 or (day == 1 and half < 6):
        state = "past"
    bookable = state in ("free", "partly")
    return {
        "state": state, "free_count": free, "total": total,
        "url": f"#slot-{day}-{half}" if bookable else None,
        "label": f"{24 + day} · {8 + half // 2}:{half % 2 * 30:02d} · {free}/{total}",
        "chosen": (day, half) in {(2, 4), (2, 5)},
    }  # fmt: skip
