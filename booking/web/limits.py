"""How often things may be asked: which requests count against which limit. Counting is infra's.

Sign-in, codes and links count for themselves, where the answer is a form.
"""

import ipaddress
from typing import Any

from flask import Flask, current_app, g, request

from booking.infra import rate
from booking.infra.rate import Limit
from booking.web import login

MINUTE, HOUR = 60, 3600
SIGN_IN = "sign-in"
NEW_EMAILS = 5  # letters to new addresses an hour
# What looks through many rows; a person's searches on pages and by tokens count together.
SEARCH_PAGES = frozenset(
    {
        "catalogue.pools", "catalogue.like", "reservations.find_time", "people.list_people",
        "explain.pool",
    }
)  # fmt: skip
SEARCH_WORDS = ("q", "person")  # in the address of a page: a list is looked through for them
ASKED_AGAIN = frozenset({"board.lanes", "pool_calendar.lanes"})
SEARCH_CALLS = frozenset(
    {
        "api_pools.index", "api_pools.like", "api_availability.free",
        "api_availability.following", "api_explain.show",
    }
)  # fmt: skip
# What sends mail to somebody named by the sender.
INVITATIONS = frozenset({"people.invite", "people.link", "company.invitations", "company.again"})


def init_app(app: Flask) -> None:
    """Count the pages that search or invite, and have each 429 say when to come back."""
    app.before_request(_count_page)
    app.after_request(_say_when)


def address() -> str:
    """Return where the request comes from; of IPv6 the network, as a host has a whole one."""
    try:
        found = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped or ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def sign_in_limits(account: str) -> tuple[Limit, ...]:
    """Return what a try to sign in as `account` counts against; the account's own first.

    The longer windows are the back-off: who goes on trying waits longer.
    """
    per_account = int(current_app.config["SIGN_IN_TRIES_PER_ACCOUNT"])
    return (
        *(
            Limit(SIGN_IN, account, times * per_account, seconds)
            for times, seconds in ((1, MINUTE), (2, 5 * MINUTE), (4, 30 * MINUTE))
        ),
        *address_limits(),
    )


def address_limits() -> tuple[Limit, ...]:
    """Return what counts of any sign-in: from where it is tried."""
    tries = int(current_app.config["SIGN_IN_TRIES_PER_ADDRESS"])
    return (
        Limit("sign-in-from", address(), tries, MINUTE),
        Limit("sign-in-from", address(), 5 * tries, 15 * MINUTE),
    )


def reset_limits(account: str) -> tuple[Limit, ...]:
    """Return what one more forgotten password counts against: whose it is, and from where."""
    config = current_app.config
    return (
        Limit("reset", account, int(config["RESETS_PER_ACCOUNT"]), HOUR),
        Limit("reset-from", address(), int(config["RESETS_PER_ADDRESS"]), HOUR),
    )


def email_limits(user_id: int) -> tuple[Limit, ...]:
    """Return what one more letter to a person's new address counts against."""
    return (Limit("new-email", str(user_id), NEW_EMAILS, HOUR),)


def sms_limits(account: str) -> tuple[Limit, ...]:
    """Return what one more code by SMS counts against; each costs money and rings somewhere."""
    tries = int(current_app.config["SMS_PER_HOUR"])
    return (
        Limit("sms-to", account, 1, MINUTE),
        Limit("sms-to", account, tries, HOUR),
        Limit("sms-to", account, 2 * tries, 24 * HOUR),
        Limit("sms-from", address(), 4 * tries, HOUR),
    )


def count_wrong_token() -> None:
    """Count a try with a token that is none. Raises TooMany."""
    tries = current_app.config["SIGN_IN_TRIES_PER_ADDRESS"]
    rate.hit("token-from", address(), tries, MINUTE)


def count_api_call(token_id: int, user_id: int) -> None:
    """Count a call by a live token. Raises TooMany."""
    config = current_app.config
    rate.spend(Limit("api-token", str(token_id), config["API_CALLS_PER_TOKEN"], MINUTE))
    rate.spend(Limit("api-from", address(), config["API_CALLS_PER_ADDRESS"], MINUTE))
    if request.endpoint in SEARCH_CALLS:
        _count_search(user_id)


def count_feed(feed_id: int) -> None:
    """Count one fetching of a calendar. Raises TooMany."""
    rate.spend(Limit("feed", str(feed_id), current_app.config["FEED_READS_PER_HOUR"], HOUR))


def count_wrong_feed() -> None:
    """Count a fetching of a calendar that is not there, as programs do for long. Raises TooMany."""
    reads = 10 * int(current_app.config["FEED_READS_PER_HOUR"])
    rate.spend(Limit("feed-from", address(), reads, HOUR))


def _count_page() -> None:
    searches = request.endpoint in SEARCH_PAGES or _asks_with_words()
    if not searches and not (request.endpoint in INVITATIONS and request.method == "POST"):
        return
    actor = login.optional_actor()
    if actor is None:
        return  # led to sign-in
    if searches:
        _count_search(actor.user_id)
    else:
        tries = current_app.config["INVITATIONS_PER_HOUR"]
        rate.hit("invitation", str(actor.user_id), tries, HOUR)


def _asks_with_words() -> bool:
    """Return whether a list is searched; lanes are asked again and again by their page."""
    asked = any(request.args.get(name) for name in SEARCH_WORDS)
    return asked and request.method == "GET" and request.endpoint not in ASKED_AGAIN


def _count_search(user_id: int) -> None:
    tries = current_app.config["SEARCHES_PER_MINUTE"]
    rate.spend(Limit("search", str(user_id), tries, MINUTE))


def _say_when(response: Any) -> Any:
    if response.status_code == 429:
        response.headers.setdefault("Retry-After", str(g.get("rate_wait", MINUTE)))
    return response
