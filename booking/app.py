"""The composition root: the only module that knows every feature.

Over 300 lines for one reason: each feature has lines of its own, so that it comes and goes alone.
"""

import sys
from pathlib import Path
from typing import Any

import click
import waitress
from flask import Flask
from flask.cli import ScriptInfo
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from booking.accounts import cli as accounts_cli
from booking.accounts import jobs as accounts_jobs
from booking.accounts import models as accounts_models
from booking.accounts import views as accounts_views
from booking.accounts.queries.signing_in import anybody
from booking.accounts.views import elsewhere, ways
from booking.accounts.views import sms as sms_views
from booking.accounts.views import tokens as tokens_views
from booking.approvals import api as approvals_api
from booking.approvals import jobs as approvals_jobs
from booking.approvals import views as approvals_views
from booking.approvals.views import today
from booking.audit import cli as audit_cli
from booking.audit import jobs as audit_jobs
from booking.audit import models as audit_models
from booking.audit import views as audit_views
from booking.board import views as board_views
from booking.board.views import calendar_sheet as pool_calendar
from booking.companies import jobs as companies_jobs
from booking.companies import models as companies_models
from booking.companies.views import (
    applications,
    away,
    deciders,
    joining,
    labs,
    parties,
    people,
    places,
    reasons,
)
from booking.companies.views import factors as park_factors
from booking.companies.views import members as members_views
from booking.companies.views.company import nav as company_nav
from booking.core.actor import Actor
from booking.demo import cli as demo_cli
from booking.feeds import models as feeds_models
from booking.feeds import views as feeds_views
from booking.help import models as help_models
from booking.help import views as help_views
from booking.infra import clock, db, memory, outbox, rate, scheduler
from booking.infra.configuration import configure
from booking.infra.storage import files
from booking.inventory import api as inventory_api
from booking.inventory import jobs as inventory_jobs
from booking.inventory import models as inventory_models
from booking.inventory.cli import categories as categories_cli
from booking.inventory.cli import imports as imports_cli
from booking.inventory.views import catalogue as catalogue_views
from booking.inventory.views import contributed, manage, park, photos, platforms, sharing, units
from booking.inventory.views import imports as imports_views
from booking.inventory.views import pool as pool_views
from booking.inventory.views import regrouping as regrouping_views
from booking.notices import api as notices_api
from booking.notices import models as notices_models
from booking.notices import views as notices_views
from booking.policies import cli as policies_cli
from booking.policies import jobs as policies_jobs
from booking.policies import models as policies_models
from booking.policies.views import calendar as calendar_views
from booking.policies.views import explain as explain_views
from booking.policies.views import qualifications as qualifications_views
from booking.policies.views import questions as questions_views
from booking.policies.views import quotas as quotas_views
from booking.policies.views import rules as rules_views
from booking.policies.views import tags as tags_views
from booking.privacy import api as privacy_api
from booking.privacy import jobs as privacy_jobs
from booking.privacy import models as privacy_models
from booking.privacy import views as privacy_views
from booking.privacy.views import company as company_privacy
from booking.privacy.views import operator as park_privacy
from booking.reminders import views as reminders_views
from booking.reminders.jobs import deliver as reminders_jobs
from booking.reservations import jobs as reservations_jobs
from booking.reservations import models as reservations_models
from booking.reservations import views as reservations_views
from booking.reservations.api import availability as availability_api
from booking.reservations.api import draws as draws_api
from booking.reservations.api import explaining as explaining_api
from booking.reservations.api import formalities as formalities_api
from booking.reservations.api import groups as groups_api
from booking.reservations.api import holds as holds_api
from booking.reservations.api import reservations as reservations_api
from booking.reservations.api import using as using_api
from booking.reservations.api import waiting as waiting_api
from booking.reservations.cli import doctor as doctor_cli
from booking.reservations.cli import imports as reservations_imports_cli
from booking.reservations.views import home
from booking.training import api as training_api
from booking.training import jobs as training_jobs
from booking.training import models as training_models
from booking.training import views as training_views
from booking.usage import cli as usage_cli
from booking.usage import jobs as usage_jobs
from booking.usage.views import behind as usage_behind
from booking.web import (
    access,
    assets,
    denials,
    devices,
    headers,
    health,
    limits,
    locale,
    login,
    proof,
    shell,
)
from booking.web.api import spec as api_spec

ROOT = Path(config.__file__).parent
# Imported for their tables.
MODELS = (
    accounts_models, audit_models, companies_models, inventory_models, policies_models,
    reservations_models, privacy_models, training_models, notices_models, help_models, feeds_models,
    files, outbox, rate, scheduler,
)  # fmt: skip
# One line each, so that features are added and removed alone.
BLUEPRINTS = [
    reservations_views.blueprint,
    approvals_views.blueprint,
    board_views.blueprint,
    pool_calendar.blueprint,
    today.blueprint,
    accounts_views.blueprint,
    tokens_views.blueprint,
    elsewhere.blueprint,
    ways.blueprint,
    sms_views.blueprint,
    pool_views.blueprint,  # the catalogue's, with all its pages
    reminders_views.blueprint,
    imports_views.blueprint,
    park.blueprint,
    places.blueprint,
    parties.blueprint,
    labs.blueprint,
    people.blueprint,
    applications.blueprint,
    joining.blueprint,
    members_views.blueprint,  # the company's, with all its pages
    deciders.blueprint,
    reasons.blueprint,
    away.blueprint,
    platforms.blueprint,
    sharing.blueprint,
    contributed.blueprint,
    manage.blueprint,
    rules_views.blueprint,
    calendar_views.blueprint,
    tags_views.blueprint,
    explain_views.blueprint,
    quotas_views.blueprint,
    qualifications_views.blueprint,
    questions_views.blueprint,
    units.blueprint,
    regrouping_views.blueprint,
    photos.blueprint,
    audit_views.blueprint,
    privacy_views.blueprint,
    park_privacy.blueprint,
    park_factors.blueprint,
    company_privacy.blueprint,
    training_views.blueprint,
    notices_views.blueprint,
    help_views.blueprint,
    feeds_views.blueprint,
    usage_behind.blueprint,
]
API = [
    inventory_api.blueprint,
    reservations_api.blueprint,
    formalities_api.blueprint,
    groups_api.blueprint,
    using_api.blueprint,
    waiting_api.blueprint,
    draws_api.blueprint,
    holds_api.blueprint,
    availability_api.blueprint,
    explaining_api.blueprint,
    approvals_api.blueprint,
    training_api.blueprint,
    privacy_api.blueprint,
    notices_api.blueprint,
]
COMMANDS: list[click.Command] = [
    accounts_cli.operator,
    accounts_cli.tokens,
    categories_cli.categories,
    policies_cli.calendar,
    imports_cli.import_units_command,
    reservations_imports_cli.import_reservations,
    demo_cli.demo,
    audit_cli.audit,
    doctor_cli.doctor,
    usage_cli.usage,
]
NAV: list[shell.NavSource] = [
    home.nav,
    catalogue_views.nav,
    reservations_views.nav,
    today.nav,
    approvals_views.nav,
    board_views.nav,
    reminders_views.nav,
    company_nav,
    manage.nav,
    contributed.nav,
    park.nav,
]
# Each job is safe to run twice, in any number of processes.
JOBS: list[scheduler.Job] = [
    *audit_jobs.JOBS,
    *accounts_jobs.JOBS,
    *companies_jobs.JOBS,
    *privacy_jobs.JOBS,
    *inventory_jobs.JOBS,
    *policies_jobs.JOBS,
    *reservations_jobs.JOBS,
    *approvals_jobs.JOBS,
    *reminders_jobs.JOBS,
    *training_jobs.JOBS,
    *usage_jobs.JOBS,
]


def build(name: str, overrides: dict[str, Any] | None = None) -> Flask:
    """Return the application for a class of `config.CLASSES`.

    Later wins: class, instance/config.py, BOOKING_* variables, `overrides`.
    Raises MissingSetting in Production without secret key, public base URL or trusted hosts.
    """
    app = Flask(
        "booking",
        instance_path=str(ROOT / "instance"),
        template_folder="../templates",
        static_folder=None,  # web.assets serves them
        instance_relative_config=True,
    )
    configure(app, config.CLASSES[name], overrides or {})
    Path(app.instance_path).mkdir(parents=True, exist_ok=True)
    if app.config["PROXY_COUNT"]:
        count = app.config["PROXY_COUNT"]
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )
    db.init_app(app)
    Migrate(
        app,
        db.db,
        directory=str(Path(__file__).parent / "migrations"),
        render_as_batch=True,
        compare_type=True,
    )
    _assemble(app)
    return app


def _assemble(app: Flask) -> None:
    headers.init_app(app)
    denials.init_app(app)
    assets.init_app(app)
    health.init_app(app)
    locale.init_app(app)
    login.init_app(app)
    devices.init_app(app)
    proof.init_app(app)
    shell.init_app(app, NAV, _banner, home.home)
    access.init_app(app)  # after the forms' tokens were looked at
    limits.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    api_spec.init_app(app, API)
    for command in (*COMMANDS, serve, run_scheduler):
        app.cli.add_command(command)


def _banner(actor: Actor) -> str | None:
    return proof.reminder() or health.scheduler_complaint(actor)


def jobs_of(app: Flask) -> list[scheduler.Job]:
    """Return every job, each inside the app's context, and the heartbeat."""

    def inside(run: Any) -> Any:
        def job() -> None:
            with app.app_context():
                run()

        return job

    heartbeat = scheduler.Job("heartbeat", 30, lambda: scheduler.beat(clock.now()))
    return [scheduler.Job(j.name, j.seconds, inside(j.run)) for j in [heartbeat, *JOBS]]


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """Serve pages and API in one process, scheduler inside unless BOOKING_SCHEDULER=off."""
    app = _current()
    _name_own_address(app, host, port)
    health.refuse_without_guards(app)
    memory.share_arenas()
    ticking = scheduler.start(jobs_of(app)) if app.config["SCHEDULER"] != "off" else None
    click.echo(f"http://{host}:{port}")
    with app.app_context():
        if not anybody(db.db.session()):
            click.echo(_first_step(app))
        db.db.session.remove()
    try:
        waitress.serve(
            app,
            host=host,
            port=port,
            threads=app.config["SERVE_THREADS"],
            ident=None,
            # ProxyFix reads these; waitress would drop them, and every visitor would come from
            # the proxy's address.
            clear_untrusted_proxy_headers=not app.config["PROXY_COUNT"],
            # Above it the body is not even received; up to it a refusal is a page of ours.
            max_request_body_size=2 * app.config["MAX_CONTENT_LENGTH"],
        )
    finally:
        if ticking:
            ticking.shutdown(wait=False)


@click.command("scheduler")
def run_scheduler() -> None:
    """Run the jobs in this process, beside any number of web and scheduler processes."""
    app = _current()
    health.refuse_without_guards(app)
    scheduler.run_forever(jobs_of(app))


def _name_own_address(app: Flask, host: str, port: int) -> None:
    """Have links lead to this server, unless an address was configured."""
    if app.config["PUBLIC_BASE_URL"] == config.Default.PUBLIC_BASE_URL:
        shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared only
        app.config["PUBLIC_BASE_URL"] = f"http://{shown}:{port}"


def _first_step(app: Flask) -> str:
    """Return what to do in a park without people."""
    address = app.config["PUBLIC_BASE_URL"]
    given = (
        "" if address == config.Default.PUBLIC_BASE_URL else f"BOOKING_PUBLIC_BASE_URL={address} "
    )
    command = f"{given}{Path(sys.prefix) / 'bin' / 'flask'} --app booking operator create EMAIL"
    return f"nobody can sign in yet; the first operator:\n  {command}"


def _current() -> Flask:
    app: Flask = click.get_current_context().ensure_object(ScriptInfo).load_app()
    return app
