"""The blueprint of the audit's pages."""

from flask import Blueprint

blueprint = Blueprint("audit", __name__)
