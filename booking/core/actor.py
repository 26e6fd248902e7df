"""Who is acting: a person's ids and roles as plain values, built by `web` or `cli`."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Party:
    """A company or institution someone belongs to; exactly one id is set."""

    company_id: int | None
    institution_id: int | None
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting person and what they are where. `scopes` is None on pages, a set for a token.

    Roles: company `member`, `admin`; institution `member`, `representative`;
    lab `manager`, `deputy`, `staff`; park `operator`.
    """

    user_id: int
    name: str = ""
    park_role: str | None = None
    parties: tuple[Party, ...] = ()
    labs: dict[int, str] = field(default_factory=dict)  # lab id -> role
    scopes: frozenset[str] | None = None

    @property
    def is_operator(self) -> bool:
        """Return whether the person runs the park."""
        return self.park_role == "operator"

    @property
    def company_ids(self) -> frozenset[int]:
        """Return the companies the person books for."""
        return frozenset(p.company_id for p in self.parties if p.company_id is not None)

    @property
    def institution_ids(self) -> frozenset[int]:
        """Return the institutions the person belongs to in any role."""
        return frozenset(p.institution_id for p in self.parties if p.institution_id is not None)

    @property
    def administered_company_ids(self) -> frozenset[int]:
        """Return the companies whose reservations the person sees as their admin."""
        return frozenset(
            p.company_id for p in self.parties if p.company_id is not None and "admin" in p.roles
        )

    @property
    def represented_institution_ids(self) -> frozenset[int]:
        """Return the institutions the person speaks for."""
        return frozenset(
            p.institution_id
            for p in self.parties
            if p.institution_id is not None and "representative" in p.roles
        )

    @property
    def managed_lab_ids(self) -> frozenset[int]:
        """Return the labs where the person is manager or deputy."""
        return frozenset(lab for lab, role in self.labs.items() if role in {"manager", "deputy"})

    @property
    def lab_ids(self) -> frozenset[int]:
        """Return the labs the person works in, in any role."""
        return frozenset(self.labs)
