"""The pages of training as a browser shows them: axe, and no wider than the window."""

from random import Random

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from booking.infra.passwords import hash_password
from booking.policies.models import Qualification
from booking.training.services.quizzes import start_attempt
from booking.training.services.records import request_signature
from booking.training.services.seats import sign_up
from booking.training.services.standing import appeal, suspend
from tests.browser import enter, screenshot
from tests.cast import Cast, cast
from tests.park.test_look import LOOKS, PASSWORD, faults
from tests.reservations.ruled import qualify, set_rule
from tests.training.given import course, done, kept, planned

pytestmark = pytest.mark.e2e


@pytest.fixture
def ids(app: Flask, session: Session, now) -> dict[str, int]:
    """Return the ids of a course that Ada is in the middle of, and of what she holds."""
    people: Cast = cast(session)
    for user in (people.ada, people.mei):
        user.password_hash = hash_password(PASSWORD)
    session.commit()
    pool, who = people.automatic, people.ada
    set_rule(session, "level", 2, pool=pool)
    set_rule(session, "off_hours_level", 3, pool=pool)
    qualify(session, who, people.confocal, 2)
    qualify(session, who, people.sequencer, 1)
    held = kept(session, Qualification)[1].id
    done(suspend, people.mei, held, "盖子未关 Left the lid open.")
    about = done(appeal, who, held, "不是我 It was not me.")
    key = course(people, "session", "quiz", "signoff", text="带手套。\nBring gloves.")
    meets = planned(people, key, seats=2)
    done(sign_up, who, meets)
    record = done(request_signature, who, key, "用过同型 I have used one like it.", [])
    return {
        "pool": pool.id, "course": key, "session": meets, "record": record, "appeal": about,
        "attempt": done(start_attempt, who, key, Random(1)), "lab": people.west_lab.id,
        "held": held,
    }  # fmt: skip


OWN = ("/passport", "/pools/{pool}/training", "/courses/{course}", "/quiz-attempts/{attempt}")
LAB = (
    "/manage/labs/{lab}/people", "/manage/trainings/{session}",
    "/manage/training-records/{record}", "/manage/courses/{course}/sessions/new",
)  # fmt: skip
MORE = (
    "/manage/labs/{lab}/training", "/manage/labs/{lab}/equivalences",
    "/manage/labs/{lab}/courses/new", "/manage/courses/{course}", "/manage/courses/{course}/quiz",
    "/manage/courses/{course}/people", "/manage/qualifications/{held}/suspend",
    "/manage/appeals/{appeal}", "/manage/pools/{pool}/qualifications", "/manage/pools/{pool}/rules",
)  # fmt: skip


@pytest.mark.parametrize(("locale", "width", "theme"), LOOKS)
class TestLook:
    """Each page, wide and Chinese, narrow and English."""

    @pytest.fixture
    def browser_settings(self, locale: str, width: int, theme: str) -> dict[str, object]:
        """Return how pages are opened."""
        size = {"width": width, "height": 844}
        return {"locale": locale, "viewport": size, "color_scheme": theme}

    @pytest.mark.parametrize("who", ["ada", "mei"])
    def test_no_page_has_faults(
        self, page: Page, live_url: str, ids: dict[str, int], who: str, width: int
    ) -> None:
        enter(page, live_url, f"{who}@test.example", PASSWORD)
        for path in OWN if who == "ada" else (*LAB, *MORE):
            address = path.format(**ids)
            page.goto(live_url + address)
            screenshot(page, f"training-{address.strip('/').replace('/', '-')}-{width}")
            assert faults(page) == [], address
