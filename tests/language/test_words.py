"""Words in the language in force."""

from hems.language.words import c, n, speaking, spoken, t


def test_english_words_are_the_keys() -> None:
    """PNL-80: source strings are English; what is not known stays as it is."""
    with speaking("en"):
        assert (t("Home"), c("word", "FREE"), n("hour", "hours", 2)) == ("Home", "FREE", "hours")


def test_a_language_holds_for_as_long_as_it_is_spoken() -> None:
    with speaking("fr"):
        with speaking("de"):
            assert spoken() == "de"
        assert spoken() == "fr"
        assert t("no such words, for sure") == "no such words, for sure"
    assert spoken() == "en"
