"""Photographs from people: checked by content, shrunk and written anew in a child process."""
