"""Every setting with its unit and default; environment variables are BOOKING_<NAME>."""

import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent


class Default:
    """What holds everywhere unless a class below, instance/config.py or the environment differs."""

    # Where rows live. Empty: SQLite in instance/booking.sqlite.
    DATABASE_URL = ""
    # Seconds a writer waits for its turn on SQLite; then the answer is 503 "busy, try again".
    WRITE_WAIT_SECONDS = 30
    # Signs cookies and forms. Empty outside Production: a random one for each process start.
    SECRET_KEY = ""
    # Scheme and host that links in mail carry, without a trailing slash.
    PUBLIC_BASE_URL = "http://127.0.0.1:8000"
    # Host names a request may carry, comma-separated. Empty: any (refused in Production).
    TRUSTED_HOSTS = ""
    # Whom to tell about a weakness: mail, https:// or tel: addresses, comma-separated. Empty: there
    # is no /.well-known/security.txt.
    SECURITY_CONTACT = ""
    # Number of reverse proxies whose X-Forwarded-* headers are believed.
    PROXY_COUNT = 0
    # "on": `serve` runs the scheduler inside; "off": only `flask --app booking scheduler` does.
    SCHEDULER = "on"
    # Threads that answer requests in `serve`.
    SERVE_THREADS = 16
    # Language of a visitor whose browser asks for none of ours: zh_Hans_CN or en.
    DEFAULT_LOCALE = "zh_Hans_CN"

    # Days a signed-in session lives unused, and in all.
    SESSION_IDLE_DAYS = 14
    SESSION_MAX_DAYS = 60
    # Hours a set-password link of an invitation works; minutes one of a forgotten password does,
    # and a link that confirms a new e-mail address.
    LINK_HOURS = 72
    RESET_MINUTES = 60
    # Forgotten passwords that may be told of in an hour: of one address, and from one address.
    RESETS_PER_ACCOUNT = 3
    RESETS_PER_ADDRESS = 30
    # Minutes after proving who one is in which password, e-mail, second factor and tokens can be
    # changed without proving it again.
    PROOF_MINUTES = 15
    # Who must have a second factor: operator, administrator, auditor, lab_manager, company_admin,
    # finance, representative; comma-separated. And days of grace after the first sign-in without.
    SECOND_FACTOR_ROLES = ""
    SECOND_FACTOR_GRACE_DAYS = 0
    # Percent of the time to decide after which deciders are reminded of a request, and after which
    # the operators may decide it too.
    REMIND_DECIDERS_PERCENT = 50
    HAND_UP_PERCENT = 75
    # Whether mail to deciders carries a link that decides without signing in: once, by a form.
    DECIDE_BY_MAIL = True
    # Single sign-on by OpenID Connect: the provider's issuer, https://…; empty: none. What its
    # button says, the application registered there, what is asked of it.
    OIDC_ISSUER = ""
    OIDC_NAME = ""
    OIDC_CLIENT_ID = ""
    OIDC_CLIENT_SECRET = ""
    OIDC_SCOPES = "openid email profile"
    # Whether people without an account get one there and then, if their address is verified.
    OIDC_CREATE = False
    # Further providers: key -> {"name", "issuer", "client_id", "client_secret", "scopes",
    # "create"}.
    OIDC_MORE: dict[str, dict[str, Any]] = {}
    # Sign-in by WeCom: the company's id, the application's id and secret; empty: none. And where
    # WeCom is.
    WECOM_CORP_ID = ""
    WECOM_AGENT_ID = ""
    WECOM_SECRET = ""
    WECOM_API_BASE = "https://qyapi.weixin.qq.com"
    WECOM_LOGIN_BASE = "https://login.work.weixin.qq.com"
    WECOM_IN_APP_BASE = "https://open.weixin.qq.com"
    # Text messages: log (files under instance/sms/, for a demo), http (any gateway), aliyun or
    # tencent; empty, as in Production: SMS is not offered. Codes one number may be sent in an
    # hour; twice as many in a day.
    SMS_GATEWAY = "log"
    SMS_PER_HOUR = 5
    # Where it is; of http, the JSON to post ({number}, {text}, {code}, {id}), a bearer token, and
    # what must stand in the answer (without spaces; empty: any 2xx).
    SMS_URL = ""
    SMS_BODY = '{"to": "{number}", "text": "{text}"}'
    SMS_TOKEN = ""
    SMS_EXPECT = ""
    # Of aliyun and tencent: keys, approved signature and template, Tencent's SdkAppId and region.
    SMS_KEY = ""
    SMS_SECRET = ""
    SMS_SIGN = ""
    SMS_TEMPLATE = ""
    SMS_APP = ""
    SMS_REGION = "ap-guangzhou"
    # Days a new API token works, unless chosen otherwise, and at most. 0 at most: also for ever.
    API_TOKEN_DAYS = 90
    API_TOKEN_MAX_DAYS = 365
    # Sign-in tries allowed in a minute: for one account, and from one address. Who goes on has to
    # wait longer: twice and four times as many tries in 5 and in 30 minutes for an account, five
    # times as many in 15 minutes from an address.
    SIGN_IN_TRIES_PER_ACCOUNT = 5
    SIGN_IN_TRIES_PER_ADDRESS = 20
    # Searches a person may make in a minute, by pages and API together. 0: any number.
    SEARCHES_PER_MINUTE = 300
    # API calls a minute: by one token, and from one address. 0: any number.
    API_CALLS_PER_TOKEN = 6000
    API_CALLS_PER_ADDRESS = 12000
    # Times one private calendar address may be fetched in an hour. 0: any number.
    FEED_READS_PER_HOUR = 240
    # Invitations and links to set a password that one person may send in an hour. 0: any number.
    INVITATIONS_PER_HOUR = 100
    # Redis that counts for all of these instead of the database, redis://host:6379/0. Empty: none.
    RATE_REDIS_URL = ""
    # Days an invitation to a company works.
    INVITATION_DAYS = 14
    # argon2id cost: memory in KiB, passes, lanes (OWASP's second profile).
    ARGON2_MEMORY_KIB = 19456
    ARGON2_PASSES = 2
    ARGON2_LANES = 1

    # How much of the address an action came from the audit keeps: full, network (/24, /48) or none.
    AUDIT_ADDRESS = "full"

    # Days until a request to be erased is carried out by itself; 0: an operator does it.
    ERASE_AFTER_DAYS = 14
    # Days that are kept: ended sessions, content of messages, reasons beside audit rows; 0: for
    # good.
    KEEP_SESSIONS_DAYS = 180
    KEEP_MESSAGES_DAYS = 365
    KEEP_REASONS_DAYS = 1095

    # Hours after which an undecided request expires (or at its start, if earlier).
    DECIDE_WITHIN_HOURS = 24
    # Hours before start from which an any-unit reservation's unit is final.
    UNIT_FIXED_HOURS = 24
    # Hours an Idempotency-Key is remembered.
    IDEMPOTENCY_HOURS = 24
    # Hours before start at which a reminder is sent, comma-separated.
    REMINDER_HOURS = "24,1"

    # Days before a qualification ends at which its holder is reminded, comma-separated.
    QUALIFICATION_REMINDER_DAYS = "30,7"

    # Effective hours a year that the utilisation rate of a unit is a share of; 1600 in the national
    # survey tool.
    UTILISATION_YEAR_HOURS = 1600

    # How much counts, in the best times found, that they are soon, leave little time unusable
    # around them, and are on the site of the person's company. Whole numbers, 0 or more.
    FIND_WEIGHT_SOONEST = 4
    FIND_WEIGHT_FIT = 2
    FIND_WEIGHT_NEAR = 2

    # SMTP server for mail. Empty host: mail is written to files under instance/mail/.
    SMTP_HOST = ""
    SMTP_PORT = 587
    SMTP_USER = ""
    SMTP_PASSWORD = ""
    SMTP_TLS = "starttls"  # starttls, tls or none
    # Seconds before a silent mail server is given up for this try.
    SMTP_TIMEOUT_SECONDS = 15
    MAIL_FROM = "booking@localhost"

    # Bytes of one upload; a spreadsheet of 12,000 units is about 1.2 MB.
    MAX_CONTENT_LENGTH = 20 * 1024 * 1024
    # Folder of what people upload. Empty: instance/uploads. Not used when S3_ENDPOINT is set.
    UPLOAD_FOLDER = ""
    # S3-compatible storage for uploads: https://host[:port], its bucket, region, key and secret.
    S3_ENDPOINT = ""
    S3_BUCKET = ""
    S3_REGION = "us-east-1"
    S3_KEY_ID = ""
    S3_SECRET = ""
    # Seconds before a silent store is given up.
    S3_TIMEOUT_SECONDS = 10
    # Hours an import preview is kept.
    IMPORT_KEEP_HOURS = 24
    # Bounds of one spreadsheet: rows, columns, unpacked bytes, seconds and MiB of the parser.
    IMPORT_MAX_ROWS = 50_000
    IMPORT_MAX_COLUMNS = 512
    IMPORT_MAX_UNPACKED_BYTES = 50 * 1024 * 1024
    # A workbook is a ZIP: how many files it may hold, and how many times smaller it may be packed.
    IMPORT_MAX_ZIP_ENTRIES = 200
    IMPORT_MAX_ZIP_RATIO = 100
    IMPORT_MAX_SECONDS = 10
    IMPORT_MAX_MEMORY_MIB = 500

    SQLALCHEMY_ENGINE_OPTIONS: dict[str, Any] = {}
    WTF_CSRF_TIME_LIMIT = None  # the session's own life bounds it
    MAX_FORM_PARTS = 1000
    MAX_FORM_MEMORY_SIZE = 2 * 1024 * 1024
    SESSION_COOKIE_NAME = "booking"
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    PRODUCTION = False
    TESTING = False


class Testing(Default):
    """Fast hashing, a fixed key, no scheduler."""

    TESTING = True
    SECRET_KEY = "testing-only-0123456789abcdef"  # noqa: S105 - a test key, refused by Production
    SCHEDULER = "off"
    ARGON2_MEMORY_KIB = 8
    ARGON2_PASSES = 1
    PUBLIC_BASE_URL = "http://localhost"
    SMS_GATEWAY = ""
    # A stopped clock never reaches the next minute; tests of limits set their own.
    SEARCHES_PER_MINUTE = 0
    API_CALLS_PER_TOKEN = 0
    API_CALLS_PER_ADDRESS = 0
    INVITATIONS_PER_HOUR = 0


class Production(Default):
    """What a public server runs with: refuses to start on a missing setting, Secure cookies."""

    PRODUCTION = True
    PUBLIC_BASE_URL = ""
    SMS_GATEWAY = ""
    SESSION_COOKIE_NAME = "__Host-booking"
    SESSION_COOKIE_SECURE = True
    SECOND_FACTOR_ROLES = "operator,administrator,auditor"
    REQUIRED = ("SECRET_KEY", "PUBLIC_BASE_URL", "TRUSTED_HOSTS")


CLASSES: dict[str, type[Default]] = {
    "default": Default,
    "testing": Testing,
    "production": Production,
}


def from_environment(base: type[Default]) -> dict[str, Any]:
    """Return the BOOKING_<NAME> variables for the settings of `base`, in each setting's own type.

    Raises ValueError naming the variable when a number is expected and something else is given.
    """
    found: dict[str, Any] = {}
    for name in dir(base):
        raw = os.environ.get(f"BOOKING_{name}")
        if not name.isupper() or raw is None:
            continue
        default = getattr(base, name)
        if isinstance(default, bool):
            found[name] = raw.lower() in {"1", "true", "yes", "on"}
        elif isinstance(default, int):
            try:
                found[name] = int(raw)
            except ValueError:
                raise ValueError(f"BOOKING_{name} must be a whole number, not {raw!r}") from None
        else:
            found[name] = raw
    return found
