"""The blueprint of the pages of notices."""

from flask import Blueprint

from booking.web.linked import linked

blueprint = Blueprint("notices", __name__)
blueprint.add_app_template_filter(linked)
