"""Start page, language, health, sign-in, passwords."""

from tests.matrix import ALL, action, page

ACCESS = {
    "GET shell.home": [page(ALL)],
    "POST shell.language": [action(ALL, form={"locale": "en"})],
    "GET health.healthz": [page(ALL, anonymous=200)],
    # No scheduler ticks in tests.
    "GET health.readyz": [page(ALL, status=503, anonymous=503)],
    "GET health.metrics": [page(ALL, anonymous=200)],
    # Nobody to tell is set.
    "GET health.security": [page("", anonymous=404)],
    "GET accounts.sign_in": [page(ALL, status=302, anonymous=200)],
    "POST accounts.sign_in": [action(ALL, anonymous=422)],
    "POST accounts.sign_out": [action(ALL)],
    "GET accounts.password": [page(ALL)],
    "POST accounts.password": [page(ALL, status=422)],
    "GET accounts.set_password": [page("", anonymous=404, params={"token": "x"})],
    "POST accounts.set_password": [page("", anonymous=404, params={"token": "x"})],
}
