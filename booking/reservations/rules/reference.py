"""The short name of a reservation that people read aloud and type."""

# Crockford's base 32: no I, L, O, U, so that nothing is misread.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_BYTES = 5


def reference(random_bytes: bytes) -> str:
    """Return 8 characters of Crockford base 32 for 5 random bytes. Raises ValueError on others.

    >>> reference(bytes(5))
    '00000000'
    >>> reference(b"\\xff" * 5)
    'ZZZZZZZZ'
    """
    if len(random_bytes) != RANDOM_BYTES:
        raise ValueError("a reference is made of 5 random bytes")
    number = int.from_bytes(random_bytes, "big")
    return "".join(ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))
