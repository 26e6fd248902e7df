"""The blueprint of calendars."""

from flask import Blueprint

blueprint = Blueprint("feeds", __name__)
