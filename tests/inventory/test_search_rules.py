"""What a search asks for, and the text a pool is found by."""

import time

import pytest

from booking.inventory.rules import search
from booking.inventory.rules.search import Entry, nearest_word, normalise, parse, within_one_slip


def entry(**overrides):
    """Return the entry of a centrifuge."""
    return Entry(
        **{
            "names": ["高速离心机", "High-speed Centrifuge"],
            "words": ["Avanti J-26", "Beckman Coulter", "物性测试"],
            "codes": ["Avanti J-26", "YQ-0001", "SN 77"],
            "spoken": ["gaosulixinji", "gslxj"],
            **overrides,
        }
    )


# --- what was typed -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", ()),
        ("   ", ()),
        (None, ()),
        ("离心", ("离心",)),
        ("LiXinJi", ("lixinji",)),  # case
        ("\uff34\uff28\uff25\uff32\uff2d\uff2f 　980", ("thermo", "980")),  # full width
        ("离心机，高速、台式", ("离心机", "高速", "台式")),  # Chinese punctuation
        ("a\x00b\x1fc", ("a", "b", "c")),  # control characters cannot reach the separators
        ("离\u200b心", ("离心",)),  # a zero-width space pasted along
        ("mass mass MASS", ("mass",)),
    ],
)
def test_a_query_becomes_words(typed, words):
    assert parse(typed).words == words


def test_a_query_is_cut_to_its_bounds():
    assert len(parse("x" * 5000).text) == search.MOST_CHARACTERS
    assert len(parse(" ".join(f"w{n}" for n in range(40))).words) == search.MOST_WORDS


def test_a_character_that_unfolds_does_not_escape_the_bound():
    assert len(parse("\ufdfa" * 100).text) <= search.MOST_CHARACTERS  # 18 characters each


# --- what is stored -----------------------------------------------------------------------


def test_the_text_holds_its_parts_in_order():
    text = search.search_text(entry())
    names, words = text.index("high-speed centrifuge"), text.index("beckman coulter")
    codes, spoken = text.index("yq-0001"), text.index("gaosulixinji")
    assert names < words < codes < spoken


def test_a_text_is_compared_in_lower_case_without_width():
    assert "zeiss lsm" in search.search_text(entry(words=["\uff3aｅｉｓｓ   LSM"]))


def test_separators_in_a_name_do_not_move_its_words_to_another_part():
    text = search.search_text(entry(names=[f"机{search.WORDS_END}x{search.CODE}y"]))
    assert text.count(search.WORDS_END) == 1
    assert text.startswith("机 x y" + search.NAMES_END)


def test_corrections_come_from_words_not_from_codes_or_pinyin():
    text = search.search_text(entry(codes=["ABCDE-1"], words=["Beckman", "X5000qrst", "abc"]))
    assert search.latin_words(text) == {"high", "speed", "centrifuge", "beckman"}


@pytest.mark.parametrize(
    ("typed", "pattern"),
    [
        ("50%", r"%50\%%"),
        ("a_b", r"%a\_b%"),
        ("a\\b", r"%a\\b%"),
        ("(a+)+$", "%(a+)+$%"),  # a hostile pattern elsewhere, plain text here
    ],
)
def test_a_word_is_escaped_for_like(typed, pattern):
    assert search.anywhere(typed) == pattern


# --- one letter wrong ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "word", "near"),
    [
        ("centrifuge", "centrifuge", True),
        ("centrifgue", "centrifuge", True),  # neighbours swapped
        ("centrfuge", "centrifuge", True),  # one left out
        ("centriffuge", "centrifuge", True),  # one too many
        ("centrifage", "centrifuge", True),  # one changed
        ("entrifuge", "centrifuge", True),  # the first
        ("centrifug", "centrifuge", True),  # the last
        ("ecntrifuge", "centrifuge", True),
        ("centrifueg", "centrifuge", True),
        ("cnetrifgue", "centrifuge", False),  # two swaps
        ("centrige", "centrifuge", False),  # two left out
        ("abcd", "acbe", False),  # a swap and a change
        ("centrifuges", "centrifuge", True),
        ("mass", "math", False),
    ],
)
def test_one_slip_is_forgiven(typed, word, near):
    assert within_one_slip(typed, word) is near
    assert within_one_slip(word, typed) is near


@pytest.mark.parametrize("typed", ["entrifuge", "centrifuges", "acentrifuge", "centrifuge", "cd"])
def test_one_slip_leaves_an_end_of_the_word_whole(typed):
    word = "centrifuge"
    for at in range(len(word)):
        slips = (
            word[:at] + word[at + 1 :],
            word[:at] + "z" + word[at:],
            word[:at] + "z" + word[at + 1 :],
            word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
        )
        for slip in slips:
            start, end = search.ends_of(slip)
            assert word.startswith(start) or word.endswith(end), slip


def test_the_most_used_near_word_is_offered():
    known = [("masks", 3), ("mass", 40), ("mast", 40)]
    assert nearest_word("masz", known) == "mass"


def test_a_known_word_is_not_corrected():
    assert nearest_word("mass", [("mast", 9), ("mass", 1)]) is None


def test_only_latin_words_of_four_letters_are_corrected():
    assert parse("cnetrifuge 离心 abc xyz9 mass").correctable == ("cnetrifuge", "mass")


def test_correcting_keeps_the_other_words():
    query = parse("高速 centrifgue").corrected({"centrifgue": "centrifuge"})
    assert query.words == ("高速", "centrifuge")
    assert query.text == "高速 centrifuge"


def test_correcting_among_many_words_is_quick():
    known = [(f"centri{n:05d}".translate(str.maketrans("0123456789", "abcdefghij")), 1)
             for n in range(20_000)]  # fmt: skip
    began = time.perf_counter()
    assert nearest_word("centrifgue", known) is None
    assert time.perf_counter() - began < 1  # 10 ms; a bound only against a blow-up


def test_normalising_is_stable():
    assert normalise(normalise(" Ａ\tB　Ｃ ")) == "a b c"
