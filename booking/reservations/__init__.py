"""The core: reservations, allocations, closures, holds, availability."""
