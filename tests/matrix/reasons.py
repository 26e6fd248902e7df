"""A lab's reasons for rejecting and cancelling: its managers write them."""

from tests.matrix import table

ACCESS = {
    **table("mei ops", "reasons.lab lab_id=west 200 302"),
}
