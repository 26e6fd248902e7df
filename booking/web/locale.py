"""The reader's language: the person's choice, else the browser's, else the park's default."""

from flask import Flask, current_app, has_request_context, request, session
from flask_babel import Babel, get_locale
from flask_login import current_user

LOCALES = ("zh_Hans_CN", "en")
LABELS = {"zh_Hans_CN": "简体中文", "en": "English"}
_BROWSER = {"zh": "zh_Hans_CN", "zh-cn": "zh_Hans_CN", "zh-hans": "zh_Hans_CN", "en": "en"}


def init_app(app: Flask) -> None:
    """Install Flask-Babel; the site's zone is applied where times are shown, not here."""
    Babel(
        app,
        default_locale=app.config["DEFAULT_LOCALE"],
        default_timezone="UTC",
        locale_selector=choose,
    )


def choose() -> str:
    """Return the locale of this request; the default outside of one."""
    default = str(current_app.config["DEFAULT_LOCALE"])
    if not has_request_context():
        return default
    # Programs say what they want in each request; cookies are not looked at there.
    if not is_for_programs():
        if session.get("locale") in LOCALES:
            return str(session["locale"])
        if current_user.is_authenticated and current_user.signed_in.locale in LOCALES:
            return str(current_user.signed_in.locale)
    found = request.accept_languages.best_match(list(_BROWSER))
    return _BROWSER[found] if found else default


def is_for_programs() -> bool:
    """Return whether the answer to this request goes to a program."""
    return request.path.startswith("/api/")


def current() -> str:
    """Return the locale in use now as one of LOCALES, also inside force_locale."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh_Hans_CN"


def named(name_zh: str, name_en: str) -> str:
    """Return a thing's name in the reader's language, the other where that one is missing."""
    if current() == "en":
        return name_en or name_zh
    return name_zh or name_en
