"""Setting rules: one function a use case."""
