"""Which decisions a request needs, in which order (DESIGN §7)."""

from dataclasses import dataclass

from booking.core.actor import Actor, Party
from booking.policies.rules.values import PoolRules


@dataclass(frozen=True, slots=True)
class Step:
    """One decision: of the person's company, the pool's lab, or a decider group (`group_id`)."""

    kind: str
    group_id: int | None = None


COMPANY, LAB = Step("company"), Step("lab")
ONLY_LAB = (LAB,)


def chain(
    rules: PoolRules, party: Party | None, by: Actor | None, *, asks_lab: bool
) -> tuple[Step, ...]:
    """Return the steps: the company (spending and need), the lab, then a named group.

    Whoever could decide a step needs it not for what they book themselves. `asks_lab` tells
    whether the lab has to agree; `by` books, None for somebody who may not decide.
    """
    found = [LAB] if asks_lab else []
    company_id = party.company_id if party is not None else None
    if rules.company_decides.value and company_id is not None:
        own = by is not None and company_id in by.administered_company_ids
        found = found if own else [COMPANY, *found]
    group_id = rules.group_decides.value
    if group_id and not (by is not None and group_id in by.duties.own_group_ids):
        found.append(Step("group", group_id))
    return tuple(found)
