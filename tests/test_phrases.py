"""Numbers as newspapers, reports and abstracts print them: each is read rightly, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from estimates.language.wording import WordingError, parse_wording


def _phrases(name: str) -> list[tuple[str, str | dict[str, list[str]]]]:
    sources = yaml.safe_load((Path(__file__).parent / name).read_text(encoding="utf-8"))
    return [(text, right) for phrases in sources.values() for text, right in phrases.items()]


#: Those that the parser was written for, and those on which it was tried afterwards.
WRITTEN_FOR, UNSEEN = _phrases("phrases.yaml"), _phrases("unseen.yaml")
PHRASES = [*WRITTEN_FOR, *UNSEEN]
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
    assert len(PHRASES) == len({text for text, _ in PHRASES})
    assert len(WRITTEN_FOR) >= 300
    assert len(UNSEEN) >= 60
    kinds = {parse_wording(text).kind for text, _ in READ}
    assert kinds >= {"point", "range", "bound", "vague", "measured", "lopsided", "published"}
    assert kinds >= {"counted", "events"}
