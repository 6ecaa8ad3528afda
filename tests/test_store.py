"""The store keeps what is whole, notices what is damaged, and survives being killed."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from estimates._util import signing
from estimates._util.files import leftovers, replacing, write_bytes
from estimates._util.signing import code_of
from estimates._util.store import Store

ABOUT = {"model": "town", "what": "a test"}


@pytest.fixture
def warned() -> list[str]:
    return []


@pytest.fixture
def store(tmp_path: Path, warned: list[str]) -> Store:
    return Store(tmp_path / "store", warned.append)


def only_file(store: Store) -> Path:
    (path,) = store.folder.glob("*/*")
    return path


def test_what_was_written_is_read_part_by_part(store: Store, warned: list[str]) -> None:
    parts = {"one": b"first\n\x00part", "two": b"", "three": os.urandom(100_000)}
    store.write("fit", "abc", parts, ABOUT)
    assert {name: store.read("fit", "abc", name) for name in parts} == parts
    assert store.read("fit", "other") is None
    assert store.read("refit", "abc", "one") is None
    (entry,) = store.entries()
    assert (entry.kind, entry.digest, entry.about, entry.current) == ("fit", "abc", ABOUT, True)
    assert entry.size == only_file(store).stat().st_size
    assert not warned


@pytest.mark.parametrize("where", [0.0, 0.02, 0.3, 0.6, 0.999])
def test_one_flipped_bit_is_noticed(store: Store, warned: list[str], where: float) -> None:
    store.write("fit", "abc", {"result": os.urandom(500)}, ABOUT)
    path = only_file(store)
    content = bytearray(path.read_bytes())
    content[int(where * len(content))] ^= 1
    path.write_bytes(content)
    assert store.read("fit", "abc") is None
    assert len(warned) == 1
    assert path.as_posix() in warned[0]
    store.write("fit", "abc", {"result": b"anew"}, ABOUT)
    assert store.read("fit", "abc") == b"anew"


@pytest.mark.parametrize("kept", [0, 10, 200])
def test_a_cut_file_is_noticed_listed_past_and_pruned(
    store: Store, warned: list[str], kept: int
) -> None:
    store.write("fit", "abc", {"result": os.urandom(500)}, ABOUT)
    store.write("fit", "good", {"result": b"whole"}, ABOUT)
    path = store.folder / "fit" / "abc.entry"
    path.write_bytes(path.read_bytes()[:kept])
    assert store.read("fit", "abc") is None
    assert warned
    assert "good" in [entry.digest for entry in store.entries()]
    store.prune([])
    assert not path.exists()
    assert store.read("fit", "good") == b"whole"


def test_pruning_removes_what_it_is_told_and_what_nobody_will_finish(store: Store) -> None:
    for digest in ("a", "b"):
        store.write("refit", digest, b"x", ABOUT)
    fresh, old = (store.folder / "refit" / f".{name}.tmp" for name in ("fresh", "old"))
    fresh.write_bytes(b"")
    old.write_bytes(b"12345")
    os.utime(old, (time.time() - 1e5,) * 2)
    (keep, *gone) = store.entries()
    assert store.prune(gone) == sum(entry.size for entry in gone) + 5
    assert [entry.digest for entry in store.entries()] == [keep.digest]
    assert fresh.exists()
    assert not old.exists()


WRITER = """
import sys
from pathlib import Path
from estimates._util.store import Store
store, number = Store(Path(sys.argv[1])), 0
while True:
    content = bytes([number % 256]) * 200_000
    store.write("fit", str(number % 7), content, {"model": "m", "what": "w"})
    number += 1
    print(number, flush=True)
"""


def test_a_writer_killed_at_any_moment_leaves_only_whole_entries(tmp_path: Path) -> None:
    warned: list[str] = []
    store = Store(tmp_path, warned.append)
    for delay in (0.0, 0.003, 0.011, 0.02):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        for entry in store.entries():
            content = store.read("fit", entry.digest)
            assert content is not None
            assert len(content) == 200_000
            assert len(set(content)) == 1
    assert not warned


def resigned(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change the head of an entry, and sign it again as whoever has the key could."""
    line, _, rest = path.read_bytes().partition(b"\n")
    head = json.loads(line.split(b" ", 2)[2])
    changed = change(head)
    path.write_bytes(headed(json.dumps(head if changed is None else changed).encode()) + rest)


def headed(text: bytes) -> bytes:
    """The first line of an entry, its digest and code right whatever the text."""
    rest = code_of(text).encode() + b" " + text
    return sha256(rest).hexdigest().encode() + b" " + rest + b"\n"


def test_what_another_version_made_is_not_current(store: Store) -> None:
    store.write("fit", "abc", b"x", ABOUT)
    resigned(only_file(store), lambda head: head.update(made_by="another version"))
    (entry,) = store.entries()
    assert not entry.current
    assert entry.ours


WRONG: list[Any] = [None, True, -1, 1.5, 10**400, "", "\x1b[31m\u202e", [], {}, [[]], {"a": {}}]
WRONG += ["a" * 10_000, {"result": [0, 10**30, "0" * 64]}, {"result": [-5, 3, "x"]}, [0, 1]]
WRONG += [{"result": [0, 1, 5]}, {"result": None}, "2024-01-01", "0001-01-01T00:00:00+23:59"]


@pytest.mark.parametrize("field", ["kind", "digest", "about", "created", "made_by", "parts"])
def test_no_value_of_any_field_of_a_head_raises(
    store: Store, warned: list[str], field: str
) -> None:
    for value in WRONG:
        store.write("fit", "abc", b"x", ABOUT)
        path = only_file(store)
        resigned(path, lambda head, value=value: head.update({field: value}))
        usable(store)
        resigned(path, lambda head: {k: v for k, v in head.items() if k != field})
        usable(store)
    assert not [sentence for sentence in warned if not sentence.isprintable()]


def usable(store: Store) -> None:
    """Whatever is in the store, nothing raises, and what is written next is read."""
    assert store.read("fit", "abc") in (None, b"x")
    assert all(entry.created.year > 1999 for entry in store.entries())
    list(store.damaged())
    store.prune([])
    store.write("fit", "abc", b"whole", ABOUT)
    assert store.read("fit", "abc") == b"whole"
    store.write("fit", "abc", b"x", ABOUT)


@given(content=st.binary(max_size=300))
@example(content=b"")
@example(content=b"[" * 100_000)
@example(content=b'{"kind": ' + b"[" * 100_000)
@example(content=b"9" * 5000)
@example(content=b"\xff\xfe")
@example(content=b"NaN")
@example(content=b" " * 5_000_000)
def test_no_content_of_an_entry_raises(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        for made in (content, headed(content.replace(b"\n", b" "))):
            (store.folder / "fit").mkdir(exist_ok=True)
            (store.folder / "fit" / "abc.entry").write_bytes(made)
            usable(store)


def test_what_is_in_the_place_of_an_entry_may_be_anything(store: Store, warned: list[str]) -> None:
    (store.folder / "fit" / "abc.entry").mkdir(parents=True)
    (store.folder / "file.entry").write_bytes(b"x")
    (store.folder / "kind").write_bytes(b"x")
    (store.folder / "a\x1b[31m").mkdir()
    (store.folder / "a\x1b[31m" / "b\u202e.entry").write_bytes(b"x")
    assert store.read("fit", "abc") is None
    assert store.entries() == ()
    assert all(sentence.isprintable() for sentence in warned)


def stranger(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From here on somebody else, with a key of their own."""
    monkeypatch.setenv("ESTIMATES_KEY", str(tmp_path / "another.key"))


def test_what_somebody_else_wrote_is_not_believed_until_it_is_adopted(
    store: Store, warned: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("abc", "def"):
        store.write("fit", name, {"result": b"planted", "more": b"1"}, ABOUT)
    stranger(monkeypatch, tmp_path)
    assert store.read("fit", "abc") is None
    assert store.read("fit", "def") is None
    (sentence,) = warned  # one line, however many entries there are
    assert "not done by this user" in sentence
    assert [entry.ours for entry in store.entries()] == [False, False]
    store.write("fit", "abc", b"done anew", ABOUT)
    assert store.read("fit", "abc") == b"done anew"
    (other,) = [entry for entry in store.entries() if entry.digest == "def"]
    store.adopt(other)
    assert store.read("fit", "def", "more") == b"1"
    assert all(entry.ours for entry in store.entries())


def test_an_answer_does_not_pass_for_that_to_another_question(
    store: Store, warned: list[str]
) -> None:
    store.write("fit", "abc", b"x", ABOUT)
    path = only_file(store)
    path.rename(path.with_name("def.entry"))
    assert store.read("fit", "def") is None
    assert "damaged" in warned[0]


def test_a_key_is_made_once_and_is_nobody_elses(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ESTIMATES_KEY")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    path = signing.key_path()
    assert path.is_relative_to(tmp_path)
    code = signing.code_of(b"text")
    assert signing.lasting()
    assert path.stat().st_mode & 0o777 == 0o600
    signing._key.cache_clear()  # as another process
    assert signing.is_ours(b"text", code)
    path.chmod(0o644)  # somebody else may have read it: it is worth nothing any more
    signing._key.cache_clear()
    assert not signing.is_ours(b"text", code)
    assert path.stat().st_mode & 0o777 == 0o600


def test_without_a_place_for_a_key_the_run_goes_on_and_says_so(
    store: Store, warned: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("ESTIMATES_KEY", str(tmp_path / "file" / "store.key"))
    store.write("fit", "abc", b"x", ABOUT)
    assert store.read("fit", "abc") == b"x"
    assert "no key can be kept" in warned[0]


KILLED = """
import os, signal, sys
from pathlib import Path
from estimates._util.files import replacing, scratch_beside
with replacing(Path(sys.argv[1]) / "a.txt") as one, scratch_beside(Path(sys.argv[1]) / "a") as two:
    one.write_text("half")
    (two / "more").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_killed_processes_left_goes_at_the_next_write(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    left = sorted(tmp_path.iterdir())
    assert len(left) == 2
    machine = left[0].name.split(".")[-3].partition("-")[0]
    own = tmp_path / f".b.{machine}-{os.getpid()}-00000000.tmp"
    own.write_bytes(b"being written")
    foreign = tmp_path / ".c.000000-1-00000000.tmp"  # another machine's, perhaps alive
    foreign.write_bytes(b"")
    other = tmp_path / ".vimrc.tmp"
    other.write_bytes(b"")
    write_bytes(tmp_path / "a.txt", b"whole")
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "a.txt", own, foreign, other])
    os.utime(foreign, (time.time() - 1e4,) * 2)
    assert list(leftovers(tmp_path)) == [foreign]


def test_two_writers_of_one_file_leave_one_of_theirs_whole(tmp_path: Path) -> None:
    path = tmp_path / "fit.nc"
    contents = [bytes([number]) * 300_000 for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda content: write_bytes(path, content), contents * 5))
    assert path.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_names_the_file_that_was_meant(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError) as caught:
        write_bytes(tmp_path / "file" / "more" / "a.txt", b"")
    assert caught.value.filename == str(tmp_path / "file")
    path = tmp_path / "a.txt"
    with pytest.raises(OSError, match="No space") as found, replacing(path):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert found.value.filename == str(path)
    assert not path.exists()
