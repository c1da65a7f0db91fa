"""White space and invisible characters. Words are never touched: a quote from the cleaned text is
in the raw file too, once white space is folded there.
"""

import re

SPACES = re.compile(r"[ \t\x1c-\x1f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
BREAKS = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
BLANKS = re.compile(r"\n{3,}")
# Controls, soft hyphens, zero-width and bidirectional marks, tag characters: no reader sees them.
INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    r"\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]+"
)
# Joiners shape letters in Persian, Hindi and emoji; beside Latin letters or spaces they only hide.
JOINERS = re.compile(
    r"(?<=[\x00-\u024f])[\u200c\u200d]+|(?<![\u200c\u200d])[\u200c\u200d]+(?=[\x00-\u024f])"
)


def clean(text: str) -> str:
    """Plain spaces and line breaks, one blank line at most, nothing invisible."""
    return collapse(clean_lines(text))


def clean_lines(text: str) -> str:
    """The same, but with as many lines as before, so that they can still be counted."""
    text = SPACES.sub(" ", INVISIBLE.sub("", BREAKS.sub("\n", text)))
    text = SPACES.sub(" ", JOINERS.sub("", text))
    return "\n".join(line.strip(" ") for line in text.split("\n"))


def collapse(text: str) -> str:
    """At most one blank line between two lines, none at either end."""
    return BLANKS.sub("\n\n", text).strip("\n ")


def one_line(text: str) -> str:
    """A title or a name: cleaned, on one line."""
    return " ".join(clean_lines(text).split())
