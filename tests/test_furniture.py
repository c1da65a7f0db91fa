"""Furniture goes, and no sentence of an article goes with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.furniture import PHRASES, strip

BEFORE = "The ferry company will buy two electric ships, the board decided on Monday."
AFTER = "The first of them is to be delivered in three years."
LAST = "Nobody on the board voted against."
CAPTION = "Passengers wait for the morning ferry at the north quay, January 31, 2019."


@pytest.mark.parametrize(
    "line",
    [
        "Follow",
        "Recommended Stories",
        "list of 4 itemsend of list",
        "list of 3 items",
        "Advertisement",
        "Share",
        "Read more: How the ferries came back",
        "Read more about the harbour",
        "Sign up for our weekly newsletter.",
        "Sign up here",
        "Subscribe to The Example Times",
        "Subscribe",
        "Follow us on Instagram.",
        "Follow Jane Doe on X",
        "We use cookies to improve your experience. Read our policy.",
        "This website uses cookies.",
        "Please enable JavaScript to view the comments.",
        "© 2024 The Example Times",
        "All rights reserved.",
        "12 comments",
        "3 min read",
        "Image source, Getty Images",
        "(Reporting by Jane Doe; Editing by John Roe)",
        "* * *",
        "Läs mer: Så kom färjorna tillbaka",
        "Läs också",
        "ANNONS",
        "Dela på Facebook",
        "Prenumerera på vårt nyhetsbrev.",
        "Vi använder kakor för att förbättra sidan.",
        "Följ oss på Instagram",
        "Lesen Sie auch: Die neuen Fähren",
        "À lire aussi : Les nouveaux ferries",
        "Lea también: Los nuevos ferris",
        "Werbung",
    ],
)
def test_furniture_goes(line: str) -> None:
    assert strip(f"{BEFORE}\n{line}\n{AFTER}") == f"{BEFORE}\n{AFTER}"


@pytest.mark.parametrize(
    "lines",
    [
        [f"{CAPTION} (AP)"],
        [f"{CAPTION} [Jane Doe/Reuters]"],
        [f"{CAPTION} (AP Photo/Jane Doe)"],
        [f"{CAPTION} (Photo by Jane Doe)"],
        [f"{CAPTION} Photo: Jane Doe/AFP"],
        [f"{CAPTION} REUTERS/Jane Doe"],
        [f"{CAPTION} | Getty Images"],
        ["Resenärer väntar vid norra kajen. Foto: Åsa Öberg/TT"],
        ["Photo: Jane Doe"],
        ["Jane Doe/Getty Images"],
        [CAPTION, f"{CAPTION} (AP)"],
        [f"{CAPTION} (AP)", "", CAPTION],
        [CAPTION, f"{CAPTION} [File: Jane Doe/Reuters]"],
        [f"{CAPTION} (Reuters)", f"{CAPTION} (Reuters)"],
        ["The minister, who said little, leaves the quay.",
         "The minister, who said little, leaves the quay. (AP)"],
    ],
)  # fmt: skip
def test_captions_go_and_so_do_both_lines_of_a_pair(lines: list[str]) -> None:
    kept = strip("\n".join([BEFORE, *lines, AFTER, LAST]))
    assert [line for line in kept.split("\n") if line] == [BEFORE, AFTER, LAST]


@pytest.mark.parametrize(
    "line",
    [
        "Share prices fell by 3 percent after the announcement.",
        "Follow-up talks are planned for June.",
        "Subscribers will pay 10 percent more from next year.",
        "Sign-up for the scheme closed on Friday, the ministry said.",
        "Read aloud, the letter took four minutes.",
        "The company says its website uses cookies from 40 partners.",
        "We baked cookies, he said, and nobody came to buy kakor.",
        "Copyright law from 1971 still applies, the court found.",
        "He had met leaders of the Palestinian Authority (PA).",
        "The rules come from the Environmental Protection Agency (EPA).",
        "The ships will cost 90 million, the company told the news agency. (Reuters)",
        "He kept a photo of the old ferry on his desk.",
        "Photo agencies such as Getty Images are suing the company.",
        "'Much work to do'",
        "Advertisement revenue fell by a tenth.",
        "Följande vecka öppnade hamnen igen.",
        "Delar av bron stängs i augusti.",
    ],
)
def test_sentences_stay(line: str) -> None:
    text = f"{BEFORE}\n{line}\n{AFTER}"
    assert strip(text) == text


def test_the_items_of_a_round_up_stay() -> None:
    items = [f"Town number {n} opened a new bridge on Monday. (AP)" for n in range(6)]
    assert strip("\n".join(items)) == "\n".join(items)


def test_a_signed_last_line_stays() -> None:
    text = f"{BEFORE}\nThe quay reopens in June. (Reuters)"
    assert strip(text) == text


def test_a_repeated_sentence_is_kept_once() -> None:
    assert strip(f"{BEFORE}\n\n{BEFORE}\n{AFTER}") == f"{BEFORE}\n\n{AFTER}"
    assert strip("Never again!\nNever again!") == "Never again!\nNever again!"


@given(st.lists(st.sampled_from([BEFORE, AFTER, CAPTION, f"{CAPTION} (AP)", "", "Share"])))
def test_what_remains_was_there_in_this_order(lines: list[str]) -> None:
    rest = iter(lines)
    assert all(line in rest for line in strip("\n".join(lines)).split("\n") if line)


@given(st.text())
def test_never_fails(text: str) -> None:
    assert len(strip(text)) <= len(text)


def test_no_phrase_is_empty() -> None:
    assert all(phrase == phrase.strip().casefold() and phrase for phrase in PHRASES)
