"""Messages: rendered from outbox rows, delivered once, listed for the operator."""
