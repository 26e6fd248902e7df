"""What audit rows about people, companies and labs of the park say in words."""

from collections.abc import Mapping

from booking.web.rule_texts import N_

PARTIES_ACTIONS: Mapping[str, str] = {
    "user.create": N_("Created a person"),
    "user.edit": N_("Changed name or telephone"),
    "user.invite": N_("Invited a person"),
    "user.retire": N_("Retired a person"),
    "user.restore": N_("Brought a person back"),
    "user.make_operator": N_("Gave the operator's role"),
    "user.take_operator": N_("Took the operator's role"),
    "application.create": N_("Registered a company"),
    "application.approve": N_("Approved a company's registration"),
    "application.reject": N_("Rejected a company's registration"),
    "invitation.create": N_("Invited somebody to the company"),
    "invitation.send_again": N_("Sent an invitation again"),
    "invitation.withdraw": N_("Withdrew an invitation"),
    "invitation.ask": N_("Asked to join the company"),
    "invitation.end_all": N_("Ended all invitations"),
    "company.domain_set": N_("Let a mail domain in"),
    "company.domain_end": N_("Let a mail domain in no longer"),
    "user.park_role": N_("Changed the role in the park"),
    "absence.set": N_("Named who decides while away"),
    "absence.end": N_("Ended an absence"),
    "decider_group.join": N_("Took a person into an approval group"),
    "decider_group.leave": N_("Took a person out of an approval group"),
    "membership.end_all": N_("Ended all memberships"),
    "lab.set_reasons": N_("Wrote the lab's reasons to choose from"),
    "lab.leave": N_("Took a person out of a lab"),
    "tag.give": N_("Added a person to a group"),
    "tag.take": N_("Took a person out of a group"),
}
PARTIES_THINGS: Mapping[str, str] = {
    "institution": N_("institution"),
    "company": N_("company"),
    "lab": N_("lab"),
    "company_domain": N_("mail domain"),
    "membership": N_("membership"),
    "lab_member": N_("lab member"),
    "decider_group": N_("approval group"),
    "absence": N_("absence"),
    "park": N_("park"),
    "person_tag": N_("groups of people"),
}
