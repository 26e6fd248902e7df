"""Texts of proving who one is: passwords, second factors, passkeys, addresses, tokens."""

from booking.web.rule_texts import N_

ACCOUNT_TEXTS: dict[str, str] = {
    "wrong_sign_in": N_("E-mail or password is not right."),
    "wrong_password": N_("The current password is not right."),
    "password_length": N_("Use %(limit)s to %(most)s characters."),
    "password_guessable": N_(
        "This password is too easy to guess: it is little more than a name, your address or what "
        "this site is about."
    ),
    "password_common": N_(
        "This password is among those that everybody tries first. Take another one, several words "
        "perhaps."
    ),
    "same_address": N_("This is your address already."),
    "wrong_factor_code": N_("This code is not right, or was used already. Wait for the next one."),
    "step_over": N_("That took too long, or was done already. Please begin again."),
    "authenticator_there": N_("An authenticator app is in use already. Remove it first."),
    "authenticator_unreadable": N_(
        "This authenticator app no longer works here, because the server's key was changed. Use a "
        "recovery code, or ask the park's service desk."
    ),
    "no_factor": N_("Recovery codes need a second factor that they stand in for."),
    "passkey_unproven": N_("The passkey could not be checked. Please try again."),
    "passkey_unknown": N_("This passkey is not known here. It may have been removed."),
    "passkey_known": N_("This passkey is known here already."),
    "too_many_passkeys": N_("At most %(limit)s passkeys. Remove one first."),
    "not_an_address": N_("“%(actual)s” is not an e-mail address."),
    "address_taken": N_("There is already a person with the address %(actual)s."),
    "sign_in_elsewhere_over": N_(
        "This sign-in was begun elsewhere, too long ago, or is over. Please begin again."
    ),
    "sign_in_elsewhere_refused": N_("You were not let in there, or cancelled. Please try again."),
    "identity_unknown": N_("Nobody here can sign in with this."),
    "not_connected": N_("No account here is connected to this."),
    "identity_taken": N_("This is connected to another account already."),
    "too_many_identities": N_("At most %(limit)s can be connected. Disconnect one first."),
    "last_way": N_("You could not sign in any more. Set a password first."),
    "not_a_mobile": N_("Give a mobile number, such as 139 1234 5678."),
    "wrong_code": N_("This code is not right, or no longer."),
    "number_taken": N_("This number is another person's here."),
    "not_a_calendar": N_("This is no calendar file: it does not hold BEGIN:VCALENDAR."),
    "calendar_too_many": N_("At most %(limit)s entries in one file."),
    "too_many_feeds": N_("At most %(limit)s calendars at a time. End one first."),
    "too_many_tokens": N_("At most %(limit)s tokens at a time. End one first."),
    "consent_required": N_(
        "The park's privacy policy has changed or was not agreed to yet. Sign in, read it and "
        "agree to it at %(limit)s; then this token works."
    ),
    "unknown_scope": N_("Unknown scope “%(actual)s”; possible are: %(limit)s."),
}
