"""Bounds of a picture, where parent and child find them: the parent loads no imaging library."""

# A telephone's 50 megapixels; larger ones are bombs or scans.
MOST_PIXELS = 64_000_000
LONGEST_SIDE = 1280  # of what is shown in a page
MEMORY_BYTES = 640 * 1024**2  # 64 megapixels in RGBA, twice, and Python
SECONDS = 10
