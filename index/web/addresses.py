"""Web addresses: which are taken, and when two of them are one article's."""

import re
from urllib.parse import urljoin

import httpx

from index.errors import SourceError

MAX_ADDRESS = 1000  # characters
PORTS = {"http": 80, "https": 443}
# What newsletters, advertisements and networks add to a link. None of them chooses an article.
TRACKING = re.compile(
    r"(?:utm_|at_|ns_|guce_|fb_|pk_|mtm_|hsa_|oly_|vero_|stm_|cx_)\w*|__twitter_impression|_ga|_gl"
    r"|_hsenc|_hsmi|cmpid|cmp|dclid|fbclid|gbraid|gclid|gclsrc|guccounter|icid|igsh|igshid|ito"
    r"|mc_cid|mc_eid|mkt_tok|msclkid|ncid|ocid|ref_src|ref_url|s_cid|smid|smtyp|srsltid|taid"
    r"|twclid|wbraid|wt\.mc_id|wt_mc|xtor|yclid",
    re.I,
)


def checked(address: str) -> str:
    """The address as it is asked for: whole but for its fragment. Raises SourceError."""
    url = _parsed(address)
    port = "" if url.port in (None, PORTS[url.scheme]) else f":{url.port}"
    host = url.raw_host.decode("ascii").lower().rstrip(".")
    host = f"[{host}]" if ":" in host else host
    return f"{url.scheme}://{host}{port}{url.raw_path.decode('ascii') or '/'}"


def clean(address: str) -> str:
    """The address of the page itself: no fragment, no tracking. Raises SourceError."""
    address, _, query = checked(address).partition("?")
    kept = [part for part in query.split("&") if part and not _tracks(part)]
    return address + ("?" + "&".join(kept) if kept else "")


def fold(address: str) -> str:
    """What all spellings of an address have in common; the key of the article there.

    Beyond `clean`: http is https, "www." and a closing slash do not count.
    """
    scheme, _, rest = clean(address).partition("://")
    host, slash, path = rest.partition("/")
    host = re.sub(r":(?:80|443)\Z", "", host.removeprefix("www."))
    folded = f"https://{host}{slash}{path}"
    address, mark, query = folded.partition("?")
    return address.rstrip("/") + mark + query


def same_site(one: str, other: str) -> bool:
    """Whether both are on one host, its "www.", "m." and "amp." taken for the same."""
    return _site(one) == _site(other)


def canonical(said: str | None, fetched: str) -> str:
    """The address that a page says is its own, if that can be believed; else where it was."""
    fetched = clean(fetched)
    try:
        own = clean(urljoin(fetched, (said or "").strip()))
    except (SourceError, ValueError):
        return fetched
    # Badly made sites name their front page on every page: that would make all articles one.
    front = httpx.URL(own).path == "/" != httpx.URL(fetched).path
    return own if same_site(own, fetched) and not front else fetched


def shown(address: str) -> str:
    """The address as messages have it: without its query, which may hold what is secret."""
    return address.partition("?")[0].partition("#")[0].rpartition("@")[2][:200]


def _parsed(address: str) -> httpx.URL:
    if len(address) > MAX_ADDRESS:
        raise SourceError(f"the address is longer than {MAX_ADDRESS:,} characters")
    try:
        url = httpx.URL(address.strip())
        url.raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise SourceError(f"{shown(address)!r} is no web address: check the spelling") from None
    if url.scheme not in PORTS:
        raise SourceError(f"{shown(address)!r} is no http or https address")
    if url.userinfo:
        raise SourceError(
            f"{url.host}: the address has a user name in it: give it without, as in https://host/"
        )
    # Anything else has been read in two ways by two programs, and let through by one of them.
    if not re.fullmatch(r"[a-z0-9_.-]+|[0-9a-f:.]+", url.raw_host.decode("ascii"), re.I):
        raise SourceError(f"{shown(address)!r} is no web address: its host cannot be one")
    return url


def _tracks(part: str) -> bool:
    return TRACKING.fullmatch(part.partition("=")[0]) is not None


def _site(address: str) -> str:
    host = httpx.URL(address).host.lower()
    return re.sub(r"\A(?:(?:www|m|mobile|amp)\.)+(?=[^.]+\.)", "", host)
