"""A lab's day: its own people's, and who sees all labs by naming one; the door is everybody's."""

from tests.matrix import action, page

OWN = "mei rep ops adm"

ACCESS = {
    "GET today.today": [
        page("mei dee", also={"aud": 404}),
        page("mei ops", query="lab={west}"),
    ],
    "POST today.missed": [
        action("mei ops", shown="ada", params={"reservation_id": "approved"}),
    ],
    "GET today.door": [page(params={"unit_id": "unit"})],
}
