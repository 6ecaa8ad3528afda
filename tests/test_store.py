"""The store keeps what is whole, notices what is damaged, and survives being killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from estimates.store import Store

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
from estimates.store import Store
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


def test_what_another_version_made_is_not_current(store: Store) -> None:
    store.write("fit", "abc", b"x", ABOUT)
    path = only_file(store)
    line, _, rest = path.read_bytes().partition(b"\n")
    head = json.loads(line.partition(b" ")[2])
    head["made_by"] = "another version"
    text = json.dumps(head).encode()
    from hashlib import sha256

    path.write_bytes(sha256(text).hexdigest().encode() + b" " + text + b"\n" + rest)
    (entry,) = store.entries()
    assert not entry.current
