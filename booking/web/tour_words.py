"""What the tours say: at most four steps, each with the page it is about."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what there is, in a sentence more, and where."""

    title: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Tour:
    """A tour with its name and steps."""

    name: str
    title: str
    steps: tuple[Step, ...]


def tour_words(name: str) -> Tour:
    """Return a tour of `help.rules.TOURS` in the reader's language."""
    title, steps = _tours()[name]
    return Tour(name, title, tuple(Step(*step) for step in steps))


def _tours() -> dict[str, tuple[str, list[tuple[str, str, str]]]]:
    return {
        "member": (
            _("Good to know when you begin"),
            [
                (_("Search with a time"),
                 _("“centrifuge tomorrow 14–16” finds what is free then."),
                 url_for("catalogue.pools")),
                (_("Compare and put together"),
                 _("Tick instruments in the catalogue; book several as one."),
                 url_for("catalogue.bundle")),
                (_("What you may use"),
                 _("Your passport has your qualifications and the way to more."),
                 url_for("training.passport")),
                (_("Words explained"),
                 _("Units, groups, buffers, provisional: the glossary has them all."),
                 url_for("help.glossary")),
            ],
        ),
        "manager": (
            _("Good to know for who runs a lab"),
            [
                (_("Decide on requests"),
                 _("j, k, a and r work the inbox without a mouse."), url_for("approvals.inbox")),
                (_("See the day"),
                 _("Who is on each instrument now, who is next, who is late."),
                 url_for("today.today")),
                (_("Set the rules"),
                 _("Hours, lengths, quotas: with what they would have refused."),
                 url_for("manage.list_pools")),
                (_("Away? Name who decides"),
                 _("Inbox and mail follow; it ends by itself."), url_for("away.absence")),
            ],
        ),
        "operator": (
            _("Good to know for who runs the park"),
            [
                (_("Set up the park"),
                 _("Sites, institutions, labs, companies and people, in this order."),
                 url_for("park.start")),
                (_("Bring in the inventory"),
                 _("A list from a spreadsheet, every row looked at before it counts."),
                 url_for("imports.list_batches")),
                (_("Tell everybody"),
                 _("Notices for the park; what must be read is ticked before booking."),
                 url_for("notices.of_park")),
                (_("See what was done"),
                 _("Every change with who, when and from where."), url_for("audit.park")),
            ],
        ),
    }  # fmt: skip
