"""The base, the macros and the skeleton pages render, in both languages, for all who come."""

import re

import pytest
from markupsafe import Markup

PAGES = ["accounts/sign_in", "accounts/set_password", "accounts/change_password"]
STATUSES = [400, 401, 403, 404, 405, 409, 413, 418, 429, 500, 502, 503]
HAN = re.compile("[\u4e00-\u9fff]")


def shown(client, **query):
    response = client.get("/show", query_string=query)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_the_style_guide_shows_every_macro(client):
    text = shown(client)
    for part in ("week", "offers", "broken", "error-summary", "facet", "rows", "pager", "subnav",
                 "tile", "empty", "history", "facts", "bulk", "ask"):  # fmt: skip
        assert re.search(rf'class="[^"]*\b{part}\b', text), part


@pytest.mark.parametrize(("language", "tag"), [("zh_Hans_CN", "zh-CN"), ("en", "en")])
def test_a_page_says_its_language_and_offers_the_other(client, language, tag):
    text = shown(client, lang=language)
    assert f'<html lang="{tag}">' in text
    other = "en" if language == "zh_Hans_CN" else "zh_Hans_CN"
    assert f'name="locale" value="{other}"' in text


@pytest.mark.parametrize("status", STATUSES)
def test_an_error_page_speaks_plainly_and_leads_on(client, status):
    chinese = shown(client, page="error", status=status, reference="K7QH2M")
    english = shown(client, page="error", status=status, lang="en", **{"as": ""})
    assert "/shell/home" in chinese
    assert "K7QH2M" in chinese
    title = re.search("<h1>(.*)</h1>", chinese)[1]
    assert HAN.search(title)
    assert not HAN.search(re.search("<h1>(.*)</h1>", english)[1])


@pytest.mark.parametrize("page", PAGES)
def test_an_account_page_keeps_what_was_typed_but_no_password(client, page):
    text = shown(client, page=page, wrong=1)
    assert 'type="password"' in text
    assert not re.search(r'type="password"[^>]*value="[^"]', text)
    assert 'role="alert"' in text


def test_a_wrong_field_is_tied_to_its_error_and_its_hint(app):
    text = shown(app.test_client())
    field = re.search(r'<input[^>]*id="quantity"[^>]*>', text)[0]
    assert 'aria-describedby="quantity-error"' in field
    assert 'aria-invalid="true"' in field
    assert 'value="4"' in field
    assert 'href="#quantity"' in text
    assert 'aria-describedby="note-hint"' in text


def test_every_form_that_posts_carries_a_token(client):
    forms = re.findall(r'<form[^>]*method="post".*?</form>', shown(client), re.DOTALL)
    assert len(forms) >= 7
    assert all('name="csrf_token" value="' in form for form in forms)


def test_a_visitor_sees_no_navigation_and_a_way_in(client):
    text = shown(client, page="accounts/sign_in", **{"as": ""})
    assert "<nav" not in text
    assert "/accounts/sign_in" in text
    assert "/accounts/sign_out" not in text


def test_the_banner_and_a_flashed_message_are_announced(client):
    text = shown(client, banner="<调度器停了>", flash=1)
    assert Markup.escape("<调度器停了>") in text
    region = re.search(r'role="status" aria-live="polite">(.*?)</div>', text, re.DOTALL)[1]
    assert "callout good" in region
