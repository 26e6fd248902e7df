"""Texts of waiting for time: why one cannot join, take an offer or hold a slot."""


def N_(text: str) -> str:
    """Return `text` unchanged, marked for extraction."""
    return text


WAITING_TEXTS: dict[str, str] = {
    "unknown_waiting": N_("Choose what to wait for."),
    "minutes_invalid": N_("Give a length in minutes, from 1 to a year."),
    "window_too_short": N_("The slot does not fit between the earliest start and the latest end."),
    "too_many_waiting": N_("You wait for %(limit)s things already. Leave one first."),
    "already_waiting": N_("You wait for this already."),
    "not_waiting": N_("This wish is already over."),
    "no_offer": N_("There is no offer to decide on any more."),
    "offer_ended": N_("The offer has ended. The next in line is asked."),
    "no_slot": N_("No free time long enough."),
    "no_short_holds": N_("Slots of this instrument are not kept while a form is open."),
    "too_many_entries": N_("You have asked for %(limit)s times of this day. Take one back first."),
    "already_drawn": N_("The draw has begun. What it gives you, you may cancel."),
    "too_many_holds": N_("You keep %(limit)s slots at a time at most."),
}
