"""What audit rows about instruments, their rules and imports say in words."""

from collections.abc import Mapping

from booking.web.rule_texts import N_

INSTRUMENTS_ACTIONS: Mapping[str, str] = {
    "qualification.grant": N_("Granted a qualification"),
    "qualification.revoke": N_("Ended a qualification"),
    "agreement.set": N_("Set a user agreement"),
    "agreement.accept": N_("Accepted a user agreement"),
    "questions.set": N_("Set the questions at booking"),
    "quota.set": N_("Set a quota"),
    "quota.end": N_("Ended a quota"),
    "rule.set": N_("Set a booking rule"),
    "rule.clear": N_("Cleared a booking rule"),
    "calendar.put": N_("Changed the calendar"),
    "calendar.remove": N_("Removed a day from the calendar"),
    "categories.load": N_("Loaded instrument categories"),
    "import_upload": N_("Uploaded a file of units"),
    "import_confirm": N_("Confirmed an import"),
    "import_units": N_("Imported units"),
    "import_reservations": N_("Imported reservations"),
    "pool.split": N_("Split an instrument group"),
    "unit.close": N_("Closed a unit for a time"),
    "unit.reopen": N_("Ended a closure"),
    "unit.need": N_("Noted that a unit needs another"),
    "unit.no_need": N_("Removed what a unit needs"),
}
INSTRUMENTS_THINGS: Mapping[str, str] = {
    "site": N_("site"),
    "building": N_("building"),
    "room": N_("room"),
    "platform": N_("platform"),
    "category": N_("category"),
    "pool": N_("instrument group"),
    "unit": N_("unit"),
    "contribution": N_("sharing agreement"),
    "agreement": N_("user agreement"),
    "calendar": N_("calendar"),
    "import": N_("import"),
    "import_batch": N_("import"),
    "rule_park": N_("booking rule of the park"),
    "rule_site": N_("booking rule of a site"),
    "rule_lab": N_("booking rule of a lab"),
    "rule_class": N_("booking rule of a class"),
    "rule_pool": N_("booking rule of a group"),
    "qualification": N_("qualifications"),
    "agreement_acceptance": N_("agreements accepted"),
}
