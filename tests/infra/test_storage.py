"""Kept files: told by content, named harmlessly, in a folder or signed for on S3."""

import io
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from werkzeug.datastructures import FileStorage

from booking.accounts.jobs import forget_files
from booking.core.errors import Busy, Invalid, NotFound
from booking.infra.db import db, write
from booking.infra.storage.files import StoredFile, drop, use
from booking.infra.storage.kinds import DOCX, EVERY, ODS, PDF, PNG, TEXT, ZIP, kind_of
from booking.infra.storage.names import disposition, tidy_name
from booking.infra.storage.signing import Credentials, signed_headers
from booking.infra.storage.stores import FolderStore, S3Store, StoreDown, new_key
from booking.web.uploads import download, keep, received, shown_picture
from tests.infra import s3_stub
from tests.park.test_pictures import drawn

PATHS = (
    "../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "C:\\boot.ini", "a/../../b",
    "....//x", "%2e%2e%2fx", "x\x00.txt", "x\r\nSet-Cookie: a=b", "\u202etxt.exe", ".htaccess",
    "CON", "x" * 500, "   ", "a:b|c*?", "．．／x",
)  # fmt: skip


def archive(*names, content=b"x"):
    """Return a ZIP with these entries."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            packed.writestr(name, content)
    return target.getvalue()


def opendocument(label):
    """Return what an OpenDocument file begins with."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("mimetype", label)
    return target.getvalue()


KINDS = [
    (drawn("PNG"), PNG),
    (b"%PDF-1.7\n", PDF),
    (archive("[Content_Types].xml", "word/document.xml"), DOCX),
    (opendocument("application/vnd.oasis.opendocument.spreadsheet"), ODS),
    (archive("data/run1.fasta"), ZIP),
    ("序列\tACGT\n".encode(), TEXT),
    ("序列".encode("gb18030"), TEXT),
]


@pytest.mark.parametrize(("content", "kind"), KINDS, ids=lambda v: getattr(v, "name", ""))
def test_a_file_is_what_its_content_says(content, kind):
    assert kind_of(content) == kind


REFUSED = [
    (b"", "file_kind"),
    (b"MZ\x90\x00", "file_kind"),  # a program
    (b"\x7fELF", "file_kind"),
    (b"GIF89a" + bytes(20), "file_kind"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "file_kind"),  # old Office: may hold macros
    (archive("../../x"), "file_packed"),
    (archive("C:/x"), "file_packed"),
    (archive("word/vbaProject.bin", "[Content_Types].xml"), "file_packed"),
    (archive("x", content=bytes(30_000_000)), "file_packed"),  # a thousand times larger unpacked
    (archive(*(f"{n}" for n in range(1001))), "file_packed"),
    (archive("x")[:-30], "file_kind"),  # cut off
]


# Named by number: an archive holds the time at which it was made, which workers differ in.
@pytest.mark.parametrize(("content", "code"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_none_of_these_is_refused(content, code):
    with pytest.raises(Invalid) as refused:
        kind_of(content)
    assert refused.value.code == code


@pytest.mark.parametrize("name", PATHS)
def test_no_name_leads_anywhere(name):
    tidy = tidy_name(name, "txt")

    assert tidy.endswith(".txt")
    assert len(tidy) <= 120
    assert not set(tidy) & set('/\\\x00\r\n\u202e:*?"<>|;%')
    assert not tidy.startswith(".")
    header = disposition(tidy)
    assert header.isascii()
    assert "\n" not in header


def test_a_download_names_the_file_in_both_ways():
    assert disposition('a"b.txt') == "attachment; filename=\"a_b.txt\"; filename*=UTF-8''a%22b.txt"


def test_the_signature_is_that_of_the_documented_example():
    # AWS: "Authenticating Requests: Using the Authorization Header", GET Object.
    who = Credentials(
        "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1"
    )
    headers = signed_headers(
        "GET", "examplebucket.s3.amazonaws.com", "/test.txt", b"", who,
        datetime(2013, 5, 24, tzinfo=UTC), {"Range": "bytes=0-9"},
    )  # fmt: skip
    assert headers["authorization"].endswith(
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


@pytest.fixture(scope="module")
def s3():
    """Return the address of a store in a process of its own, which checks signatures."""
    with subprocess.Popen(  # noqa: S603 - the file beside this one
        [sys.executable, s3_stub.__file__], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.terminate()


@pytest.fixture(params=["folder", "s3"])
def store(request, tmp_path):
    """Return each kind of store."""
    if request.param == "folder":
        return FolderStore(tmp_path / "uploads")
    return s3_store(request.getfixturevalue("s3"))


def s3_store(endpoint, secret=s3_stub.SECRET, bucket=s3_stub.BUCKET):
    """Return the stub as a store."""
    return S3Store(endpoint, bucket, Credentials(s3_stub.KEY_ID, secret, s3_stub.REGION), 5)


def test_a_store_keeps_gives_back_and_forgets(store):
    key = new_key()
    assert store.get(key) is None
    store.put(key, b"one")
    store.put(key, b"two\x00")
    assert store.get(key) == b"two\x00"
    store.remove(key)
    store.remove(key)
    assert store.get(key) is None


@pytest.mark.parametrize("key", ["../../../etc/passwd", "", "a" * 39, "A" * 40, "a" * 41])
def test_no_store_takes_a_key_that_is_not_ours(store, key):
    for ask in (store.get, store.remove, lambda k: store.put(k, b"")):
        with pytest.raises(ValueError, match="not a key of ours"):
            ask(key)


def test_a_wrong_secret_another_bucket_or_a_redirect_is_refused(s3):
    for bad in (s3_store(s3, secret="wrong"), s3_store(s3, bucket="moved")):
        with pytest.raises(StoreDown):
            bad.put(new_key(), b"x")
    with pytest.raises(StoreDown):
        s3_store("http://127.0.0.1:1").get(new_key())


def test_files_in_a_folder_are_this_users_only(tmp_path):
    key = new_key()
    FolderStore(tmp_path).put(key, b"x")
    [file] = tmp_path.glob("*/*")
    assert (file.name, oct(file.stat().st_mode)[-3:]) == (key, "600")


def given(name, content):
    """Return an uploaded file."""
    return FileStorage(io.BytesIO(content), filename=name)


NAMED = [
    ("page.pdf", drawn("PNG")),  # a picture
    ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
    ("x.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
    ("x.html", b"<script>1</script>"),
    ("x.js", b"alert(1)"),
    ("x", b"text"),
    ("x.txt", b"%PDF-1.7"),
    ("x.docx", archive("x")),
]


@pytest.mark.parametrize(("name", "content"), NAMED)
def test_a_name_that_says_otherwise_is_refused(name, content):
    with pytest.raises(Invalid) as refused:
        received(given(name, content), EVERY, 10_000)
    assert refused.value.code == "file_named_otherwise"


def test_nothing_too_much_and_unwanted_kinds_are_refused():
    cases = [(None, "file_missing"), (given("", b""), "file_missing"),
             (given("x.txt", b""), "file_missing"), (given("x.txt", b"x" * 11), "too_many_bytes"),
             (given("x.pdf", b"%PDF-1"), "file_kind")]  # fmt: skip
    for one, code in cases:
        with pytest.raises(Invalid) as refused:
            received(one, (TEXT,), 10)
        assert refused.value.code == code


@pytest.fixture
def inside(app, clock):
    """Push a request of the app."""
    with app.test_request_context("/"):
        yield app


def test_a_kept_file_is_given_back_as_a_download_that_runs_nothing(inside):
    file_id = keep(received(given("样品.png", drawn("PNG")), EVERY, 10_000), None)
    answer = download(file_id)

    assert answer.data[:4] == b"RIFF"  # written anew
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''%E6%A0%B7%E5%93%81.webp" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"
    assert answer.headers["Content-Security-Policy"] == policy
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert shown_picture(file_id, "private").status_code == 200


def test_only_pictures_are_shown_inside_a_page(inside):
    file_id = keep(received(given("x.txt", b"<script>1</script>"), EVERY, 10_000), None)
    with pytest.raises(NotFound):
        shown_picture(file_id, "private")
    with pytest.raises(NotFound):
        download(None)


def test_what_nothing_uses_is_forgotten_after_two_days(inside, clock, tmp_path):
    used, unused = (keep(received(given("x.txt", b"x"), EVERY, 10), None) for _ in range(2))
    write(lambda s: use(s, used))
    forget_files()
    clock.shift(days=2)
    forget_files()
    assert db.session.get(StoredFile, unused) is None
    assert len(list((tmp_path / "uploads").glob("*/*"))) == 1

    write(lambda s: drop(s, [used], clock.now))
    forget_files()
    assert list((tmp_path / "uploads").glob("*/*")) == []


def test_a_store_that_is_down_says_busy(inside, monkeypatch):
    monkeypatch.setitem(inside.config, "S3_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setitem(inside.config, "S3_BUCKET", "b")
    with pytest.raises(Busy):
        keep(received(given("x.txt", b"x"), EVERY, 10), None)


def test_the_folder_of_uploads_is_none_that_is_served(inside):
    assert Path(inside.instance_path) / "uploads" not in Path(inside.root_path).parents
    assert inside.static_folder is None
