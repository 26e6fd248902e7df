"""What values of audit rows are called, and codes among them in words.

FIELDS is what everybody who may read the row is told, MORE_FIELDS what only who reads whole rows
sees; columns of tables are in `audit_words.columns`.
"""

from collections.abc import Mapping

from booking.web.rule_texts import N_

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
STEPS: Mapping[str, str] = {
    "company": N_("company"),
    "lab": N_("lab"),
    "group": N_("group of deciders"),
}
CODES = {"status": STATUSES, "step": STEPS}
