"""Documents from people, told apart by what they hold, never by name: a scan, or a PDF."""

from dataclasses import dataclass

from booking.core.errors import Invalid
from booking.infra.pictures.read import CONTENT_TYPE, small_picture

PDF = "application/pdf"
MOST_BYTES = 5 * 1024 * 1024
SUFFIXES = {PDF: "pdf", CONTENT_TYPE: "webp"}


@dataclass(frozen=True, slots=True)
class Document:
    """What is kept of a document: pictures are written anew, a PDF stays as it came."""

    content: bytes
    content_type: str


def document_of(content: bytes, field: str) -> Document:
    """Return the document in a file. Raises Invalid on `field`: empty, too large, of no such kind.

    A picture goes through the child process of `infra.pictures`; not to be called in a transaction.
    """
    if not content:
        raise Invalid("file_missing", field=field)
    if len(content) > MOST_BYTES:
        raise Invalid("too_many_bytes", field=field, limit=MOST_BYTES // 1024**2)
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-1024:]:
            raise Invalid("not_a_document", field=field)
        return Document(content, PDF)
    try:
        return Document(small_picture(content), CONTENT_TYPE)
    except Invalid as refusal:
        code = "not_a_document" if refusal.code == "not_a_picture" else refusal.code
        raise Invalid(code, field=field, **refusal.parameters) from refusal
