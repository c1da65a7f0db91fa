"""Which parts of a page are the article's own, and which are of other things."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# Parts of a page whose dates are those of other things.
ELSEWHERE = re.compile(
    r"(?:^|[\s_-])(?:aside|also|breaking|calendar|comments?|disqus|events?|footer|latest|more|most"
    r"|nav|newsletter|popular|promo|read-?next|recent|recommend(?:ed|ations)?|related|replies|reply"
    r"|river|sidebar|sponsored|teasers?|ticker|timeline|today|trending|widget|clock)(?:$|[\s_-])",
    re.I,
)
BODIES = frozenset(("article", "main"))
ASIDES = frozenset("aside footer nav template".split())
NOT_ARTICLES = re.compile(
    r"Comment|Event|Offer|Product|Person|ImageObject|VideoObject|Audio|Review"
)
INLINE = frozenset("time span a b i em strong small abbr address br".split())
LONG = 140  # characters; a longer paragraph is body text
TEASER = 600  # characters; a box with a link to another story that holds more is no such thing
ENOUGH = 3000  # characters with white space, to know that a text is long


@dataclass(frozen=True, slots=True)
class Layout:
    """Which elements the headline stands in, and which ones other headings with links stand in."""

    around: frozenset[Any]
    boxes: frozenset[Any]


def read(tree: Any) -> Layout:
    """The layout of a page."""
    headlines = list(tree.iterfind(".//h1"))
    # Of a page with many of them, the one in the article.
    inside = (h for h in headlines if any(each.tag in BODIES for each in h.iterancestors()))
    headline = next(inside, headlines[0] if headlines else None)
    around = frozenset(headline.iterancestors()) if headline is not None else frozenset()
    boxes = {
        box
        for heading in tree.iter("h2", "h3", "h4")
        if heading.find(".//a") is not None or heading.getparent().tag in ("a", "li")
        for box in heading.iterancestors()
    }
    return Layout(around, frozenset(boxes))


def below_headline(tree: Any, layout: Layout) -> Iterator[Any]:
    """All elements of the article, or below its headline, and above the first long paragraph."""
    below = not layout.around
    for element in tree.iter():
        if element.tag == "h1" or (element.tag in BODIES and element in layout.around):
            below = True
        elif below and element.tag == "p" and len(words(element)) > LONG:
            return
        elif below and isinstance(element.tag, str):
            yield element


def of_something_else(element: Any, layout: Layout) -> bool:
    """Whether it stands in a part of the page that is not the article's own."""
    own = [element, *element.iterancestors()]
    scope = next((each for each in own if "itemscope" in each.attrib), None)
    if scope is not None and NOT_ARTICLES.search(scope.get("itemtype") or ""):
        return True
    bodies = any(each.tag in BODIES for each in own)
    for each in own:
        if each.tag in ("html", "body") or each in layout.around:
            return False
        header = each.tag == "header" and not bodies  # that of the whole page
        teaser = each in layout.boxes and len(words(each)) < TEASER
        if each.tag in ASIDES or header or teaser or _elsewhere(each):
            return True
    return False


def words(element: Any) -> str:
    """The words in it; of very long ones the first, for boxes may stand in boxes without end."""
    parts, length = [], 0
    for part in element.itertext():
        parts.append(part)
        length += len(part)
        if length > ENOUGH:
            break
    return " ".join("".join(parts).split())


def _elsewhere(element: Any) -> bool:
    if element.tag in BODIES:  # whose class may name the article's subjects
        return bool(re.search(r"comment|related|teaser", element.get("class") or ""))
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    return len(named) > 1 and ELSEWHERE.search(named) is not None
