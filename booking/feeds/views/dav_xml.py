"""What CalDAV says of things: properties by name, answered as far as they are asked for."""

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from flask import Response, request

from booking.core.errors import Invalid
from booking.infra.xml_read import NotXml, read_xml

DAV, CAL, CS = "DAV:", "urn:ietf:params:xml:ns:caldav", "http://calendarserver.org/ns/"
MOST_BODY = 64 * 1024
MULTISTATUS = 207
Element = ET.Element
Properties = dict[str, Element]
for _prefix, _uri in (("D", DAV), ("C", CAL), ("CS", CS)):
    ET.register_namespace(_prefix, _uri)


def dav(name: str) -> str:
    """Return a name of WebDAV."""
    return f"{{{DAV}}}{name}"


def cal(name: str) -> str:
    """Return a name of CalDAV."""
    return f"{{{CAL}}}{name}"


def leaf(name: str, text: str | None = None) -> ET.Element:
    """Return an element with a text."""
    found = ET.Element(name)
    found.text = text
    return found


def node(name: str, *parts: ET.Element) -> ET.Element:
    """Return an element with parts."""
    found = ET.Element(name)
    found.extend(parts)
    return found


def asked() -> ET.Element | None:
    """Return the request's body, None for none. Raises Invalid("malformed")."""
    content = request.get_data(cache=True)
    if not content.strip():
        return None
    try:
        return read_xml(content, MOST_BODY)
    except NotXml:
        raise Invalid("invalid", field="body") from None


def wanted() -> frozenset[str] | None:
    """Return the names of the properties asked for, None for all."""
    body = asked()
    named = body.find(dav("prop")) if body is not None else None
    return None if named is None else frozenset(each.tag for each in named)


def multistatus(found: Iterable[tuple[str, Properties | None]]) -> Response:
    """Return a 207 of things by address; None: not there. What they lack is told as missing."""
    names = wanted()
    root = ET.Element(dav("multistatus"))
    for href, properties in found:
        answer = ET.SubElement(root, dav("response"))
        answer.append(leaf(dav("href"), href))
        if properties is None:
            answer.append(leaf(dav("status"), "HTTP/1.1 404 Not Found"))
            continue
        known = [each for name, each in properties.items() if names is None or name in names]
        lacking = [] if names is None else sorted(names - properties.keys())
        if known or not lacking:
            answer.append(_propstat(known, "200 OK"))
        if lacking:
            answer.append(_propstat([ET.Element(name) for name in lacking], "404 Not Found"))
    return xml(root, MULTISTATUS)


def xml(root: ET.Element, status: int) -> Response:
    """Return an answer of this document."""
    content = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    answer = Response(content, status, content_type="application/xml; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="dav.xml"'
    return answer


def by_name(*properties: ET.Element) -> Properties:
    """Return properties by their name."""
    return {each.tag: each for each in properties}


def _propstat(properties: list[ET.Element], status: str) -> ET.Element:
    return node(dav("propstat"), node(dav("prop"), *properties), leaf(
        dav("status"), f"HTTP/1.1 {status}"))  # fmt: skip
