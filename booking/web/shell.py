"""What every page has: home, language, navigation, health, refusals as pages, filters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import (
    Blueprint,
    Flask,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import DataError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing import IntegerConverter, ValidationError
from werkzeug.wrappers import Response

from booking.accounts.rules.permissions import may
from booking.accounts.services.people import set_locale
from booking.core.actor import NO_DUTIES, Actor
from booking.core.errors import Busy, NotFound, Refusal
from booking.infra.db import write
from booking.web import formats, locale, login
from booking.web.access import OWN_ACCOUNT
from booking.web.acting import PartyChoice, choices
from booking.web.arguments import MOST_ID
from booking.web.links import safe_next
from booking.web.messages import message, status_of, text_of
from booking.web.problem import as_problem
from booking.web.proof import is_barred

blueprint = Blueprint("shell", __name__)
csrf = CSRFProtect()
FIRST_PAGE = "booking.first_page"
_UNREACHABLE = (OperationalError, InterfaceError, PoolTimeout)


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the main navigation."""

    label: str
    url: str
    icon: str
    active: bool
    count: int = 0


# Features add entries in app.py: each returns the items an actor sees, in order.
NavSource = Callable[[Actor], list[NavItem]]


def init_app(
    app: Flask,
    nav: list[NavSource],
    banner: Callable[[Actor], str | None],
    first_page: Callable[[], str],
) -> None:
    """Install the shell: `nav` gives the entries, `banner` a line for whom it concerns.

    `first_page` is what `/` shows to who is signed in.
    """
    app.extensions[FIRST_PAGE] = first_page
    app.url_map.converters["int"] = RowIdConverter
    app.before_request(_bound_form)  # before the token is looked for in it
    csrf.init_app(app)
    app.register_blueprint(blueprint)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _http_error)
    app.register_error_handler(HTTPException, _http_error)
    for unreachable in _UNREACHABLE:
        app.register_error_handler(unreachable, _database_error)
    # Text no database can store, such as one with a NUL.
    for unreadable in (RecursionError, DataError):
        app.register_error_handler(unreadable, _unreadable)
    app.register_error_handler(Exception, _fault)
    app.jinja_env.filters.update(
        instant=formats.instant_text, clock=formats.clock_text, period=formats.period_text,
        hours=formats.hours_text, day_of=formats.day_text, until=formats.until_text,
        since=formats.since_text,
    )  # fmt: skip
    app.jinja_env.globals.update(named=locale.named)

    @app.context_processor
    def shell() -> dict[str, Any]:
        return {"shell": _shell(nav, banner)}


class RowIdConverter(IntegerConverter):
    """`<int:…>` as wide as a row id: a longer number is no page, instead of a fault below."""

    def to_python(self, value: str) -> int:
        """Return the id."""
        if len(value) > 20 or int(value) > MOST_ID:
            raise ValidationError
        return int(super().to_python(value))


@dataclass(frozen=True, slots=True)
class Shell:
    """Ready values for templates/base.html."""

    person: Any
    locale: str
    nav: list[NavItem]
    banner: str | None
    next: str
    who: Actor | None
    parties: list[PartyChoice]

    def may(self, action: str) -> bool:
        """Return whether the reader may do `action`, by the permission table."""
        return self.who is not None and may(self.who, action)

    @property
    def may_be_away(self) -> bool:
        """Return whether somebody could decide in the reader's stead, or the reader does."""
        who = self.who
        if who is None:
            return False
        return bool(who.labs) or bool(who.administered_company_ids) or who.duties != NO_DUTIES

    @property
    def reads_only(self) -> bool:
        """Return whether the reader changes nothing on this page."""
        theirs = request.blueprint in OWN_ACCOUNT
        return self.who is not None and self.who.reads_only and not theirs


def nav_item(label: str, endpoint: str, icon: str, count: int = 0) -> NavItem:
    """Return an entry that is active on all pages of its endpoint's blueprint."""
    active = request.blueprint == endpoint.split(".")[0]
    return NavItem(label, url_for(endpoint), icon, active, count)


@blueprint.get("/")
def home() -> Response | str:
    """Show the first page, or lead to sign-in."""
    if login.optional_actor() is None:
        return redirect(url_for("accounts.sign_in"))
    first_page: Callable[[], str] = current_app.extensions[FIRST_PAGE]
    return first_page()


@blueprint.post("/language")
def language() -> Response:
    """Choose the language: kept in the cookie, and with the person when signed in."""
    chosen = request.form.get("locale", "")
    if chosen in locale.LOCALES:
        session["locale"] = chosen
        who = login.optional_actor()
        if who is not None:
            write(lambda s: set_locale(s, who, chosen))
    return redirect(safe_next(request.form.get("next"), url_for("shell.home")))


def _bound_form() -> None:
    """Bound a form without files; MAX_FORM_MEMORY_SIZE alone bounds multipart ones only."""
    if request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]


def _shell(nav: list[NavSource], banner: Callable[[Actor], str | None]) -> Shell:
    who = login.optional_actor()
    return Shell(
        person=current_user if who is not None and current_user.is_authenticated else None,
        locale=locale.current(),
        nav=[item for source in nav for item in source(who)] if who and not is_barred() else [],
        banner=banner(who) if who else None,
        next=request.full_path.rstrip("?") if request.method == "GET" else "/",
        who=who,
        parties=choices(who) if who else [],
    )


def _refused(refusal: Refusal) -> Any:
    if locale.is_for_programs():
        return as_problem(refusal)
    headers = {}
    seconds = refusal.parameters.get("retry_seconds")
    if seconds is not None:
        headers["Retry-After"] = str(seconds)
    return _page(status_of(refusal), text_of(refusal)), status_of(refusal), headers


def _http_error(error: HTTPException) -> Any:
    code = error.code or 500
    if code < 400:
        return error
    headers = dict(error.get_headers()) if code in (405, 429) else {}
    headers.pop("Content-Type", None)
    if locale.is_for_programs():
        problem = as_problem(NotFound() if code == 404 else None, status=code)
        problem.headers.update(headers)
        return problem
    if isinstance(error, SecurityError):
        # Not our host: no address can be built, so no page.
        return current_app.response_class(message("malformed", {}), code, mimetype="text/plain")
    # error.html has its own words for the rest; werkzeug's are English only.
    text = message("not_found", {}) if code == 404 else ""
    return _page(code, text), code, headers


def _database_error(error: SQLAlchemyError) -> Any:
    current_app.logger.exception("database unreachable")
    login.as_nobody()
    return _refused(Busy())


def _unreadable(error: RecursionError | DataError) -> Any:
    return as_problem(None, status=400) if locale.is_for_programs() else (_page(400, ""), 400)


def _fault(error: Exception) -> Any:
    if current_app.testing or current_app.debug:
        raise error
    current_app.logger.exception("unexpected fault")
    login.as_nobody()
    if locale.is_for_programs():
        return as_problem(None, status=500)
    return _page(500, ""), 500


def _page(status: int, text: str) -> str:
    try:
        return render_template("error.html", status=status, text=text)
    except _UNREACHABLE:
        # Who is signed in cannot be asked now; the answer can be given all the same.
        login.as_nobody()
        return render_template("error.html", status=status, text=text)
