"""Credit codes by GB 32100-2015, mail domains, addresses."""

import pytest

from booking.companies.rules.codes import ALPHABET, check_letter, is_credit_code, plain_code
from booking.companies.rules.domains import domain_of, is_public, plain_domain
from booking.companies.rules.joining import ApplicationFields, checked_application, plain_address
from booking.core.errors import Invalid

FIT = ApplicationFields("甲生物", "91350100M000100Y43", "Ann", "Ann@Alpha.example", "029 1234567")


@pytest.mark.parametrize(
    "code", ["91350100M000100Y43", "91110000600037341L", "914403001922038216", "9144030071526726XG"]
)
def test_codes_of_real_licences_are_taken(code):
    assert is_credit_code(code)


def test_one_letter_wrong_is_noticed_wherever_it_stands():
    code = "91350100M000100Y43"
    for place, right in enumerate(code):
        for letter in ALPHABET:
            if letter != right:
                assert not is_credit_code(code[:place] + letter + code[place + 1 :])


@pytest.mark.parametrize("code", ["", "91350100M000100Y4", "91350100M000100Y4I", "x" * 18])
def test_what_is_no_code_is_none(code):
    assert not is_credit_code(code)


def test_the_check_letter_may_be_any_of_the_alphabet():
    found = {check_letter(f"91350100M000100{a}{b}") for a in ALPHABET for b in ALPHABET}

    assert found == set(ALPHABET)


def test_a_code_is_kept_without_what_people_write_between():
    assert plain_code(" 9135 0100-m000100y43 ") == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Alpha.example", "alpha.example"),
        ("@alpha.example.", "alpha.example"),
        ("企业.中国", "xn--vhquv.xn--fiqs8s"),
        ("localhost", ""),  # nobody's
        ("a..example", ""),
        ("a b.example", ""),
        ("x" * 70 + ".example", ""),
        ("10.0.0.1", ""),
    ],
)
def test_a_domain_is_kept_as_mail_servers_know_it(typed, kept):
    assert plain_domain(typed) == kept


def test_everybodys_domains_stand_for_no_company():
    assert is_public("qq.com")
    assert is_public("vip.163.com")
    assert not is_public("notqq.com")
    assert not is_public("com")
    assert domain_of("a@b@Gmail.com") == "gmail.com"


@pytest.mark.parametrize(
    "email",
    [
        "",
        "a",
        "a@b",
        "a\x00b@c.example",
        "a\ud800@c.example",
        "@b.example",
        "a b@c.example",
        "a@b@c.example",
        "a" * 250 + "@b.example",
    ],
)
def test_an_address_no_mail_can_reach_is_refused(email):
    with pytest.raises(Invalid, match="not_an_address"):
        plain_address(email)


def test_an_application_is_tidied():
    found = checked_application(FIT)

    assert (found.email, found.credit_code) == ("ann@alpha.example", "91350100M000100Y43")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"name_zh": " "}, "required", "name_zh"),
        ({"contact": ""}, "required", "contact"),
        ({"credit_code": "91350100M000100Y44"}, "not_a_credit_code", "credit_code"),
        ({"phone": "call me"}, "not_a_phone", "phone"),
        ({"email": "ann"}, "not_an_address", "email"),
        ({"note": "x" * 2001}, "too_long_text", "note"),
    ],
)
def test_what_is_unfit_in_an_application_is_named(change, code, field):
    values = {name: getattr(FIT, name) for name in ApplicationFields.__slots__} | change
    with pytest.raises(Invalid) as refused:
        checked_application(ApplicationFields(**values))

    assert (refused.value.code, refused.value.field) == (code, field)
