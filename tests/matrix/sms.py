"""Signing in by SMS and a person's mobile number. No gateway is set, so nothing of it is there."""

from tests.matrix import page

NONE = [page("", anonymous=404)]
ACCESS = {
    "GET sms.ask": NONE,
    "POST sms.ask": NONE,
    "GET sms.code": NONE,
    "POST sms.code": NONE,
    "GET sms.number": NONE,
    "POST sms.number": NONE,
    "GET sms.prove": NONE,
    "POST sms.prove": NONE,
    "POST sms.drop": NONE,
}
