"""Mail domains: of an address, fit to stand for a company, or everybody's."""

import re

MODES = ("ask", "auto")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]")

# Providers at which anybody gets an address: it says nothing about where somebody works.
_PUBLIC = """
qq.com foxmail.com 163.com 126.com yeah.net 188.com netease.com sina.com sina.cn sina.com.cn
sohu.com sogou.com tom.com 21cn.com 21cn.net 263.net 139.com 189.cn wo.cn wo.com.cn
aliyun.com alibaba.net eyou.com 2980.com 88.com chinaren.com citiz.net
gmail.com googlemail.com outlook.com outlook.cn hotmail.com hotmail.cn live.com live.cn msn.com
yahoo.com yahoo.cn yahoo.com.cn ymail.com rocketmail.com icloud.com me.com mac.com
aol.com gmx.com gmx.net gmx.de web.de mail.com mail.ru yandex.com yandex.ru
proton.me protonmail.com pm.me tutanota.com fastmail.com zoho.com zohomail.com hey.com
hushmail.com mailinator.com guerrillamail.com 10minutemail.com yopmail.com temp-mail.org
"""
PUBLIC = frozenset(_PUBLIC.split())


def domain_of(email: str) -> str:
    """Return what stands after the @, in lower case and as mail servers know it; empty for none.

    >>> domain_of("Ada@Alpha-Bio.example")
    'alpha-bio.example'
    """
    return plain_domain(email.rpartition("@")[2])


def plain_domain(text: str) -> str:
    """Return a typed domain as it is kept, empty for what can be none.

    >>> plain_domain("@Alpha-Bio.Example"), plain_domain("localhost")
    ('alpha-bio.example', '')
    """
    typed = text.strip().lower().removeprefix("@").rstrip(".")
    try:
        name = typed.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    return name if len(name) <= 253 and _DOMAIN.fullmatch(name) else ""


def is_public(domain: str) -> bool:
    """Return whether anybody can have an address there, or below it (vip.qq.com).

    >>> is_public("vip.qq.com"), is_public("alpha-bio.example")
    (True, False)
    """
    parts = domain.split(".")
    return any(".".join(parts[n:]) in PUBLIC for n in range(len(parts) - 1))
