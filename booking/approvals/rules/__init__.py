"""What deciding and looking after a day need to know. Pure."""
