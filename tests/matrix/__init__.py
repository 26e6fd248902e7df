"""Who gets what from each page. One module a blueprint, with ACCESS and perhaps `prepare`.

ACCESS maps "METHOD endpoint" to cases. `prepare(session, people)` adds the rows its cases speak of
and returns name -> id; cases name them in `params`. Every address is also asked with ids that name
nothing, which needs no case.
"""

from dataclasses import dataclass, field
from typing import Any

ROLES = ("ada", "bo", "cy", "mei", "dee", "rep", "ops")
ALL = " ".join(ROLES)
ANONYMOUS = "anonymous"
TO_SIGN_IN = 302
MISSING = 471147


@dataclass(frozen=True)
class Case:
    """One address and what each role gets: `status` for those in `yes`, 403 for those in `shown`.

    Everybody else gets `otherwise`, nobody signed in `anonymous`. `params` fill the address,
    `query` follows it, `form` is sent with a POST; names in `params` are those of `prepare`.
    """

    yes: str = ALL
    status: int = 200
    shown: str = ""
    otherwise: int = 404
    anonymous: int = TO_SIGN_IN
    params: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    form: dict[str, Any] = field(default_factory=dict)

    def expected(self, role: str) -> int:
        """Return the status this role is to get."""
        if role == ANONYMOUS:
            return self.anonymous
        if role in self.yes.split():
            return self.status
        return 403 if role in self.shown.split() else self.otherwise


def page(yes: str = ALL, **more: Any) -> Case:
    """Return a page that `yes` may open."""
    return Case(yes=yes, **more)


def action(yes: str = ALL, **more: Any) -> Case:
    """Return a POST that answers `yes` with a redirect."""
    return Case(yes=yes, **{"status": 302, **more})
