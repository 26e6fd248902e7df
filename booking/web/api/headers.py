"""The request headers that operations share, as the document describes them."""

IDEMPOTENCY_KEY = {
    "in": "header", "name": "Idempotency-Key", "schema": {"type": "string", "maxLength": 200},
    "description": "Makes a retry safe: the same key and body again give the same reservation.",
}  # fmt: skip
IF_MATCH = {
    "in": "header", "name": "If-Match", "required": True, "schema": {"type": "string"},
    "description": 'The version that was read, in quotes: "3".',
}  # fmt: skip
