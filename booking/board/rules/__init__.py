"""Of the timeline."""
