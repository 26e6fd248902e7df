"""Network addresses: the networks they are in, and what of them is kept on record."""

from ipaddress import ip_address, ip_network

# What says where somebody is: a neighbourhood, within which people move, not a line.
_BITS = {4: 24, 6: 48}


def network_of(address: str) -> str:
    """Return the network an address is in (/24, /48); what is no address as it is."""
    return _network(address) or address


def kept_address(address: str, how: str) -> str:
    """Return an address whole (`full`), its network (`network`) or nothing (`none`).

    >>> kept_address("203.0.113.7", "network"), kept_address("203.0.113.7", "none")
    ('203.0.113.0/24', '')
    """
    if how == "full" or not address:
        return address
    return _network(address) if how == "network" else ""


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((found, _BITS[found.version]), strict=False))
