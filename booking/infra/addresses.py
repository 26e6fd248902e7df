"""Network addresses as they are kept on record."""

from ipaddress import ip_address, ip_network

# How much of an address is kept of a network: a neighbourhood, not a line.
_KEPT_BITS = {4: 24, 6: 48}


def kept_address(address: str, how: str) -> str:
    """Return an address whole (`full`), its network (`network`) or nothing (`none`).

    >>> kept_address("203.0.113.7", "network"), kept_address("203.0.113.7", "none")
    ('203.0.113.0/24', '')
    """
    if how == "full" or not address:
        return address
    if how != "network":
        return ""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((found, _KEPT_BITS[found.version]), strict=False))
