"""Files people give: told by content, kept under names of our making, in a folder or on S3."""
