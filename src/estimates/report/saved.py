"""What is kept of finished fits, and how a question is recognised that was asked before.

Nothing here imports more than is needed to read an answer: a question that was asked before is
answered at once.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from estimates._util.files import Json, json_text, keeping, write_bytes, write_json
from estimates._util.records import Documented
from estimates._util.source import showing_digest
from estimates._util.store import Store, circumstances
from estimates.analysis.compare.result import StoredComparison
from estimates.inference.result import Summary
from estimates.inference.sampling import Sampling
from estimates.model import Model

RESULTS = "results"
FIT, COMPARISON, REPORT = "fit", "comparison", "report"
SUMMARY, DRAWS, ASKED = "summary.json", "fit.nc", "asked.json"  # parts of a fit
RESULT = "result"  # the part of a comparison, or of a report
_PAGE, _PICTURE = "page", "picture"
_FIGURE = re.compile(r"[\w-]+\.(png|svg)")


def folder(model: Model, root: Path) -> Path:
    """Return where the results of a model are kept."""
    return root / RESULTS / model.slug


def store_of(root: Path, warn: Callable[[str], None] | None = None) -> Store:
    """Return the store of the results in a folder; `warn` is told of damaged entries."""
    return Store(root / RESULTS / "store", warn)


def pooled(fit: str, pool: str | None) -> str:
    """Return the digest of a comparison made of a fit with this digest."""
    return hashlib.sha256(f"{fit} {pool}".encode()).hexdigest()


@dataclass(frozen=True)
class Answered:
    """An answer to a question about a fit, as it is written.

    Attributes
    ----------
    document : what `--json` prints
    figures : by file name its content
    """

    document: Mapping[str, Json]
    figures: dict[str, bytes]

    def place(self, folder: Path, name: str) -> list[Path]:
        """Write `NAME.json` into a folder, and the figures into its `figures/`; their paths."""
        write_json(folder / f"{name}.json", self.document)
        paths = [folder / "figures" / figure for figure in self.figures]
        for path, content in zip(paths, self.figures.values(), strict=True):
            write_bytes(path, content)
        return paths


@dataclass(frozen=True, kw_only=True)
class Page(Documented):
    """What is told of a report that was written.

    Attributes
    ----------
    failed : the reasons not to trust something in it, a sentence each
    bytes : the size of the page
    """

    seed: int
    failed: tuple[str, ...]
    bytes: int


@dataclass(frozen=True)
class Saved:
    """The fit of one model under one seed and setting, as far as it is kept.

    Attributes
    ----------
    asked : all that the fit depends on, as JSON: model, seed, settings, circumstances
    digest : of that
    """

    store: Store
    digest: str
    asked: str
    model: Model
    root: Path

    @staticmethod
    def of(
        model: Model,
        root: Path,
        seed: int | None = None,
        sampling: Sampling | None = None,
        warn: Callable[[str], None] | None = None,
    ) -> Saved:
        """Return what is kept of the answer to this question."""
        said = [
            model.to_json(),
            model.seed if seed is None else seed,
            asdict(sampling or Sampling()),
            dict(circumstances()),
        ]
        asked = json.dumps(said, sort_keys=True)
        digest = hashlib.sha256(asked.encode()).hexdigest()
        return Saved(store_of(root, warn), digest, asked, model, root)

    def summary(self) -> Summary | None:
        """Return the fit in numbers, if it is kept; its draws go in place."""
        found = self._record(Summary, FIT, self.digest, SUMMARY)
        if found is not None and not self.path.is_file():
            self.draws()
        return found

    def draws(self) -> bytes | None:
        """Return the fit as netCDF, if it is kept, and put it in its place where it is missing."""
        content = self.store.read(FIT, self.digest, DRAWS)
        if content is not None:
            with keeping(self.store.tell):
                self._place(content)
        return content

    def keep(self, summary: str, draws: bytes) -> None:
        """Keep a finished fit, and put its draws into the model's own folder.

        Where that is not possible, the store's `warn` is told, and the fit stands all the same.
        """
        parts = {SUMMARY: summary.encode(), DRAWS: draws, ASKED: self.asked.encode()}
        self.store.keep(FIT, self.digest, parts, self._about("fit"))
        with keeping(self.store.tell):
            self._place(draws)

    def comparison(self, pool: str | None) -> StoredComparison | None:
        """Return the comparison that `keep_comparison` kept, if any."""
        return self._record(StoredComparison, COMPARISON, pooled(self.digest, pool), RESULT)

    def keep_comparison(self, pool: str | None, found: StoredComparison) -> None:
        """Keep the comparison made of this fit."""
        about = self._about(f"comparison, {pool or 'as declared'}")
        self.store.keep(COMPARISON, pooled(self.digest, pool), found.to_json().encode(), about)

    def answer(self, question: str, asked: Mapping[str, Json]) -> Answered | None:
        """Return the answer to a question about this fit that `keep_answer` kept, if any."""
        digest = self._asking(question, asked)
        document = self._document(question, digest, "document")
        names = None if document is None else self._names(question, digest)
        if document is None or names is None:
            return None
        found = Answered(document, {})
        for name in names:
            content = self.store.read(question, digest, name)
            if content is None:
                return None
            found.figures[name] = content
        return found

    def keep_answer(self, question: str, asked: Mapping[str, Json], found: Answered) -> None:
        """Keep the answer to a question about this fit, with its figures."""
        parts = {
            "document": json_text(found.document).encode(),
            "names": json.dumps(list(found.figures)).encode(),
            **found.figures,
        }
        self.store.keep(question, self._asking(question, asked), parts, self._about(question))

    def page(self, asked: Mapping[str, Json], path: Path, picture: Path) -> Page | None:
        """Write the report that `keep_page` kept, and return what is told of it; None without."""
        digest = self._asking_page(asked)
        found = self._record(Page, REPORT, digest, RESULT)
        page, drawn = (self.store.read(REPORT, digest, part) for part in (_PAGE, _PICTURE))
        if found is None or page is None or drawn is None:
            return None
        write_bytes(picture, drawn)
        write_bytes(path, page)
        return found

    def keep_page(self, asked: Mapping[str, Json], found: Page, path: Path, picture: Path) -> None:
        """Keep a report that was written, and its picture."""
        parts = {
            RESULT: found.to_json().encode(),
            _PAGE: path.read_bytes(),
            _PICTURE: picture.read_bytes(),
        }
        self.store.keep(REPORT, self._asking_page(asked), parts, self._about(REPORT))

    def _asking_page(self, asked: Mapping[str, Json]) -> str:
        """Return the digest of a page: other than numbers, it depends on what shows them."""
        return self._asking(REPORT, {**asked, "shown by": showing_digest()})

    def recalled(
        self, question: str, asked: Mapping[str, Json] | None = None
    ) -> dict[str, Json] | None:
        """Return the document of an answer that was kept, whether its figures were drawn or not."""
        return self._document(question, self._asking(question, asked or {}), "document")

    def remember(self, question: str, document: Mapping[str, Json]) -> None:
        """Keep the answer to a question that was asked without options, before it has figures."""
        parts = {"document": json_text(document).encode(), "names": b"null"}
        self.store.keep(question, self._asking(question, {}), parts, self._about(question))

    def in_place(self) -> bool:
        """Return whether the draws of this very fit are in the model's own folder."""
        content = self.store.read(FIT, self.digest, DRAWS)
        return content is not None and self._is_placed(content)

    @property
    def path(self) -> Path:
        """The draws of the model's last fit."""
        return folder(self.model, self.root) / DRAWS

    def _asking(self, question: str, asked: Mapping[str, Json]) -> str:
        # Options that were left out are no part of the question; a number always is one.
        chosen = {name: one for name, one in asked.items() if one or type(one) in (int, float)}
        said = json.dumps([self.digest, question, chosen], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()

    def _about(self, what: str) -> dict[str, str]:
        return {"model": self.model.slug, "what": what}

    def _names(self, question: str, digest: str) -> list[str] | None:
        """Return the file names of an answer's figures, in the folder of figures alone.

        None where they were never drawn.
        """
        found = self._json(question, digest, "names")
        if found is None:
            return None
        names = found if isinstance(found, list) else []
        return [name for name in names if isinstance(name, str) and _FIGURE.fullmatch(name)]

    def _document(self, kind: str, digest: str, part: str) -> dict[str, Json] | None:
        found = self._json(kind, digest, part)
        return found if isinstance(found, dict) else None

    def _record[T: Documented](
        self, record: type[T], kind: str, digest: str, part: str
    ) -> T | None:
        found = self._document(kind, digest, part)
        try:
            return None if found is None else record.read(found)
        except ValueError:
            self.store.distrust(kind, digest)
            return None

    def _json(self, kind: str, digest: str, part: str) -> Json:
        content = self.store.read(kind, digest, part)
        try:
            return None if content is None else json.loads(content)
        except (ValueError, RecursionError):
            self.store.distrust(kind, digest)
            return None

    def _place(self, content: bytes) -> None:
        if not self._is_placed(content):
            write_bytes(self.path, content)

    def _is_placed(self, content: bytes) -> bool:
        try:
            return self.path.read_bytes() == content
        except OSError:
            return False
