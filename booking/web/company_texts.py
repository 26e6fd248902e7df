"""Texts of the refusals of companies that come in, and of their people."""

from booking.web.rule_texts import N_

COMPANY_TEXTS: dict[str, str] = {
    "not_a_phone": N_("“%(actual)s” is not a telephone number."),
    "not_a_document": N_("Choose a PDF, or a JPEG, PNG or WebP picture."),
    "too_many_applications": N_(
        "The park cannot take more registrations just now. Please try again in some days."
    ),
    "company_there": N_(
        "A company with this credit code is here already; it is not given away by registering "
        "again. Reject it, or invite the person from the company's page."
    ),
    "already_member": N_("%(actual)s belongs to the company already."),
    "already_invited": N_("%(actual)s is invited already. Send that invitation again."),
    "too_many_invitations": N_("At most %(limit)s invitations may be open."),
    "invitation_used": N_("This invitation was accepted or withdrawn meanwhile."),
    "nobody_asks": N_("Nobody waits for a yes here."),
    "not_a_domain": N_("“%(actual)s” is not a mail domain such as example.com."),
    "public_domain": N_("Anybody can have an address at %(actual)s; invite people one by one."),
    "not_your_domain": N_(
        "Your own address is not at %(actual)s. An admin who has one there, or the park, sets it."
    ),
    "last_admin": N_("Somebody has to stay admin of the company. Make a colleague admin first."),
    "undecided_reservations": N_("Say what becomes of each reservation that is still to come."),
    "cannot_hand_on": N_("The colleague chosen may not have %(actual)s. Choose another one."),
    "cannot_cancel": N_(
        "It is too late to cancel %(actual)s. Hand it to a colleague, or ask the lab."
    ),
    "too_many_domains": N_("At most %(limit)s domains."),
}
