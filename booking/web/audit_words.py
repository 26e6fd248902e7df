"""What audit rows say in words: one table from action to sentence, for pages and exports.

Rows written by `audit.services.add` and `change` are named `<table>.<verb>`; every other action has
a line of its own. A test fails on an action without words.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from booking.web.audit_fields import COLUMNS
from booking.web.rule_texts import N_
from booking.web.training_audit_words import TRAINING_ACTIONS, TRAINING_THINGS

ACTIONS: Mapping[str, str] = {
    "session.start": N_("Signed in"),
    "session.end": N_("Signed out"),
    "password.change": N_("Changed the password"),
    "password.set": N_("Set a password by a link"),
    "password.reset_asked": N_("Was sent a link to a new password"),
    "session.end_others": N_("Signed all other devices out"),
    "session.prove": N_("Proved who they are again"),
    "device.forget": N_("Forgot a device"),
    "factor_policy.set": N_("Changed who needs a second factor"),
    "factor.add": N_("Added a second factor"),
    "factor.remove": N_("Removed a second factor"),
    "factor.refused": N_("A second factor was tried and was wrong"),
    "factor.renew_codes": N_("Made new recovery codes"),
    "factor.use_code": N_("Used a recovery code"),
    "passkey.rename": N_("Renamed a passkey"),
    "user.ask_email": N_("Asked for another e-mail"),
    "user.change_email": N_("Changed the e-mail"),
    "user.set_alerts": N_("Chose whether to be told of sign-ins"),
    "token.create": N_("Made an API token"),
    "token.end": N_("Ended an API token"),
    "token.end_all": N_("Ended all API tokens of a person"),
    "sign_in.refused": N_("Refused a sign-in from elsewhere"),
    "identity.connect": N_("Connected an account elsewhere"),
    "identity.disconnect": N_("Disconnected an account elsewhere"),
    "mobile.verify": N_("Proved a mobile number"),
    "mobile.drop": N_("Took a mobile number off"),
    "user.create": N_("Created a person"),
    "user.edit": N_("Changed name or telephone"),
    "user.invite": N_("Invited a person"),
    "user.retire": N_("Retired a person"),
    "user.restore": N_("Brought a person back"),
    "user.make_operator": N_("Gave the operator's role"),
    "user.take_operator": N_("Took the operator's role"),
    "application.create": N_("Registered a company"),
    "application.approve": N_("Approved a company's registration"),
    "application.reject": N_("Rejected a company's registration"),
    "invitation.create": N_("Invited somebody to the company"),
    "invitation.send_again": N_("Sent an invitation again"),
    "invitation.withdraw": N_("Withdrew an invitation"),
    "invitation.ask": N_("Asked to join the company"),
    "invitation.end_all": N_("Ended all invitations"),
    "company.domain_set": N_("Let a mail domain in"),
    "company.domain_end": N_("Let a mail domain in no longer"),
    "user.park_role": N_("Changed the role in the park"),
    "absence.set": N_("Named who decides while away"),
    "absence.end": N_("Ended an absence"),
    "decider_group.join": N_("Took a person into an approval group"),
    "decider_group.leave": N_("Took a person out of an approval group"),
    "membership.end_all": N_("Ended all memberships"),
    "lab.set_reasons": N_("Wrote the lab's reasons to choose from"),
    "lab.leave": N_("Took a person out of a lab"),
    "tag.give": N_("Added a person to a group"),
    "tag.take": N_("Took a person out of a group"),
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
    "message.send_again": N_("Sent a message again"),
    "pool.split": N_("Split an instrument group"),
    "unit.close": N_("Closed a unit for a time"),
    "unit.reopen": N_("Ended a closure"),
    "unit.need": N_("Noted that a unit needs another"),
    "unit.no_need": N_("Removed what a unit needs"),
    "reservation.request": N_("Booked or asked for a time"),
    "reservation.move": N_("Moved a reservation"),
    "reservation.ask_change": N_("Asked for a change"),
    "reservation.note": N_("Changed the note"),
    "reservation.cancel": N_("Cancelled a reservation"),
    "reservation.undo_cancel": N_("Took a cancellation back"),
    "reservation.approve": N_("Approved a request"),
    "reservation.approve_step": N_("Agreed to a request; others decide as well"),
    "reservation.escalate": N_("Handed a request up to the operators"),
    "decision.by_link": N_("Decided by the link in a mail"),
    "reservation.approve_change": N_("Approved a change"),
    "reservation.reject": N_("Rejected a request"),
    "reservation.reject_change": N_("Rejected a change"),
    "reservation.withdraw_change": N_("Withdrew a change"),
    "reservation.expire": N_("A request expired undecided"),
    "reservation.expire_change": N_("A change expired undecided"),
    "reservation.check_in": N_("Checked in"),
    "reservation.check_out": N_("Ended the use"),
    "reservation.complete": N_("A reservation was over"),
    "reservation.miss": N_("Nobody came; the time was released"),
    "reservation.start_early": N_("Started early"),
    "reservation.join": N_("Joined with a reservation beside it"),
    "reservation.joined": N_("Became part of another reservation"),
    "reservation.replaced": N_("Another time was taken for it"),
    "reservation.transfer": N_("Handed a reservation to a colleague"),
    "reservation.reseat": N_("Gave a reservation another unit"),
    "reservation.regroup": N_("Took a reservation along to another group"),
    "reservation.keep": N_("Kept a reservation of a unit that is gone"),
    "reservation.inside_buffer": N_("Allowed a time inside a buffer"),
    "closure.inside_buffer": N_("Allowed a closure inside a buffer"),
    "hold.inside_buffer": N_("Allowed a hold inside a buffer"),
    "allocation.shorten": N_("Shortened a buffer"),
    "allocation.widen": N_("Gave a buffer back"),
    "group.create": N_("Booked a series, bundle or sequence"),
    "group.change": N_("Changed a series, bundle or sequence"),
    "group.cancel": N_("Cancelled a series, bundle or sequence"),
    "group.rule": N_("Changed the rule of a series"),
    "waitlist.join": N_("Joined a waiting list"),
    "waitlist.left": N_("Left a waiting list"),
    "waitlist.declined": N_("Declined an offer"),
    "waitlist.taken": N_("Took an offer"),
    "waitlist.expired": N_("An offer expired"),
    "waitlist.lapsed": N_("A wish lapsed"),
    "waitlist.priority": N_("Came first in the waiting list"),
    "draw.enter": N_("Entered a draw"),
    "draw.withdraw": N_("Withdrew from a draw"),
    "draw.rank": N_("A draw was made"),
    "draw.lost": N_("A draw went to others"),
    "policy.publish": N_("Published the privacy policy"),
    "policy.agree": N_("Agreed to the privacy policy"),
    "privacy.export": N_("Downloaded their own data"),
    "erasure.ask": N_("Asked to be erased"),
    "erasure.withdraw": N_("Took the request to be erased back"),
    "erasure.done": N_("Erased a person"),
    "erasure.refuse": N_("Refused a request to be erased"),
    **TRAINING_ACTIONS,
}
VERBS: Mapping[str, str] = {
    "create": N_("Added: %(what)s"),
    "edit": N_("Changed: %(what)s"),
    "rules": N_("Changed who decides: %(what)s"),
    "retire": N_("Retired: %(what)s"),
    "restore": N_("Brought back: %(what)s"),
    "end": N_("Ended: %(what)s"),
    "join": N_("Began again: %(what)s"),
    "roles": N_("Changed the roles: %(what)s"),
    "limit": N_("Changed the monthly hours: %(what)s"),
    "hours": N_("Changed the shared hours: %(what)s"),
    "pause": N_("Paused: %(what)s"),
    "resume": N_("Ended the pause: %(what)s"),
    "hand_over": N_("Handed over: %(what)s"),
    "regroup": N_("Moved to another group: %(what)s"),
    "calibration": N_("Changed the calibration: %(what)s"),
}
THINGS: Mapping[str, str] = {
    **TRAINING_THINGS,
    "site": N_("site"),
    "building": N_("building"),
    "room": N_("room"),
    "institution": N_("institution"),
    "company": N_("company"),
    "lab": N_("lab"),
    "company_domain": N_("mail domain"),
    "membership": N_("membership"),
    "lab_member": N_("lab member"),
    "decider_group": N_("approval group"),
    "absence": N_("absence"),
    "platform": N_("platform"),
    "category": N_("category"),
    "pool": N_("instrument group"),
    "unit": N_("unit"),
    "contribution": N_("sharing agreement"),
    "user": N_("person"),
    "user_account": N_("person"),
    "reservation": N_("reservation"),
    "reservation_group": N_("series, bundle or sequence"),
    "waitlist": N_("waiting list"),
    "draw": N_("draw"),
    "draw_entry": N_("request in a draw"),
    "agreement": N_("user agreement"),
    "allocation": N_("hold of a unit"),
    "calendar": N_("calendar"),
    "import": N_("import"),
    "import_batch": N_("import"),
    "message": N_("message"),
    "park": N_("park"),
    "rule_park": N_("booking rule of the park"),
    "rule_site": N_("booking rule of a site"),
    "rule_lab": N_("booking rule of a lab"),
    "rule_class": N_("booking rule of a class"),
    "rule_pool": N_("booking rule of a group"),
    "policy": N_("privacy policy"),
    "factor_policy": N_("second factors asked of roles"),
    "user_session": N_("sign-ins"),
    "known_device": N_("known devices"),
    "api_token": N_("API tokens"),
    "one_time_link": N_("links to set a password"),
    "person_tag": N_("groups of people"),
    "qualification": N_("qualifications"),
    "agreement_acceptance": N_("agreements accepted"),
    "privacy_consent": N_("privacy policy agreed to"),
    "erasure": N_("requests to be erased"),
    "waitlist_entry": N_("waiting list"),
    "stored_file": N_("files"),
    "answer_file": N_("files given as answers"),
    "reservation_answer": N_("answers at booking"),
    "hold": N_("times kept"),
    "idempotency": N_("requests by program"),
    "outbox": N_("messages"),
    "audit": N_("what was done"),
}
# What a change shows of its values to who is not the operator: no stranger's text.
FIELDS: Mapping[str, str] = {
    "start": N_("start"),
    "end": N_("end"),
    "status": N_("status"),
    "quantity": N_("units"),
    "user": N_("person"),
    "pool_id": N_("instrument group"),
    "level": N_("level"),
    "rule": N_("rule"),
    "value": N_("value"),
    "name_zh": N_("Chinese name"),
    "name_en": N_("English name"),
    "state": N_("state"),
    "roles": N_("roles"),
    "role": N_("role"),
    "park_role": N_("role in the park"),
    "tag": N_("group"),
    "retired_at": N_("retired"),
    "until_at": N_("until"),
    "from_at": N_("from"),
    "approval": N_("who decides"),
    "scopes": N_("scopes"),
    "overridden": N_("overridden rules"),
    "tokens_ended": N_("tokens ended"),
}

# What operators and auditors read besides.
MORE_FIELDS: Mapping[str, str] = {
    "amount": N_("amount"),
    "appeal": N_("appeal"),
    "asked": N_("questions asked"),
    "attempts": N_("attempts"),
    "category": N_("category"),
    "category_code": N_("category"),
    "company_id": N_("company"),
    "count": N_("number"),
    "course": N_("course"),
    "credit_code": N_("credit code"),
    "deputy_id": N_("stand-in"),
    "domain": N_("mail domain"),
    "draw": N_("fair opening"),
    "email": N_("e-mail"),
    "files": N_("files"),
    "for_pool": N_("for the instrument group"),
    "from": N_("from"),
    "grants": N_("instead of everyone's"),
    "group": N_("group"),
    "hours": N_("hours"),
    "lab": N_("lab"),
    "lab_id": N_("lab"),
    "lifted": N_("lifted"),
    "measure": N_("measure"),
    "mode": N_("way of joining"),
    "most_level": N_("highest level"),
    "passed": N_("passed"),
    "pass_percent": N_("percent to pass"),
    "percent": N_("percent"),
    "period": N_("period"),
    "phone": N_("telephone"),
    "pool": N_("instrument group"),
    "pools": N_("instrument groups"),
    "questions": N_("questions"),
    "quota": N_("quota"),
    "rows": N_("rows"),
    "scope": N_("place"),
    "seat": N_("seat"),
    "seats": N_("seats"),
    "session": N_("session"),
    "source": N_("source"),
    "step": N_("step"),
    "subject": N_("whose use"),
    "text": N_("text"),
    "units": N_("units"),
    "until": N_("until"),
    "user_id": N_("person"),
    "valid_days": N_("days valid"),
    "valid_until": N_("valid until"),
    "version": N_("version"),
}

STATUSES: Mapping[str, str] = {
    "pending": N_("Pending"),
    "approved": N_("Approved"),
    "in_use": N_("In use"),
    "completed": N_("Completed"),
    "rejected": N_("Rejected"),
    "cancelled": N_("Cancelled"),
    "expired": N_("Expired"),
    "no_show": N_("No-show"),
}


def sentence(action: str) -> str:
    """Return what was done, in words; the code itself for one that has none."""
    if action in ACTIONS:
        return gettext(ACTIONS[action])
    thing, _dot, verb = action.partition(".")
    if verb in VERBS:
        return gettext(VERBS[verb], what=thing_text(thing))
    return action


def has_words(action: str) -> bool:
    """Return whether an action reads as a sentence."""
    thing, _dot, verb = action.partition(".")
    return action in ACTIONS or (verb in VERBS and thing in THINGS)


def thing_text(thing: str) -> str:
    """Return what a kind of thing is called; the code itself for one without a word."""
    return gettext(THINGS[thing]) if thing in THINGS else thing


STEPS: Mapping[str, str] = {
    "company": N_("company"),
    "lab": N_("lab"),
    "group": N_("group of deciders"),
}
CODES = {"status": STATUSES, "step": STEPS}


def field_text(name: str) -> str:
    """Return what a value of `before` or `after` is called."""
    known = FIELDS.get(name) or MORE_FIELDS.get(name) or COLUMNS.get(name)
    return gettext(known) if known else name


def has_field_words(name: str) -> bool:
    """Return whether a value of `before` or `after` is called something."""
    return name in FIELDS or name in MORE_FIELDS or name in COLUMNS


def value_text(name: str, value: Any) -> Any:
    """Return a value in words where it is a code of ours."""
    known = CODES[name].get(value) if name in CODES and isinstance(value, str) else None
    return gettext(known) if known else value


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], *, whole: bool
) -> list[tuple[str, Any, Any]]:
    """Return (name, old, new) of what differs, as FIELDS has them; only those unless `whole`."""
    there = {**before, **after}
    names = [*(n for n in FIELDS if n in there), *(n for n in there if n not in FIELDS)]
    return [
        (name, before.get(name), after.get(name))
        for name in names
        if (whole or name in FIELDS) and before.get(name) != after.get(name)
    ]
