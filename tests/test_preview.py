"""`estimates preview`: who is answered, what is said when, and a browser that follows the files."""

from __future__ import annotations

import http.client
import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from estimates import fit, load, summary
from estimates._util.parts import TookTooLong, in_time, until_told
from estimates.cli.app import app
from estimates.errors import Fault, InputError, Place
from estimates.inference import nuts
from estimates.model.scaffold import new_estimate
from estimates.report.html.content import begun
from estimates.report.preview.board import Board, State
from estimates.report.preview.director import Director
from estimates.report.preview.headline import headline
from estimates.report.preview.helper import Helper, Word
from estimates.report.preview.kept import Remembered
from estimates.report.preview.messages import (
    Ended,
    Failed,
    Filling,
    Fitting,
    Head,
    Page,
    Ready,
    Setting,
)
from estimates.report.preview.moved import Answer, Figure, moved
from estimates.report.preview.server import Server, listening
from estimates.report.preview.signals import in_turn
from estimates.report.preview.site import HEADERS, site
from estimates.report.preview.version import Faulty, Files, Version
from estimates.report.preview.work import quiet

from .test_report import browser_path

playwright = pytest.importorskip("playwright.sync_api")

PATIENCE = 300.0  # seconds, of a busy machine
TOKEN = "a-secret"
PRIOR = "50 to 2000"


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test reaches for this machine alone."""
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> None:
        assert address[0] == "127.0.0.1"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)


# Who is answered ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Message
    text: str


class News:
    """The states that a tab is told, one after the other."""

    def __init__(self, host: str, path: str) -> None:
        self._line = http.client.HTTPConnection(host, timeout=PATIENCE)
        self._line.request("GET", path)
        self._found = self._line.getresponse()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for line in self._found:
            if line.startswith(b"data:"):
                yield json.loads(line[5:])

    def close(self) -> None:
        self._found.close()
        self._line.close()


class Served:
    """A board that is being served, and what comes back from it."""

    def __init__(self) -> None:
        self.board = Board(State("m", ("models/m/model.yaml",)))
        there = listening(0)
        self.port: int = there.getsockname()[1]
        self.server = Server(site(self.board, TOKEN), HEADERS, there)
        self.server.begin()

    def ask(self, path: str, host: str = "", method: str = "GET") -> Reply:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as line:
            line.request(method, path, headers={"Host": host or f"127.0.0.1:{self.port}"})
            with line.getresponse() as found:
                return Reply(found.status, found.headers, found.read().decode())

    def news(self) -> News:
        return News(f"127.0.0.1:{self.port}", f"/{TOKEN}/news")


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    one = Served()
    yield one
    one.board.put(replace(one.board.state, ended=True))
    one.server.end()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/news",
        "/wrong/",
        f"/{TOKEN}x/",
        f"/{TOKEN[:-1]}/",
        "//",
        "/%00/",
        "/%C3%A9%FF/",
    ],
)
def test_nothing_is_answered_without_the_token(served: Served, path: str) -> None:
    found = served.ask(path)
    assert found.status == 403
    assert "the whole address" in found.text


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::1]", "10.0.0.1", "0"]
)
def test_another_host_s_name_is_refused_whatever_it_knows(served: Served, host: str) -> None:
    found = served.ask(f"/{TOKEN}/", host)
    assert found.status == 403
    assert TOKEN not in found.text


def test_this_machine_is_answered_and_browsers_are_told_what_they_may(served: Served) -> None:
    for host in ("", f"localhost:{served.port}", "127.0.0.1"):
        assert served.ask(f"/{TOKEN}/", host).status == 200
    found = served.ask(f"/{TOKEN}/")
    policy = found.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert found.headers["referrer-policy"] == "no-referrer"
    assert found.headers["cache-control"] == "no-store"
    page = found.text
    assert not re.search(r"<script>|<style|\sstyle=|\son\w+=", page)
    for name in re.findall(r'(?:src|href)="([a-z.]+)"', page):
        asset = served.ask(f"/{TOKEN}/{name}")
        assert asset.status == 200, name
        assert len(asset.text) > 1000
    assert served.ask(f"/{TOKEN}").headers["location"].endswith(f"/{TOKEN}/")
    assert served.ask(f"/{TOKEN}/", method="POST").status == 405
    assert served.ask(f"/{TOKEN}/../../etc/passwd").status == 404


def test_only_this_machine_is_listened_to() -> None:
    with listening(0) as there:
        assert there.getsockname()[0] == "127.0.0.1"


def test_a_tab_is_told_the_present_state_then_what_is_new_and_leaves_nothing(
    served: Served,
) -> None:
    fault = Fault("unknown unit 'persn'", Place("a.yaml", 3, 7))
    served.board.put(replace(served.board.state, phase="faulty", faults=(fault,)), "<p>old</p>")
    page = served.ask(f"/{TOKEN}/report")
    assert (page.text, page.headers["x-page"]) == ("<p>old</p>", "1")

    first, second = served.news(), served.news()
    one, other = iter(first), iter(second)
    state = next(one)
    assert state == next(other)
    assert state["faults"] == [
        {"file": "a.yaml", "line": 3, "column": 7, "message": "unknown unit 'persn'"}
    ]
    served.board.put(replace(served.board.state, phase="done", faults=()), "<p>new</p>")
    assert next(one)["page"] == next(other)["page"] == 2
    assert served.board.tabs == 2
    first.close()
    until(lambda: served.board.tabs == 1)
    with closing(served.news()) as again:  # one that comes back
        assert next(iter(again))["page"] == 2
    second.close()
    until(lambda: served.board.tabs == 0)


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


# The command -------------------------------------------------------------------------------------


@pytest.fixture
def cafe(tmp_path: Path) -> Path:
    new_estimate("cafe", tmp_path)
    return tmp_path / "models" / "cafe" / "model.yaml"


def refused(*words: str) -> str:
    found = CliRunner().invoke(app, ["preview", "--no-open", *words])
    assert (found.exit_code, found.stdout) == (2, "")
    assert len(found.stderr.splitlines()) == 1
    return found.stderr


def test_without_a_server_one_sentence_says_what_to_install(
    cafe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("estimates.report.preview.s")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    said = refused("cafe", "--root", str(cafe.parents[2]))
    assert "pip install starlette uvicorn sse-starlette" in said


def test_a_port_in_use_is_said(cafe: Path) -> None:
    with listening(0) as there:
        port = str(there.getsockname()[1])
        said = refused("cafe", "--root", str(cafe.parents[2]), "--port", port)
    assert said.startswith(f"port {port} is in use; name another with --port")


def test_a_model_that_is_not_there_is_none_to_follow(tmp_path: Path) -> None:
    assert "no model 'cafe'" in refused("cafe", "--root", str(tmp_path))


# What the files say ------------------------------------------------------------------------------


def test_files_come_go_and_change(cafe: Path) -> None:
    files = Files("cafe", cafe.parents[2], False)
    assert files.names == ("models/cafe/model.yaml", "models/cafe/evidence.yaml")
    first = files.read()
    assert isinstance(first, Version)
    assert not files.changed()
    text = cafe.read_text()
    cafe.write_text(f"{text}# a remark\n")
    assert files.changed()
    second = files.read()
    assert isinstance(second, Version)
    assert second.same_work(first)  # nothing is fitted for a remark
    cafe.write_text(text.replace(PRIOR, "50 to 2001"))
    third = files.read()
    assert isinstance(third, Version)
    assert not third.same_work(first)
    cafe.write_text(text.replace("guests *", "guest *"))
    broken = files.read()
    assert isinstance(broken, Faulty)
    assert not broken.gone
    assert broken.faults[0].place is not None
    cafe.unlink()
    gone = files.read()
    assert isinstance(gone, Faulty)
    assert gone.gone
    assert not files.changed()
    cafe.write_text(text)
    assert files.changed()


def test_a_source_s_text_is_followed_too(cafe: Path) -> None:
    ledger = cafe.with_name("evidence.yaml")
    said = ledger.read_text()
    source = re.search(r"\n(  \w[\w-]*:)\n(    title:)", said)
    assert source is not None
    ledger.write_text(said.replace(source[0], f"\n{source[1]}\n    text: article.txt\n{source[2]}"))
    files = Files("cafe", cafe.parents[2], False)
    before = files.read()
    assert isinstance(before, Version)
    cafe.with_name("article.txt").write_text("Nothing of what is quoted.")
    assert files.changed()
    after = files.read()
    assert isinstance(after, Version)
    assert any("does not stand in article.txt" in one for one in after.warnings)


# What moved --------------------------------------------------------------------------------------


def test_what_moved_is_said_beside_what_was() -> None:
    def answer(median: float, error: float = 0.5, target: str = "t") -> Answer:
        figures = (Figure("median", f"{median:g} kg", median, error), Figure("in", "0.5"))
        return Answer(target, figures)

    (first, inside) = moved(None, answer(100))
    assert (first.before, first.now, first.change) == ("", "100 kg", "")
    changes = [moved(answer(100), answer(now))[0].change for now in (104.7, 80, 250, 31, 102, 100)]
    # Four standard errors of the difference are 2.8.
    assert changes[:4] == ["+4.7 %", "−20 %", "× 2.5", "× 0.31"]
    assert changes[4:] == ["within the noise of the draws", "as before"]
    assert moved(answer(100), answer(-100))[0].change == ""
    assert moved(answer(100), answer(50, target="other"))[0].before == ""
    assert inside.now == "0.5"


def test_where_readings_divide_no_median_over_all_comes_first() -> None:
    found = begun(fit(load("scmp-2017-headline"), seed=1))
    first, second, *_ = headline(found).figures
    assert (first.name, second.name) == ("median by reading", "median over all readings")
    assert found.summary.sentence.startswith("It depends")
    assert first.text in found.summary.sentence


def test_what_is_remembered_is_not_written_and_makes_room(tmp_path: Path) -> None:
    store = Remembered(tmp_path, room=10)
    store.keep("fit", "a", b"12345", {})
    store.keep("fit", "b", {"x": b"123", "y": b"4"}, {})
    assert store.read("fit", "a") == b"12345"
    assert store.read("fit", "b", "y") == b"4"
    store.keep("fit", "c", b"12", {})  # `a` was not asked for the longest
    assert [store.read("fit", one) for one in "ac"] == [None, b"12"]
    assert store.read("fit", "c", "x") is None
    assert list(tmp_path.iterdir()) == []


# Work that is not wanted any more ----------------------------------------------------------------


def test_sampling_in_another_thread_ends_when_it_is_told_to() -> None:
    class Endless:
        """A sampler that is never done, as nutpie's tells it."""

        def __init__(self) -> None:
            self.asked = 0

        def wait(self, seconds: float) -> None:
            self.asked += 1
            time.sleep(seconds / 10)
            raise TimeoutError("not finished")

    sampler = Endless()
    with ThreadPoolExecutor(1) as pool:
        with until_told() as end:
            work = pool.submit(in_time(lambda: nuts._wait(sampler)))
            until(lambda: sampler.asked > 1)
            assert not work.done()
            end()
        with pytest.raises(TookTooLong):
            work.result(timeout=PATIENCE)


class Heard:
    """A helper, and what its processes say."""

    def __init__(self, root: Path, part_seconds: float = 600.0) -> None:
        self._words: queue.SimpleQueue[Word] = queue.SimpleQueue()
        self.helper = Helper(Setting(root, 3, part_seconds), False, self._words.put)

    def next(self, *kinds: type) -> Any:
        while True:
            word = self._words.get(timeout=PATIENCE)
            able = self.helper.hear(word)
            assert able or not kinds
            if not able or isinstance(word.told, kinds):
                return word.told


def task(number: int, cafe: Path) -> Fitting:
    model = load("cafe", cafe.parents[2])
    return Fitting(number, model.to_json(), "cafe", {})


def test_a_helper_works_stops_and_is_replaced(cafe: Path) -> None:
    heard = Heard(cafe.parents[2])
    helper = heard.helper
    try:
        helper.give(task(1, cafe))
        helper.give(task(2, cafe))  # in place of the first, which had not begun
        assert heard.next(Head).number == 2
        page = heard.next(Page)
        assert "being worked out" in page.text
        assert "what carries the answer" in page.pending
        filling = heard.next(Filling)
        heard.next(Ended)

        helper.give(filling)
        heard.next(Page)
        helper.give(task(3, cafe))  # what was being filled in is given up
        assert heard.next(Ended).number == 2
        assert heard.next(Head).number == 3
        heard.next(Ended)

        process = helper._process
        assert process is not None
        assert process.pid is not None
        helper.give(replace(filling, number=4))
        os.kill(process.pid, signal.SIGKILL)
        heard.next(Ready)  # another one, which has the same to do
        assert helper._process is not process
        assert heard.next(Page).number == 4
        process = helper._process
        assert process is not None
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        heard.next()  # twice is enough
        assert not helper.busy

        helper.give(Fitting(5, "{}", "cafe", {}))
        assert isinstance(heard.next(Failed, Ended), Failed | Ended)
    finally:
        helper.end()
    assert helper._process is None


def test_ctrl_c_waits_until_a_process_that_is_being_begun_is_known(
    cafe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Raised in the midst of it, one would be left that nobody ends."""
    begun: list[Helper] = []

    def begin(helper: Helper) -> None:
        signal.raise_signal(signal.SIGINT)
        begun.append(helper)

    monkeypatch.setattr(Helper, "begin", begin)
    root, before = cafe.parents[2], signal.getsignal(signal.SIGINT)
    files, setting = Files("cafe", root, False), Setting(root, 3, 600.0)
    director = Director(files, setting, root, Board(State("m")))
    with in_turn(director.interrupt), pytest.raises(KeyboardInterrupt):
        director.run()
    director.end()
    assert begun
    assert signal.getsignal(signal.SIGINT) is before


# In a browser ------------------------------------------------------------------------------------


class Running:
    """The command as a process of its own, and every state that it told."""

    def __init__(self, model: Path) -> None:
        self.model, self.root = model, model.parents[2]
        self.text = model.read_text()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "estimates", "preview", "cafe", "--no-open", "--json"],
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.root,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        assert self.process.stdout is not None
        lines = iter(self.process.stdout.readline, "}\n")
        self.address: str = json.loads("".join([*lines, "}"]))["address"]
        self.states: list[dict[str, Any]] = []
        self._told = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        host, path = self.address.removeprefix("http://").split("/", 1)
        ended = suppress(http.client.HTTPException, OSError)  # killed, by a test
        with ended, closing(News(host, f"/{path}news")) as news:
            for state in news:
                with self._told:
                    self.states.append(state)
                    self._told.notify_all()

    def until(self, holds: Callable[[dict[str, Any]], bool], since: int = 0) -> dict[str, Any]:
        """The first state of which this is true, from the so-manieth on."""
        with self._told:
            assert self._told.wait_for(lambda: any(map(holds, self.states[since:])), PATIENCE)
            return next(filter(holds, self.states[since:]))

    def save(self, prior: str) -> int:
        """Save the model with another prior; how many states there were."""
        before = len(self.states)
        self.model.write_text(self.text.replace(PRIOR, prior))
        return before

    def answered(self, since: int) -> dict[str, Any]:
        began = self.until(lambda s: s["phase"] == "fitting", since)
        return self.until(lambda s: s["page"] > began["page"], since)

    def truth(self) -> float:
        """The median of what the files say now."""
        found = summary(fit(load("cafe", self.root)))
        return float(found.quantities["coffees"].median or 0.0)

    def helpers(self) -> list[int]:
        every = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(one) for one in every.split()]

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(PATIENCE)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe
            pipe.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    browser_path()
    root = tmp_path_factory.mktemp("preview")
    new_estimate("cafe", root)
    ledger = root / "models" / "cafe" / "evidence.yaml"
    unread = "  unread: {source: my-count, says: 3 people}"
    ledger.write_text(f"{ledger.read_text()}\n{unread}\n")
    one = Running(root / "models" / "cafe" / "model.yaml")
    yield one
    one.close()


#: Notes what the row of the answer says whenever its median is blank.
BLANKS = """() => {
  window.blanks = [];
  const look = () => {
    const row = document.querySelector("#as-is");
    if (row && row.querySelector("[data-key=median]").textContent === "—") {
      window.blanks.push(row.textContent);
    }
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}"""


class Tab:
    """A tab of a browser that follows."""

    def __init__(self, browser: Any, address: str) -> None:
        self.context = browser.new_context(viewport={"width": 1200, "height": 900})
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("console", lambda m: self.said.append(f"{m.type}: {m.text}"))
        self.page.on("pageerror", lambda e: self.said.append(str(e)))
        self.page.goto(address)

    def shows(self, page: int) -> None:
        """Wait until at least this page is shown."""
        self.wait(f"Number(document.documentElement.dataset.page) >= {page}")

    def median(self) -> float:
        return float(self.page.evaluate("window.estimates.result.median"))

    def wait(self, holds: str) -> None:
        # Playwright's own way evaluates strings within the page, which the page's policy forbids.
        until(lambda: self.page.evaluate(holds))

    def close(self) -> None:
        self.context.close()
        assert not self.said


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=browser_path(), args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def tab(running: Running, browser: Any) -> Iterator[Tab]:
    one = Tab(browser, running.address)
    one.shows(1)
    yield one
    one.close()


def test_the_page_follows_in_two_tabs_and_says_what_moved(
    running: Running, tab: Tab, browser: Any
) -> None:
    assert tab.median() == pytest.approx(running.truth(), rel=2e-6)
    other = Tab(browser, running.address)
    other.shows(1)
    tab.page.evaluate("document.querySelector('#method').scrollIntoView({behavior: 'instant'})")
    tab.page.eval_on_selector("#unused", "one => { one.open = true; }")
    place = "document.querySelector('#method h3').getBoundingClientRect().top"
    before = tab.page.evaluate(place)
    tab.page.evaluate(BLANKS)
    state = running.answered(running.save("500 to 5000"))
    for one in (tab, other):
        one.shows(state["page"])
        assert one.median() == pytest.approx(running.truth(), rel=2e-6)
        assert re.search(
            r"\d coffees a day → \d+ coffees a day \+\d+ %", one.page.inner_text("#preview-moved")
        )
    assert tab.page.evaluate(place) == pytest.approx(before, abs=30)
    assert tab.page.eval_on_selector("#unused", "one => one.open")
    assert tab.page.evaluate("window.blanks") == []  # figures stand until the next ones do
    other.close()


def test_what_is_broken_is_said_with_its_line_above_the_old_answer(
    running: Running, tab: Tab
) -> None:
    shown = tab.page.inner_text("#as-is")
    before = running.save(f"{PRIOR} persn")
    running.until(lambda s: s["phase"] == "faulty", before)
    tab.wait("document.documentElement.hasAttribute('data-old')")
    line = 1 + running.text[: running.text.index(PRIOR)].count("\n")
    said = tab.page.inner_text("#preview-faults")
    assert f"model.yaml:{line}:" in said
    assert "old" in said
    assert tab.page.inner_text("#as-is") == shown
    opacity = "Number(getComputedStyle(document.querySelector('#preview-report')).opacity)"
    tab.wait(f"{opacity} < 0.5")
    running.save("500 to 5000")  # as before: nothing is fitted, and nothing is old
    tab.wait("!document.documentElement.hasAttribute('data-old')")
    assert tab.page.is_hidden("#preview-faults")


def test_files_that_are_half_written_flash_nothing_and_those_gone_come_back(
    running: Running, tab: Tab
) -> None:
    before = len(running.states)
    for number in range(3):
        running.model.write_text("")  # as an editor that truncates first
        time.sleep(0.01)
        running.save(f"500 to 5{number}00")
        time.sleep(0.3)
        other = running.model.with_suffix(".tmp")  # as one that renames
        other.write_text(running.model.read_text().replace("500 to", "501 to"))
        running.model.unlink()
        other.replace(running.model)
        time.sleep(0.3)
    page = running.until(
        lambda s: s["phase"] in ("filling", "done") and s["of"] == s["saved"], before
    )
    assert not [s["faults"] for s in running.states[before:] if s["faults"]]
    running.model.unlink()
    running.until(lambda s: s["phase"] == "gone", before)
    tab.wait("document.querySelector('#preview').dataset.phase === 'gone'")
    assert "is gone" in tab.page.inner_text("#preview-says")
    state = running.answered(running.save(PRIOR))
    assert state["page"] > page["page"]
    tab.shows(state["page"])
    assert tab.median() == pytest.approx(running.truth(), rel=2e-6)


@pytest.mark.parametrize("saves", [20, pytest.param(200, marks=pytest.mark.long)])
def test_of_many_saves_the_last_is_answered(running: Running, tab: Tab, saves: int) -> None:
    before = len(running.states)
    began = time.monotonic()
    for number in range(1, saves + 1):
        running.save(f"50 to {2000 + number}")
        time.sleep(0.03)
    seconds = time.monotonic() - began
    truth = running.truth()
    last = running.until(
        lambda s: s["phase"] in ("filling", "done") and s["page"] > 0 and s["of"] == s["saved"],
        len(running.states) - 1,
    )
    tab.shows(last["page"])
    until(lambda: tab.median() == pytest.approx(truth, rel=2e-6))
    answered = {s["of"] for s in running.states[before:] if s["phase"] == "filling"}
    # Saves that follow one another closely are looked at once in a second or two.
    assert len(answered) <= 2 + seconds


def test_everything_fills_in(running: Running, tab: Tab) -> None:
    done = running.until(lambda s: s["phase"] == "done", len(running.states) - 1)
    assert done["pending"] == []
    tab.shows(done["page"])
    assert "being worked out" not in tab.page.inner_text("main")
    assert tab.page.locator("#figures img").count() > 3
    assert tab.page.locator("#chart-tornado svg").count() == 1
    assert not list(running.root.glob("results/**/*"))


def test_ctrl_c_ends_it_and_everything_that_it_began(running: Running, tab: Tab) -> None:
    helpers = running.helpers()
    assert len(helpers) >= 2
    running.save("60 to 2000")  # at work
    running.until(lambda s: s["phase"] == "fitting", len(running.states) - 1)
    began = time.monotonic()
    running.process.send_signal(signal.SIGINT)
    code = running.process.wait(PATIENCE)
    # By itself within a second; a busy machine may be ended by the last resort of `exits`.
    assert code in (0, 130)
    assert time.monotonic() - began < 20
    assert running.process.stderr is not None
    assert running.process.stderr.read() in ("", "interrupted\n")
    until(lambda: not any(Path(f"/proc/{one}").exists() for one in helpers))
    tab.wait("document.querySelector('#preview').dataset.phase === 'lost'")
    tab.said.clear()  # that nobody answers any more, a browser says on its console


def test_processes_end_with_the_one_that_began_them(cafe: Path) -> None:
    one = Running(cafe)
    try:
        until(lambda: len(one.helpers()) >= 2)
        helpers = one.helpers()
        one.process.kill()
        until(lambda: not any(Path(f"/proc/{helper}").exists() for helper in helpers))
    finally:
        one.close()


def test_a_port_kept_for_the_system_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("socket.socket.bind", deny)
    with pytest.raises(InputError, match="kept for the system"):
        listening(80)


def test_a_thread_that_was_stopped_as_it_began_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody can wait for it: the process is to be replaced."""
    never = threading.Thread(target=print)
    monkeypatch.setattr(threading, "enumerate", lambda: [threading.main_thread(), never])
    assert not quiet([])
    assert quiet([never])


STOPPED_IN_AN_IMPORT = """
import threading, time
from multiprocessing import Pipe
from estimates.report.preview.work import Desk, Stopped

desk, (here, there) = Desk(), Pipe()
threading.Thread(target=desk.listen, args=(there,), daemon=True).start()
threading.Timer(0.1, here.send, [7]).start()
try:
    with desk.working(7):
        import slow
        time.sleep(30)
except Stopped:
    import slow
    print(slow.whole)
"""


def test_a_stop_waits_for_an_import(tmp_path: Path) -> None:
    """A module that is half imported stays so, and breaks whatever is done after."""
    (tmp_path / "slow.py").write_text(
        "import time\nopen('times', 'a').write('once ')\ntime.sleep(1)\nwhole = 'whole'\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", STOPPED_IN_AN_IMPORT], cwd=tmp_path, capture_output=True, text=True,
        timeout=100, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("whole\n", "")
    assert (tmp_path / "times").read_text() == "once "
