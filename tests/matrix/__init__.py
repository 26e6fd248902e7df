"""Who gets what from each page. One module a blueprint, with ACCESS and perhaps `prepare`.

ACCESS maps "METHOD endpoint" to cases. `prepare(session, people)` adds the rows its cases speak of
and returns name -> id; cases name them in `params`. Every address is also asked with ids that name
nothing, which needs no case.
"""

from dataclasses import dataclass, field
from typing import Any

# Ada, Kim (booker), Fin (finance), Bo (admin) of company A, Cy of B; Mei runs West's lab, Dee
# East's; Rep speaks for West, Rae for East; operator, administrator and auditor of the park.
ROLES = (
    "ada", "kim", "fin", "bo", "cy", "mei", "dee", "rep", "rae", "ops", "adm", "aud",
    # Staff and deputy of West's lab; company B's trainer for its confocal microscope; one of a
    # group that decides, of company B too; a member of West, who stands in for the deputy.
    "sta", "dep", "tra", "gro", "sub",
)  # fmt: skip
# Who gets what another gets, unless a case names them: a deputy, and the members of company B.
LIKE = {"dep": "mei", "tra": "cy", "gro": "cy"}
AUDITOR, OPERATOR = "aud", "ops"
SAFE = ("GET", "HEAD", "OPTIONS")
# What the auditor, who sends nothing, may all the same do: look after the own account.
OWN_ACCOUNT = ("accounts.", "elsewhere.", "privacy.", "shell.", "sms.", "tokens.", "ways.")
ALL = " ".join(ROLES)
ANONYMOUS = "anonymous"
TO_SIGN_IN = 302
MISSING = 471147


@dataclass(frozen=True)
class Case:
    """One address and what each role gets: `status` for those in `yes`, 403 for those in `shown`.

    `also` names single roles' statuses; everybody else gets `otherwise`, nobody signed in
    `anonymous`. The auditor reads what the operator reads, and sends nothing: 403, whatever the
    case says, unless `also` does. `params` fill the address,
    `query` follows it, `form` is sent with a POST; names in `params` are those of `prepare`.
    """

    yes: str = ALL
    status: int = 200
    shown: str = ""
    also: dict[str, int] = field(default_factory=dict)
    otherwise: int = 404
    anonymous: int = TO_SIGN_IN
    params: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    form: dict[str, Any] = field(default_factory=dict)

    def expected(self, role: str, key: str) -> int:
        """Return the status this role is to get at "METHOD endpoint"."""
        if role == ANONYMOUS:
            return self.anonymous
        if role in LIKE and not self._names(role):
            role = LIKE[role]
        if role in self.also:
            return self.also[role]
        if role in self.shown.split():
            return 403
        method, endpoint = key.split()
        if role == AUDITOR and method not in SAFE and not endpoint.startswith(OWN_ACCOUNT):
            return 403
        if role == AUDITOR and method in SAFE:
            role = OPERATOR
        if role in self.yes.split():
            return self.status
        return self.otherwise

    def _names(self, role: str) -> bool:
        return role in self.also or role in self.shown.split() or role in self.yes.split()


def table(yes: str, text: str) -> dict[str, list[Case]]:
    """Return the cases of a table of lines `endpoint id=name,… GET POST`, all for `yes`.

    GET and POST are the statuses `yes` gets; a dash says that there is no such route, or no id.
    """
    found: dict[str, list[Case]] = {}
    for line in filter(None, (line.split("#")[0].split() for line in text.splitlines())):
        endpoint, ids, *statuses = line
        params = dict(pair.split("=") for pair in ids.split(",")) if ids != "-" else {}
        for method, status in zip(("GET", "POST"), statuses, strict=True):
            if status != "-":
                found[f"{method} {endpoint}"] = [Case(yes=yes, status=int(status), params=params)]
    return found


def page(yes: str = ALL, **more: Any) -> Case:
    """Return a page that `yes` may open."""
    return Case(yes=yes, **more)


def action(yes: str = ALL, **more: Any) -> Case:
    """Return a POST that answers `yes` with a redirect."""
    return Case(yes=yes, **{"status": 302, **more})
