"""Who is acting: a person's ids and roles as plain values, built by `web` or `cli`."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Party:
    """A company or institution someone belongs to; exactly one id is set."""

    company_id: int | None
    institution_id: int | None
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Duties:
    """What somebody decides on besides: in others' stead, and in which decider groups.

    `group_ids` are all of them, `own_group_ids` those the person is in.
    """

    lab_ids: frozenset[int] = frozenset()
    company_ids: frozenset[int] = frozenset()
    group_ids: frozenset[int] = frozenset()
    own_group_ids: frozenset[int] = frozenset()


NO_DUTIES = Duties()


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting person and what they are where. `scopes` is None on pages, a set for a token.

    Roles: company `member`, `booker`, `finance`, `admin`; institution `member`, `representative`;
    lab `manager`, `deputy`, `staff`; park `operator`, `administrator`, `auditor`.
    """

    user_id: int
    name: str = ""
    park_role: str | None = None
    parties: tuple[Party, ...] = ()
    labs: dict[int, str] = field(default_factory=dict)  # lab id -> role
    scopes: frozenset[str] | None = None
    duties: Duties = NO_DUTIES

    @property
    def reads_only(self) -> bool:
        """Return whether the person changes nothing, whatever else they are."""
        return self.park_role == "auditor"

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
        """Return the companies the person is an admin of."""
        return self.company_ids_as("admin")

    @property
    def overseen_company_ids(self) -> frozenset[int]:
        """Return the companies all of whose reservations the person sees."""
        return self.company_ids_as("admin", "booker", "finance")

    def company_ids_as(self, *roles: str) -> frozenset[int]:
        """Return the companies in which the person has any of these roles."""
        return frozenset(
            p.company_id
            for p in self.parties
            if p.company_id is not None and not p.roles.isdisjoint(roles)
        )

    def roles_in_company(self, company_id: int) -> frozenset[str]:
        """Return what the person is in a company; empty for nothing."""
        return next((p.roles for p in self.parties if p.company_id == company_id), frozenset())

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
