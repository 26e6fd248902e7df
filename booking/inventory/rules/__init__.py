"""Pure decisions: plain values in, decisions out."""
