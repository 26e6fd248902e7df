"""A lab's day: its own people's, and who sees all labs by naming one; the door is everybody's."""

from tests.matrix import action, page
from tests.matrix.reservations import ONLY_LOOKS

ACCESS = {
    "GET today.today": [
        page("mei sta dee", also={"aud": 404}),
        page("mei sta ops", query="lab={west}"),
    ],
    "POST today.missed": [
        action("mei ops", shown=f"ada kim {ONLY_LOOKS}", params={"reservation_id": "agreed"}),
    ],
    "GET today.door": [page(params={"unit_id": "unit"})],
}
