"""Forms of booking, moving, cancelling and closing."""
