"""Numbers as newspapers, reports and abstracts print them: each is read rightly, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from estimates.language.wording import WordingError, parse_wording

SOURCES = yaml.safe_load((Path(__file__).parent / "phrases.yaml").read_text(encoding="utf-8"))
PHRASES = [(text, right) for phrases in SOURCES.values() for text, right in phrases.items()]
READ = [(text, right) for text, right in PHRASES if isinstance(right, str)]
REFUSED = [(text, right["refused"]) for text, right in PHRASES if not isinstance(right, str)]


@pytest.mark.parametrize(("text", "right"), READ)
def test_a_phrase_is_read_as_it_is_meant(text: str, right: str) -> None:
    read = parse_wording(text)
    assert str(read) == right
    assert parse_wording(right) == read


@pytest.mark.parametrize(("text", "ways"), REFUSED)
def test_what_could_be_read_in_two_ways_is_refused_with_both(text: str, ways: list[str]) -> None:
    with pytest.raises(WordingError) as caught:
        parse_wording(text)
    assert [way for way in ways if way not in caught.value.message] == []


def test_there_are_many_of_many_kinds() -> None:
    assert len(PHRASES) == len({text for text, _ in PHRASES}) >= 300
    kinds = {parse_wording(text).kind for text, _ in READ}
    assert kinds >= {"point", "range", "bound", "vague", "measured", "lopsided", "published"}
    assert kinds >= {"counted", "events"}
