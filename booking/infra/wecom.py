"""WeCom (企业微信): the address to send people to, and whose code came back.

Two calls: a token for the application, kept while it lasts, then the code for a `userid`. Source:
developer.work.weixin.qq.com, 身份验证: 网页授权登录, 扫码授权登录. The addresses are settings, as
a park may run WeCom at its own.
"""

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import current_app

from booking.infra import outbound
from booking.infra.oidc import Unproven
from booking.infra.outbound import Unreachable

KEY = "wecom"
IN_APP = "wxwork"  # WeCom's own browser says so of itself
STALE_TOKEN = (40014, 42001)  # WeCom ended it early: a new one is asked for, once
BUSY = (-1, 45009, 45033)  # its errors that say nothing of the person
MARGIN_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Application:
    """The self-built application of one WeCom company."""

    corp_id: str
    agent_id: str
    secret: str
    api: str
    login: str
    in_app: str

    @property
    def issuer(self) -> str:
        """Return who vouches for its user ids, which are unique within one company."""
        return f"wecom:{self.corp_id}"


_TOKENS: dict[tuple[str, str, str], tuple[float, str]] = {}


def application() -> Application | None:
    """Return the application of the settings, None when there is none."""
    config = current_app.config
    if not config["WECOM_CORP_ID"]:
        return None
    return Application(
        config["WECOM_CORP_ID"], config["WECOM_AGENT_ID"], config["WECOM_SECRET"],
        config["WECOM_API_BASE"].rstrip("/"), config["WECOM_LOGIN_BASE"].rstrip("/"),
        config["WECOM_IN_APP_BASE"].rstrip("/"),
    )  # fmt: skip


def address(ours: Application, state: str, back: str, user_agent: str) -> str:
    """Return where to send the browser: WeCom's own goes on at once, others show a code to scan."""
    if IN_APP in user_agent.lower():
        query = urlencode(
            {"appid": ours.corp_id, "redirect_uri": back, "response_type": "code",
             "scope": "snsapi_base", "state": state, "agentid": ours.agent_id}
        )  # fmt: skip
        return f"{ours.in_app}/connect/oauth2/authorize?{query}#wechat_redirect"
    query = urlencode(
        {"login_type": "CorpApp", "appid": ours.corp_id, "agentid": ours.agent_id,
         "redirect_uri": back, "state": state}
    )  # fmt: skip
    return f"{ours.login}/wwlogin/sso/login?{query}"


def user_id(ours: Application, code: str) -> str:
    """Return the member whose code this is. Raises Unreachable, Unproven (also for outsiders)."""
    found = _asked(ours, code, _token(ours))
    if found.get("errcode") in STALE_TOKEN:
        _TOKENS.pop(_key(ours), None)
        found = _asked(ours, code, _token(ours))
    error = found.get("errcode")
    if error in BUSY or error in STALE_TOKEN:
        raise Unreachable(f"WeCom answers {error}")
    member = found.get("userid") or found.get("UserId")
    if error not in (0, None) or not isinstance(member, str) or not 0 < len(member) <= 64:
        raise Unproven(f"WeCom answers {error}, and no member")
    return member


def _asked(ours: Application, code: str, token: str) -> dict[str, Any]:
    query = urlencode({"access_token": token, "code": code})
    return outbound.get(f"{ours.api}/cgi-bin/auth/getuserinfo?{query}").json()


def _token(ours: Application) -> str:
    kept = _TOKENS.get(_key(ours))
    if kept is not None and time.monotonic() < kept[0]:
        return kept[1]
    query = urlencode({"corpid": ours.corp_id, "corpsecret": ours.secret})
    found = outbound.get(f"{ours.api}/cgi-bin/gettoken?{query}").json()
    token, seconds = found.get("access_token"), found.get("expires_in")
    if found.get("errcode") not in (0, None) or not isinstance(token, str) or not token:
        raise Unreachable(f"WeCom gives no token: {found.get('errcode')}")
    lasts = seconds if isinstance(seconds, int) else 0
    _TOKENS[_key(ours)] = (time.monotonic() + lasts - MARGIN_SECONDS, token)
    return token


def _key(ours: Application) -> tuple[str, str, str]:
    return ours.api, ours.corp_id, ours.secret
