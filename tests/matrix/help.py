"""Help: the glossary is everybody's, hints are put away by whoever is shown them."""

from tests.matrix import action, page

ACCESS = {
    "GET help.glossary": [page(anonymous=200), page(query="q=buffer", anonymous=200)],
    "GET help.components": [page("ops adm")],
    "POST help.done": [action(params={"tour": "member"})],
    "POST help.again": [action()],
}
