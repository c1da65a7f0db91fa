"""Which machines a page may be fetched from: the public internet, and what the settings name.

`ipaddress` knows less than is needed here: on Python 3.11.7 its `is_global` lets through addresses
that lead to loopback and metadata services by way of NAT64 or 6to4.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from index.errors import UsageError

CLOSED = tuple(
    ip_network(network)
    for network in """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
    192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24
    224.0.0.0/4 240.0.0.0/4 2001::/23 2001:db8::/32 2002::/16 3fff::/20
    """.split()
)
OPEN_6 = IPv6Network("2000::/3")  # of IPv6, nothing else is in public use
Address = IPv4Address | IPv6Address


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet."""
    if isinstance(address, IPv6Address) and address not in OPEN_6:
        return False
    return not any(address in network for network in CLOSED)


@dataclass(frozen=True, slots=True)
class Permission:
    """What may be asked: public addresses, and the hosts and networks that someone named."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[str, ...] = ()  # as in "10.0.0.0/8"
    ports: frozenset[int] = frozenset({80, 443})

    def names(self, host: str) -> bool:
        """Whether someone has named this host, and so answers for it."""
        return host.lower().rstrip(".") in self.hosts

    def admits(self, host: str, address: str) -> bool:
        """Whether the host may be reached at this address, as the resolver gave it."""
        if self.names(host):
            return True
        try:
            found = ip_address(address)
        except ValueError:  # with a scope, as in fe80::1%eth0
            return False
        if isinstance(found, IPv6Address) and found.ipv4_mapped:
            found = found.ipv4_mapped
        return is_public(found) or any(found in ip_network(network) for network in self.networks)


def permission(allow: str | None, ports: str) -> Permission:
    """Read the settings: hosts, addresses and networks with commas; ports with commas."""
    hosts, networks = set(), []
    for entry in _entries(allow or ""):
        try:
            networks.append(str(ip_network(entry.strip("[]"))))
        except ValueError:
            if "/" in entry or ":" in entry:
                raise UsageError(
                    f"DATELINE_FETCH_ALLOW: '{entry}' is no host name, address or network: "
                    "write it as intranet.example.org or 10.1.0.0/16."
                ) from None
            hosts.add(entry.lower())
    return Permission(frozenset(hosts), tuple(networks), frozenset(map(_port, _entries(ports))))


def _entries(setting: str) -> Iterable[str]:
    return filter(None, map(str.strip, setting.split(",")))


def _port(entry: str) -> int:
    if not (entry.isascii() and entry.isdecimal() and 0 < int(entry) < 65536):
        raise UsageError(f"DATELINE_FETCH_PORTS: '{entry}' is no port: write 80,443.")
    return int(entry)
