"""What use is, as pure sums and formulas."""
