"""Texts of proving who one is: passwords, second factors, passkeys, addresses."""


def N_(text: str) -> str:
    """Return `text` unchanged, marked for extraction."""
    return text


ACCOUNT_TEXTS: dict[str, str] = {
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
}
