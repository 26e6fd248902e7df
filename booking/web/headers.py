"""Security headers of every response, error pages included."""

from flask import Flask, Response, current_app, request

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# What pages never ask a browser for.
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "camera", "microphone", "geolocation", "payment", "usb", "serial", "midi",
        "accelerometer", "gyroscope", "magnetometer", "display-capture", "screen-wake-lock",
    )
)  # fmt: skip
# A year, and for hosts below ours too (ASVS V3.4.1).
HSTS = "max-age=31536000; includeSubDomains"


def init_app(app: Flask) -> None:
    """Add the headers to each response of `app`."""
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Return `response` with the headers ASVS V3.4 asks for."""
    response.headers.setdefault("Content-Security-Policy", CSP)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", PERMISSIONS)
    response.headers.setdefault("Cache-Control", "no-store")
    if current_app.config["PRODUCTION"] or request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    return response
