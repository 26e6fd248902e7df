"""The shell of pages and API: sign-in state, actor, messages, paging, problem+json."""
