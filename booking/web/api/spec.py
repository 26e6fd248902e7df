"""Installing the API on an app, and its OpenAPI document at /api/v1/openapi.json."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import flask_smorest
import marshmallow as ma
from flask import Flask
from flask_smorest.utils import prepare_response

from booking.web.api.blueprint import PREFIX, Blueprint, IdConverter
from booking.web.shell import csrf

PROBLEM_TYPE = "application/problem+json"
DESCRIPTION = """\
Every time is RFC 3339 with an offset; naive times are refused. Unknown fields are refused.
What you may not see answers like what does not exist. Rules are those of the pages."""


SpanAnswer = ma.Schema.from_dict(
    {"start": ma.fields.DateTime(), "end": ma.fields.DateTime()}, name="SpanAnswer"
)


class ViolationAnswer(ma.Schema):
    """One thing that is wrong: a field that cannot be read, or a booking rule that is broken."""

    code = ma.fields.String(required=True)
    message = ma.fields.String(required=True, metadata={"description": "in the caller's language"})
    field = ma.fields.String()
    limit = ma.fields.Raw(metadata={"description": "what the rule allows"})
    actual = ma.fields.Raw(metadata={"description": "what was asked for"})
    source = ma.fields.String(metadata={"description": "where the limit is set"})
    overridable_by = ma.fields.List(ma.fields.String())
    nearest = ma.fields.Nested(
        SpanAnswer,
        metadata={"description": "the first time after it that breaks no time rule"},
    )


class ConflictAnswer(ma.Schema):
    """A span in which a unit is held; never by whom."""

    unit_id = ma.fields.Integer(required=True)
    start = ma.fields.DateTime(required=True)
    end = ma.fields.DateTime(required=True)


class AlternativeAnswer(ConflictAnswer):
    """A slot offered instead."""

    reason = ma.fields.String(
        required=True,
        metadata={"enum": ["same_unit_later", "sibling_now", "next_in_pool"]},
    )


class PartProblemAnswer(ma.Schema):
    """Why one part of a group cannot be as asked."""

    position = ma.fields.Integer(required=True, metadata={"description": "from 0"})
    start = ma.fields.DateTime(required=True)
    end = ma.fields.DateTime(required=True)
    violations = ma.fields.List(ma.fields.Nested(ViolationAnswer), required=True)
    conflicts = ma.fields.List(ma.fields.Nested(ConflictAnswer), required=True)
    nearest = ma.fields.Nested(
        SpanAnswer, allow_none=True, metadata={"description": "the nearest time that would pass"}
    )


class ProblemAnswer(ma.Schema):
    """A refusal (RFC 9457)."""

    type = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    code = ma.fields.String(required=True)
    detail = ma.fields.String(metadata={"description": "in the caller's language"})
    reason = ma.fields.String(metadata={"description": "which of the code's cases it is"})
    violations = ma.fields.List(ma.fields.Nested(ViolationAnswer))
    conflicts = ma.fields.List(ma.fields.Nested(ConflictAnswer))
    alternatives = ma.fields.List(ma.fields.Nested(AlternativeAnswer))
    parts = ma.fields.List(
        ma.fields.Nested(PartProblemAnswer),
        metadata={"description": "of a group: which parts cannot be, and why"},
    )


class Api(flask_smorest.Api):
    """The one place where flask-smorest's error body gives way to problem+json."""

    ERROR_SCHEMA = ProblemAnswer

    def _register_error_handlers(self) -> None:
        """Leave errors to the shell, which answers API paths with problem+json."""

    def _register_responses(self) -> None:
        names = [(status.name, status.phrase) for status in HTTPStatus if status >= 400]
        for name, phrase in [*names, (self.DEFAULT_ERROR_RESPONSE_NAME, "Any other refusal")]:
            response: dict[str, Any] = {"description": phrase, "schema": self.ERROR_SCHEMA}
            prepare_response(response, self.spec, PROBLEM_TYPE)
            self.spec.components.response(name, response, lazy=True)


def init_app(app: Flask, blueprints: Iterable[Blueprint]) -> None:
    """Serve the operations of `blueprints`; bearer tokens need no CSRF protection."""
    app.config["OPENAPI_URL_PREFIX"] = PREFIX
    api = Api(
        app,
        spec_kwargs={
            "title": "Booking", "version": "1", "openapi_version": "3.1.0",
            "info": {"description": DESCRIPTION}, "security": [{"token": []}],
        },
    )  # fmt: skip
    api.spec.components.security_scheme(
        "token",
        {
            "type": "http", "scheme": "bearer",
            "description": "flask --app booking tokens create EMAIL; scopes: read, book, approve",
        },
    )  # fmt: skip
    app.url_map.converters["id"] = IdConverter
    api.register_converter(IdConverter, lambda _: {"type": "integer", "minimum": 1})
    for blueprint in blueprints:
        csrf.exempt(blueprint)
        api.register_blueprint(blueprint)
