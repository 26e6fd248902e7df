"""Text messages: the file of a demo, any HTTP gateway, and the clouds' published signatures."""

import json
from datetime import UTC, datetime

import pytest

from booking.infra import outbound, sms
from booking.infra.outbound import Answer, Unreachable
from booking.infra.sms import NotSent, Sms
from booking.infra.sms_clouds import Account, acs3, tc3

ONE = Sms("+8613912345678", '验证码 "123456"', "123456")
CONFIG = {
    "SMS_GATEWAY": "http", "SMS_URL": "https://sms.example/send", "SMS_TOKEN": "t0ken",
    "SMS_BODY": '{"to": "{number}", "text": "{text}", "code": "{code}", "ref": "{id}"}',
    "SMS_EXPECT": "", "SMS_KEY": "k", "SMS_SECRET": "s", "SMS_SIGN": "园区", "SMS_TEMPLATE": "T1",
    "SMS_APP": "1400", "SMS_REGION": "ap-guangzhou",
}  # fmt: skip


@pytest.fixture
def posted(monkeypatch):
    """Return what was posted; the answer is the last item that is an Answer or an error."""
    found = []

    def post(url, body, headers):
        answer = found.pop() if found else Answer(200, b'{"Code":"OK"}')
        found.append((url, body, headers))
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(outbound, "post", post)
    return found


def send(**changes):
    sms.gateway({**CONFIG, **changes}, "/nowhere").send(ONE, 7)


def test_a_gateway_of_ones_own_gets_the_body_it_wants(posted):
    send()
    [(url, body, headers)] = posted
    assert url == "https://sms.example/send"
    assert json.loads(body) == {
        "to": "+8613912345678", "text": '验证码 "123456"', "code": "123456", "ref": "7",
    }  # fmt: skip
    assert headers["Authorization"] == "Bearer t0ken"


@pytest.mark.parametrize(
    ("answer", "expect"),
    [
        (Answer(500, b"{}"), ""),
        (Answer(302, b""), ""),
        (Answer(200, b'{"code": 7}'), '"code":0'),
        (Unreachable("away"), ""),
    ],
)
def test_what_was_not_taken_is_not_sent(posted, answer, expect):
    posted.append(answer)
    with pytest.raises(NotSent):
        send(SMS_EXPECT=expect)


def test_a_demo_writes_files_that_others_cannot_read(tmp_path):
    sms.gateway({**CONFIG, "SMS_GATEWAY": "log"}, str(tmp_path)).send(ONE, 7)
    file = tmp_path / "sms" / "7.txt"
    assert file.read_text(encoding="utf-8") == '+8613912345678\n验证码 "123456"\n'
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_unknown_gateway_sends_nothing():
    with pytest.raises(NotSent, match="BOOKING_SMS_GATEWAY"):
        send(SMS_GATEWAY="pigeon")


def test_aliyun_is_asked_as_published(posted):
    # The example of Aliyun's "V3版本请求体&签名机制".
    account = Account("YourAccessKeyId", "YourAccessKeySecret", "", "", "", "", "")
    query = (
        "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    )  # fmt: skip
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    assert acs3(account, query, headers) == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;"
        "x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature="
        "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )
    send(SMS_GATEWAY="aliyun", SMS_URL="")
    [(url, _body, headers)] = posted
    assert url.startswith("https://dysmsapi.aliyuncs.com/?OutId=7&PhoneNumbers=13912345678&")
    assert "TemplateParam=%7B%22code%22%3A%20%22123456%22%7D" in url
    assert headers["x-acs-version"] == "2017-05-25"
    posted[:] = [Answer(200, b'{"Code": "isv.BUSINESS_LIMIT_CONTROL"}')]
    with pytest.raises(NotSent, match="LIMIT_CONTROL"):
        send(SMS_GATEWAY="aliyun", SMS_URL="")


def test_tencent_is_asked_as_published(posted):
    # The example of Tencent Cloud's "签名方法 v3".
    account = Account(
        "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
        "", "", "", "", "",
    )  # fmt: skip
    body = (
        rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], '
        rb'"Name": "instance-name"}]}'
    )
    at = datetime.fromtimestamp(1551113065, UTC)
    assert tc3(account, "cvm", "cvm.tencentcloudapi.com", body, at).endswith(
        "/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host, Signature="
        "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )
    posted.append(Answer(200, b'{"Response": {"SendStatusSet": [{"Code": "Ok"}]}}'))
    send(SMS_GATEWAY="tencent", SMS_URL="")
    [(url, body, headers)] = posted
    assert url == "https://sms.tencentcloudapi.com"
    assert json.loads(body)["TemplateParamSet"] == ["123456"]
    assert headers["X-TC-Action"] == "SendSms"
    posted[:] = [Answer(200, b'{"Response": {"SendStatusSet": [{"Code": "LimitExceeded"}]}}')]
    with pytest.raises(NotSent):
        send(SMS_GATEWAY="tencent", SMS_URL="")
