"""The glossary: each word in Chinese and English with what it means here; see /help/glossary."""

from dataclasses import dataclass

from booking.web.rule_texts import N_


@dataclass(frozen=True, slots=True)
class Term:
    """A word; `slug` is its anchor in the page's address."""

    slug: str
    zh: str
    en: str
    text_zh: str
    text_en: str


SECTIONS: tuple[tuple[str, tuple[Term, ...]], ...] = (
    (N_("Instruments and units"), (
        Term(
            "instrument", "仪器", "instrument",
            "可以预约的设备、房间、工位，或某位技术人员的时间。",
            "Equipment, a room, a place or somebody's time that can be reserved.",
        ),
        Term(
            "unit", "台套", "unit",
            "一台具体的仪器，有自己的资产编号和位置。",
            "One particular instrument, with its own asset number and place.",
        ),
        Term(
            "group", "同型设备组", "instrument group",
            "可互相替代的台套：同厂家、同型号、同规则；单台仪器自成一组。",
            "Units that may stand in for one another: same maker, model and rules. A single "
            "unit is a group of its own.",
        ),
        Term(
            "class", "仪器分类", "class",
            "国家大型科学仪器分类中的类别，六位代码。",
            "A node of the national classification of instruments, with a code of six "
            "digits.",
        ),
        Term(
            "platform", "技术平台", "platform",
            "按用途归集的仪器，如精准诊断。",
            "Instruments grouped by what they serve, such as precision diagnosis.",
        ),
        Term(
            "state", "运行状态", "operating status",
            "在用、受限（可预约，有提示）、停用或报废；停用和报废的不能预约。",
            "In service, limited (bookable, with a warning), down or retired; the last two "
            "cannot be booked.",
        ),
        Term(
            "asset-number", "资产编号", "asset number",
            "产权单位登记的编号，在该单位内唯一。",
            "The number under which its institution has registered the unit.",
        ),
        Term(
            "customs", "海关监管", "customs supervision",
            "免税进口仪器在监管期内只能用于科研、开发和教学。",
            "Instruments imported duty-free serve only research, development and teaching "
            "while supervised.",
        ),
    )),
    (N_("People and organisations"), (
        Term(
            "park", "园区", "park",
            "由运营方管理的场地，仪器由各单位提供给入驻企业共享。",
            "The place run by its operators, in which institutions share instruments with "
            "companies.",
        ),
        Term(
            "institution", "合作单位 / 产权单位", "institution",
            "提供仪器的医院、高校或企业。",
            "The hospital, university or company that owns instruments.",
        ),
        Term(
            "company", "入驻企业", "resident company",
            "其成员预约仪器的企业。",
            "The company whose members book.",
        ),
        Term(
            "lab", "实验室 / 机组", "lab",
            "管理仪器的团队：负责人、副手和技术人员。",
            "The team that runs instruments: managers, deputies and staff.",
        ),
        Term(
            "manager", "仪器负责人", "instrument manager",
            "审批预约、设定规则、停机维护的人。",
            "Decides on requests, sets rules, closes for maintenance.",
        ),
        Term(
            "company-admin", "企业管理员", "company admin",
            "管理企业成员及其角色、机时上限的人。",
            "Looks after the company's people, their roles and limits.",
        ),
        Term(
            "operator", "园区运营", "operator",
            "管理整个园区的人。",
            "Runs the whole park.",
        ),
        Term(
            "auditor", "审计员", "auditor",
            "可以查看全部内容，但不能修改。",
            "Reads everything and changes nothing.",
        ),
    )),
    (N_("Booking an instrument"), (
        Term(
            "reservation", "预约", "reservation",
            "一个时段内占用一台或多台仪器，以某企业或单位的名义。",
            "One or more units for a time, by a person, for a company or institution.",
        ),
        Term(
            "instrument-time", "机时", "instrument time",
            "使用仪器的时间；配额按机时计算。",
            "Time on an instrument; quotas count it.",
        ),
        Term(
            "any-unit", "任意一台", "any unit",
            "由系统安排组内任意一台，开始前一天确定。",
            "The system takes whichever unit of the group fits; settled a day before.",
        ),
        Term(
            "provisional", "暂定", "provisional",
            "所用台套仍可能调换为同组另一台，时间不变。",
            "The unit may still be changed for another of its group; the time stays.",
        ),
        Term(
            "approval", "审批", "approval",
            "需要实验室（有时还有企业或专家组）同意；等待期间时段为您保留。",
            "The lab, sometimes the company or a group, has to agree; the time is held "
            "meanwhile.",
        ),
        Term(
            "buffer", "前后预留", "buffer",
            "开机准备和清理所需的时间，占用仪器但不属于您的预约时段。",
            "Warm-up and clean-up around a reservation: the unit is blocked, the time is "
            "not yours.",
        ),
        Term(
            "warm-up", "开机准备", "warm-up",
            "使用前的准备时间。",
            "What is needed before use.",
        ),
        Term(
            "clean-up", "后处理", "clean-up",
            "使用后清理或冷却的时间。",
            "What is needed after use.",
        ),
        Term(
            "series", "系列预约", "series",
            "按规则重复的预约，如每周二 14:00。",
            "A reservation repeated by a rule, such as every Tuesday at 14:00.",
        ),
        Term(
            "bundle", "组合预约", "bundle",
            "同时预约多台仪器：要么全部约到，要么都不约。",
            "Several instruments at the same time: all of them or none.",
        ),
        Term(
            "chain", "依次预约", "sequence",
            "多台仪器一台接一台使用，中间可留间隔。",
            "Several instruments one after the other, with gaps between.",
        ),
        Term(
            "waitlist", "候补", "waiting list",
            "时段被占时排队；一有空位，按顺序为您保留一段时间供确认。",
            "A place in line for taken time; what becomes free is held for the first in "
            "line.",
        ),
        Term(
            "draw", "公平开放", "fair opening",
            "新开放日期的申请先收集，再按近期使用少者优先分配。",
            "Requests for a day that opens are collected; who has used least of late comes "
            "first.",
        ),
        Term(
            "check-in", "签到", "check-in",
            "开始使用时确认到场；部分仪器不签到视为爽约。",
            "Saying that one is there; at some instruments who does not is a no-show.",
        ),
        Term(
            "no-show", "爽约", "no-show",
            "已约未到，时段随即释放。",
            "Reserved but nobody came; the time is free for others.",
        ),
        Term(
            "horizon", "最早提前", "book ahead",
            "最多可以提前多少天预约。",
            "How far ahead one can book.",
        ),
        Term(
            "granularity", "时间步长", "step",
            "开始和结束时间须对齐的间隔，如 30 分钟。",
            "Start and end fall on multiples of it, such as 30 minutes.",
        ),
        Term(
            "quota", "配额", "quota",
            "每人或每企业在一天、一周或一月内可约的机时或次数。",
            "How much a person or company may book in a day, week or month.",
        ),
        Term(
            "purpose", "用途", "purpose",
            "科学研究、科技开发、教学或其他。",
            "Research, development, teaching or other.",
        ),
        Term(
            "override", "破例", "override",
            "仪器负责人填写理由后可不受规则限制，并留有记录。",
            "A manager may book in spite of the rules, with a reason that is kept.",
        ),
    )),
    (N_("Sharing"), (
        Term(
            "open-sharing", "开放共享", "open sharing",
            "产权单位把仪器开放给其他单位使用。",
            "An institution lets others use its instruments.",
        ),
        Term(
            "contribution", "共享协议", "sharing agreement",
            "约定哪些仪器、从何时到何时、每周哪些时段开放。",
            "Which instruments are shared, from when until when, at which hours.",
        ),
        Term(
            "shared-hours", "共享时段", "shared hours",
            "园区其他人员可以预约的时段；其余时段归产权单位。",
            "The hours at which others may book; the rest is the owner's.",
        ),
        Term(
            "owner-priority", "产权单位优先", "owner's priority",
            "开始前若干小时内，产权单位可调换尚未确定的预约。",
            "For some hours before the start the owner may move what is still provisional.",
        ),
        Term(
            "closure", "停机", "closure",
            "维护、校准、故障或自用期间不可预约。",
            "Maintenance, calibration, a fault or own use: nothing can be booked.",
        ),
    )),
    (N_("Qualification and conduct"), (
        Term(
            "qualification", "上机资格", "qualification",
            "某人可在某级别操作某仪器，有有效期。",
            "Somebody may operate an instrument, at a level, until a day.",
        ),
        Term(
            "level", "资格级别", "level",
            "1 陪同上机，2 有人值守时段，3 任意时段，4 培训师。",
            "1 assisted, 2 in staffed hours, 3 at any hour, 4 trainer.",
        ),
        Term(
            "training", "培训 / 考核", "training, assessment",
            "取得上机资格的途径：培训场次、测验、实验室签字。",
            "The way to a qualification: a session, a quiz, the lab's signature.",
        ),
        Term(
            "agreement", "使用协议", "user agreement",
            "预约前需阅读并同意的条款。",
            "Terms that are accepted before booking.",
        ),
        Term(
            "notice", "公告", "notice",
            "园区、实验室或仪器发布的消息；“必读”的须先确认阅读。",
            "What the park, a lab or an instrument announces; what must be read is ticked "
            "first.",
        ),
        Term(
            "appeal", "申诉", "appeal",
            "对资格被暂停提出异议。",
            "Objecting to a suspension.",
        ),
    )),
    (N_("Figures"), (
        Term(
            "utilisation", "利用率", "utilisation rate",
            "使用机时占可用机时的比例。",
            "Hours in use as a share of the hours available.",
        ),
        Term(
            "sharing-rate", "共享率", "sharing rate",
            "对外服务机时占使用机时的比例。",
            "Hours for others as a share of the hours in use.",
        ),
        Term(
            "used-hours", "使用机时", "hours in use",
            "开机准备、测试和必要的后处理时间之和。",
            "Warm-up, use and necessary clean-up together.",
        ),
        Term(
            "original-value", "原值", "original value",
            "购置时的价值。",
            "What it cost when it was bought.",
        ),
    )),
)  # fmt: skip
