"""The demo park as a plan: places, parties, people, pools and units, by position in their lists."""

from dataclasses import dataclass, replace
from random import Random

from booking.demo.rules import words

POOLS = 1_500
UNITS = 12_000
LABS_PER_INSTITUTION = 3
MEMBERS_PER_COMPANY = 11
# Sizes by how common the kind is: one-offs to a hundred on the benches.
SIZES = {1: (1, 2), 2: (1, 5), 3: (2, 18), 4: (6, 60)}
LARGEST = 200
MEI_INSTITUTION = 5
MEI_LAB = 3  # the imaging lab

HOURS = (
    None,
    "1 08:00-20:00;2 08:00-20:00;3 08:00-20:00;4 08:00-20:00;5 08:00-20:00;6 08:00-20:00",
    "1 08:30-17:30;2 08:30-17:30;3 08:30-17:30;4 08:30-17:30;5 08:30-17:30",
)
SHARED_HOURS = "1 08:00-18:00;2 08:00-18:00;3 08:00-18:00;4 08:00-18:00;5 08:00-18:00"


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """A pool to make; `hours` and `shared` as stored, `shared` "" meaning not shared at all."""

    kind: words.Kind
    institution: int
    lab: int  # position in words.LABS
    site: int
    maker: str
    model: str
    size: int
    automatic: bool
    hours: str | None
    step: int
    longest: int
    warmup: int
    cleanup: int
    shared: str | None
    popular: bool


@dataclass(frozen=True, slots=True)
class Named:
    """A person whom the demo names: address, name, and what he or she is."""

    email: str
    name: str
    role: str  # member, admin, manager, representative, operator
    company: int | None = None


CAST = (
    Named("ada@demo.example", "艾达 Ada", "member", 0),
    Named("bo@demo.example", "博文 Bo", "admin", 0),
    Named("cy@demo.example", "程宇 Cy", "member", 1),
    Named("mei@demo.example", "梅老师 Mei", "manager"),
    Named("inst@demo.example", "终南医科大学设备处", "representative"),
    Named("ops@demo.example", "园区运营 Ops", "operator"),
)


def labs_of(institution: int) -> tuple[int, ...]:
    """Return the positions in words.LABS that an institution runs."""
    count = len(words.LABS)
    return tuple((institution * 3 + n * 3 + 8) % count for n in range(LABS_PER_INSTITUTION))


def person_name(rng: Random) -> str:
    """Return a Chinese name."""
    return rng.choice(words.SURNAMES)[0] + rng.choice(words.GIVEN)


def pools(rng: Random) -> list[PoolPlan]:
    """Return 1,500 pools of 1 to 200 units, 12,000 units in all; Mei's come first."""
    by_name = {kind.zh: kind for kind in words.KINDS}
    plans = [
        _pool(rng, by_name[name], MEI_INSTITUTION, MEI_LAB, size, popular=True, shared=None)
        for name, size in (
            ("激光共聚焦显微镜", 6),
            ("超高分辨显微镜", 2),
            ("活细胞成像系统", 3),
            ("高速冷冻离心机", 14),
            ("流式细胞分析仪", 4),
        )
    ]
    while len(plans) < POOLS:
        kind = rng.choice(words.KINDS)
        institution = rng.randrange(len(words.INSTITUTIONS))
        lab = rng.choice(labs_of(institution))
        shared = rng.choices((None, SHARED_HOURS, ""), (80, 15, 5))[0]
        size = rng.randint(*SIZES[kind.common])
        plans.append(_pool(rng, kind, institution, lab, size, popular=False, shared=shared))
    return _sized(rng, plans)


def _pool(
    rng: Random,
    kind: words.Kind,
    institution: int,
    lab: int,
    size: int,
    *,
    popular: bool,
    shared: str | None,
) -> PoolPlan:
    costly = kind.common <= 2
    maker = rng.choice(words.MAKERS)
    hours = HOURS[0] if popular else rng.choices(HOURS, (30, 45, 25))[0]
    longest = max(kind.minutes) * (2 if max(kind.minutes) < words.DAY else 7)
    return PoolPlan(
        kind=kind,
        institution=institution,
        lab=lab,
        site=words.INSTITUTIONS[institution][3],
        maker=maker,
        model="".join(rng.choices("ABCDEFGKLMNPRSTX", k=2)) + f"-{rng.randint(10, 99)}00",
        size=size,
        automatic=not costly and rng.random() < 0.7,
        hours=None if min(kind.minutes) >= words.FOUR else hours,
        step=30 if costly else 15,
        longest=min(longest, 7 * words.DAY),
        warmup=rng.choice((0, 0, 15, 30)) if costly else 0,
        cleanup=rng.choice((0, 15)) if costly else 0,
        shared=shared,
        popular=popular or rng.random() < 0.16,
    )


def _sized(rng: Random, plans: list[PoolPlan]) -> list[PoolPlan]:
    """Return the plans with sizes that add up to UNITS exactly, none above LARGEST."""
    sizes = [plan.size for plan in plans]
    many = [n for n, plan in enumerate(plans) if plan.kind.common == 4]
    sizes[many[0]], sizes[many[1]] = LARGEST, LARGEST * 3 // 4
    adjustable = [n for n, plan in enumerate(plans) if n >= 5 and plan.kind.common >= 3]
    missing = UNITS - sum(sizes)
    while missing:
        n, step = rng.choice(adjustable), 1 if missing > 0 else -1
        if 1 <= sizes[n] + step <= LARGEST:
            sizes[n] += step
            missing -= step
    return [replace(plan, size=size) for plan, size in zip(plans, sizes, strict=True)]
