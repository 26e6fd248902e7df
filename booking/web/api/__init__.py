"""What every API operation stands on: tokens and scopes, strict reading, answers, OpenAPI."""
