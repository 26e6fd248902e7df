"""Requests to Aliyun's and Tencent Cloud's SMS services, signed as each of them wants.

Sources: help.aliyun.com "V3版本请求体&签名机制" (ACS3-HMAC-SHA256), Dysmsapi 2017-05-25 SendSms;
cloud.tencent.com "签名方法 v3" (TC3-HMAC-SHA256), sms 2021-01-11 SendSms. The signatures are held
against the examples published there.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from booking.infra.clock import now

ALIYUN = "https://dysmsapi.aliyuncs.com"
TENCENT = "https://sms.tencentcloudapi.com"


@dataclass(frozen=True, slots=True)
class Account:
    """The account at the cloud: keys, the approved signature and template, and where it is."""

    key: str
    secret: str
    sign: str
    template: str
    app: str  # Tencent's SdkAppId
    region: str
    url: str


@dataclass(frozen=True, slots=True)
class Request:
    """What to post, and the words (without spaces) that must be in an answer that took it."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    expect: str


def account_of(config: Mapping[str, Any]) -> Account:
    """Return the account of the settings."""
    names = ("KEY", "SECRET", "SIGN", "TEMPLATE", "APP", "REGION", "URL")
    return Account(*(config[f"SMS_{name}"] for name in names))


def aliyun(account: Account, number: str, code: str, reference: str) -> Request:
    """Return the SendSms request. Numbers of mainland China go without their 86."""
    url = account.url or ALIYUN
    values = {
        "PhoneNumbers": number.removeprefix("+86").removeprefix("+"),
        "SignName": account.sign, "TemplateCode": account.template,
        "TemplateParam": json.dumps({"code": code}), "OutId": reference,
    }  # fmt: skip
    query = "&".join(f"{_encoded(k)}={_encoded(v)}" for k, v in sorted(values.items()))
    headers = {
        "host": urlsplit(url).netloc,
        "x-acs-action": "SendSms",
        "x-acs-content-sha256": _sha256(b""),
        "x-acs-date": now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": secrets.token_hex(16),
        "x-acs-version": "2017-05-25",
    }
    headers["Authorization"] = acs3(account, query, headers)
    return Request(f"{url}/?{query}", b"", headers, '"Code":"OK"')


def acs3(account: Account, query: str, headers: Mapping[str, str]) -> str:
    """Return the Authorization of an empty POST to / with this query and these headers."""
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name]}\n" for name in names)
    signed = ";".join(names)
    canonical = f"POST\n/\n{query}\n{lines}\n{signed}\n{headers['x-acs-content-sha256']}"
    text = f"ACS3-HMAC-SHA256\n{_sha256(canonical.encode())}"
    signature = _hmac(account.secret.encode(), text).hex()
    return f"ACS3-HMAC-SHA256 Credential={account.key},SignedHeaders={signed},Signature={signature}"


def tencent(account: Account, number: str, code: str, reference: str) -> Request:
    """Return the SendSms request."""
    url, at = account.url or TENCENT, now()
    values = {
        "PhoneNumberSet": [number], "SmsSdkAppId": account.app, "SignName": account.sign,
        "TemplateId": account.template, "TemplateParamSet": [code], "SessionContext": reference,
    }  # fmt: skip
    body = json.dumps(values).encode()
    host = urlsplit(url).netloc
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Host": host,
        "Authorization": tc3(account, "sms", host, body, at),
        "X-TC-Action": "SendSms",
        "X-TC-Timestamp": str(int(at.timestamp())),
        "X-TC-Version": "2021-01-11",
        "X-TC-Region": account.region,
    }
    return Request(url, body, headers, '"Code":"Ok"')


def tc3(account: Account, service: str, host: str, body: bytes, at: datetime) -> str:
    """Return the Authorization of a JSON POST to / of a service."""
    signed = "content-type;host"
    lines = f"content-type:application/json; charset=utf-8\nhost:{host}\n"
    canonical = f"POST\n/\n\n{lines}\n{signed}\n{_sha256(body)}"
    day = at.strftime("%Y-%m-%d")
    scope = f"{day}/{service}/tc3_request"
    text = f"TC3-HMAC-SHA256\n{int(at.timestamp())}\n{scope}\n{_sha256(canonical.encode())}"
    key = f"TC3{account.secret}".encode()
    for part in (day, service, "tc3_request"):
        key = _hmac(key, part)
    return (
        f"TC3-HMAC-SHA256 Credential={account.key}/{scope}, SignedHeaders={signed}, "
        f"Signature={_hmac(key, text).hex()}"
    )


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
