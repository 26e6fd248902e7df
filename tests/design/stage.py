"""A stage for the templates: an app with their endpoints and the product's headers, no database."""

import io
from types import SimpleNamespace

from babel.messages.mofile import write_mo
from flask import Blueprint, Flask, flash, render_template, request
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect

from booking.web.headers import add_headers
from tests.design import samples
from tools.i18n import ROOT, catalogue


def create_stage(folder):
    """Return the app; `?lang=en` shows English, `?page=` another template than the style guide."""
    app = Flask("booking", root_path=str(ROOT / "booking"), template_folder="../templates")
    app.config.update(SECRET_KEY="stage", BABEL_TRANSLATION_DIRECTORIES=str(_compiled(folder)))
    app.config["PRODUCTION"] = False
    Babel(app, default_locale="zh_Hans_CN", locale_selector=_locale)
    CSRFProtect(app)
    app.context_processor(lambda: {"shell": _shell()})
    app.jinja_env.globals.update(sign_in_ways=list, offers_sms=bool)
    app.after_request(add_headers)
    for name, endpoints in {
        "shell": ("home", "language"),
        "accounts": (
            "sign_in", "sign_out", "password", "security", "forgotten", "passkey_sign_in",
            "passkey_options",
        ),
        "privacy": ("own", "policy"), "ways": ("mine",), "tokens": ("mine",),
        "elsewhere": ("start",), "sms": ("ask",),
        "notices": ("index",), "catalogue": ("bundle",), "help": ("glossary",),
        "company": ("act", "mine"), "training": ("passport",), "joining": ("join", "register"),
    }.items():  # fmt: skip
        blueprint = Blueprint(name, __name__)
        for endpoint in endpoints:
            blueprint.add_url_rule(
                f"/{name}/{endpoint}", endpoint, lambda: "", methods=["GET", "POST"]
            )
        app.register_blueprint(blueprint)
    app.add_url_rule("/show", "show", _show, methods=["GET", "POST"])
    return app


def _show():
    name = request.args.get("page", "styleguide")
    if request.args.get("flash"):
        flash("已保存。", "success")
    return render_template(f"{name}.html", **samples.values(name, request.args))


def _locale():
    return request.args.get("lang", "zh_Hans_CN")


def _shell():
    signed_in = request.args.get("as", "mei")
    english = _locale() == "en"
    entries = [
        ("Catalogue" if english else "仪器目录", "search", request.args.get("page") is None, 0),
        ("My reservations" if english else "我的预约", "calendar-check", False, 0),
        ("Inbox" if english else "待审批", "inbox", False, 7),
        ("Park admin" if english else "园区管理", "building", False, 0),
    ]
    return SimpleNamespace(
        person=SimpleNamespace(name="梅 晓岚", email="mei@demo.example") if signed_in else None,
        locale=_locale(),
        nav=[
            SimpleNamespace(label=label, url=f"#{icon}", icon=icon, active=active, count=count)
            for label, icon, active, count in entries
        ]
        if signed_in
        else [],
        parties=[],
        banner=request.args.get("banner"),
        next="/show",
    )


def _compiled(folder):
    target = folder / "zh_Hans_CN" / "LC_MESSAGES"
    target.mkdir(parents=True, exist_ok=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue())
    (target / "messages.mo").write_bytes(compiled.getvalue())
    return folder
