"""The privacy policy: read by everybody, agreed to before the first page after it changed."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.infra.db import db
from booking.privacy.queries import policy_in_force
from booking.privacy.services.consenting import agree as agree_to
from booking.privacy.views.base import blueprint
from booking.web import locale, login
from booking.web.access import signed_in
from booking.web.arguments import id_of
from booking.web.links import safe_next
from booking.web.saving import run

# Pages that are open before one has agreed: signing in and out, the policy, one's own data.
OPEN = frozenset({"accounts", "shell", "health", "privacy"})


@blueprint.before_app_request
def ask_first() -> Response | None:
    """Lead who has not agreed to the policy in force there first; programs are not asked."""
    # Static files have no blueprint.
    if not request.blueprint or request.blueprint in OPEN or locale.is_for_programs():
        return None
    if not login.must_agree():
        return None
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("privacy.policy", next=target))


@blueprint.get("/privacy")
def policy() -> str:
    """Show the policy in force, or a first draft of one."""
    row = policy_in_force(db.session())
    return render_template(
        "privacy/policy.html",
        policy=row,
        text=locale.named(row.text_zh, row.text_en) if row else draft(locale.current()),
        asks=login.must_agree(),
        next=safe_next(request.args.get("next"), url_for("shell.home")),
    )


@blueprint.post("/privacy/agree")
@signed_in
def agree() -> Response:
    """Note that the person agrees to the version they have read."""
    version = id_of(request.form.get("version")) or 0
    run(lambda s, who, now: agree_to(s, who, version, now))
    flash(_("Thank you. The policy can be read again at the foot of every page."), "success")
    return redirect(safe_next(request.form.get("next"), url_for("shell.home")))


def draft(language: str) -> str:
    """Return the text a park begins with."""
    return render_template(f"privacy/draft_{'en' if language == 'en' else 'zh'}.txt")
