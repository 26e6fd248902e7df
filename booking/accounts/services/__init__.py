"""Use cases on people and on what proves who they are: gather, decide, apply."""
