"""The blueprint of training, and what its pages share."""

from flask import Blueprint
from werkzeug.wrappers import Response

blueprint = Blueprint("training", __name__)
Answer = Response | str | tuple[str, int]
