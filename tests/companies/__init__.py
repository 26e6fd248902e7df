"""Companies and people: coming in, belonging, leaving."""
