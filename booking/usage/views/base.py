"""The blueprint of the pages about use."""

from flask import Blueprint

blueprint = Blueprint("usage", __name__, url_prefix="/dashboard")
