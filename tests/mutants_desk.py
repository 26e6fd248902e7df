"""Planted defects of the lab's desk: its inbox, its reasons, its day."""

from tests.mutant import Mutant

TODAY = "tests/approvals/test_today.py"
REASONS = "tests/companies/test_reasons.py"

DESK = (
    Mutant(
        name="whoever uses a reservation says that nobody came",
        file="booking/approvals/services/missing.py",
        old='    if not may(actor, "reservation.decide", found.subject):\n',
        new="    if False:\n",
        tests=(f"{TODAY}::test_only_the_labs_deciders_say_that_nobody_came",),
        promise="only the lab's deciders say that nobody came",
    ),
    Mutant(
        name="anybody writes a lab's reasons",
        file="booking/companies/services/reasons.py",
        old='    require(actor, "pool.edit", Subject(lab_id=lab_id))\n',
        new="",
        tests=(f"{REASONS}::test_only_the_labs_managers_write",),
        promise="only a lab's managers write its reasons",
    ),
    Mutant(
        name="what somebody else wrote meanwhile is overwritten",
        file="booking/companies/services/reasons.py",
        old="    if seen is not None and list(seen) != before:\n",
        new="    if False:\n",
        tests=(f"{REASONS}::test_what_somebody_else_wrote_meanwhile_is_not_lost",),
        promise="no manager's list is lost to another's",
    ),
    Mutant(
        name="a door names who is inside to everybody",
        file="booking/approvals/views/today.py",
        old='    names = of_lab and request.args.get("names") != "0"\n',
        new='    names = request.args.get("names") != "0"\n',
        tests=(f"{TODAY}::test_a_door_names_nobody_but_to_the_lab",),
        promise="a door names nobody but to the lab",
    ),
)
