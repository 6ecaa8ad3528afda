"""What is kept of finished fits, and how a question is recognised that was asked before.

Nothing here imports more than is needed to read an answer: a question that was asked before is
answered at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from estimates.documents import json_text, replacing, write_json
from estimates.model import Model
from estimates.sampling import Sampling
from estimates.store import Store, circumstances

RESULTS = "results"
_FIT, _COMPARISON = "fit", "comparison"
_SUMMARY, _DRAWS = "summary.json", "fit.nc"


def folder(model: Model, root: Path) -> Path:
    """Where the results of a model are kept."""
    return root / RESULTS / model.slug


def store_of(root: Path, warn: Callable[[str], None] | None = None) -> Store:
    """The store of the results in a folder; `warn` is told of damaged entries."""
    return Store(root / RESULTS / "store", warn)


@dataclass(frozen=True)
class Answered:
    """The answer to a question about a fit, as it is written.

    Attributes
    ----------
    document : what `--json` prints
    figures : by file name its content
    """

    document: Mapping[str, Any]
    figures: dict[str, bytes]

    def place(self, folder: Path, name: str) -> list[Path]:
        """Write `NAME.json` into a folder, and the figures into its `figures/`; their paths."""
        write_json(folder / f"{name}.json", self.document)
        paths = [folder / "figures" / figure for figure in self.figures]
        for path, content in zip(paths, self.figures.values(), strict=True):
            with replacing(path) as temporary:
                temporary.write_bytes(content)
        return paths


@dataclass(frozen=True)
class Saved:
    """The fit of one model under one seed and setting, as far as it is kept."""

    store: Store
    digest: str
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
        """What is kept of the answer to this question."""
        said = [
            model.to_json(),
            model.seed if seed is None else seed,
            asdict(sampling or Sampling()),
            dict(circumstances()),
        ]
        digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
        return Saved(store_of(root, warn), digest, model, root)

    def summary(self) -> dict[str, Any] | None:
        """The document of `estimates fit --json`, if the fit is kept and its draws are in place."""
        if not self.path.is_file():
            return None
        return self._document(_FIT, self.digest, _SUMMARY)

    def draws(self) -> bytes | None:
        """The fit as netCDF, if it is kept; it is put in its place again where it is missing."""
        content = self.store.read(_FIT, self.digest, _DRAWS)
        if content is not None:
            self._place(content)
        return content

    def keep(self, summary: str, draws: bytes) -> None:
        """Keep a finished fit, and put its draws into the model's own folder."""
        parts = {_SUMMARY: summary.encode(), _DRAWS: draws}
        self.store.write(_FIT, self.digest, parts, self._about("fit"))
        self._place(draws)

    def comparison(self, pool: str | None) -> dict[str, Any] | None:
        """What `keep_comparison` kept, if it did."""
        return self._document(_COMPARISON, self._pooled(pool), "result")

    def keep_comparison(self, pool: str | None, document: str) -> None:
        """Keep the comparison made of this fit."""
        about = self._about(f"comparison, {pool or 'as declared'}")
        self.store.write(_COMPARISON, self._pooled(pool), document.encode(), about)

    def answer(self, question: str, asked: Mapping[str, Any]) -> Answered | None:
        """What `keep_answer` kept of the answer to a question about this fit, if it did."""
        digest = self._asking(question, asked)
        document = self._document(question, digest, "document")
        if document is None:
            return None
        found = Answered(document, {})
        for name in self._document(question, digest, "names") or ():
            content = self.store.read(question, digest, name)
            if content is None:
                return None
            found.figures[name] = content
        return found

    def keep_answer(self, question: str, asked: Mapping[str, Any], found: Answered) -> None:
        """Keep the answer to a question about this fit, with its figures."""
        parts = {
            "document": json_text(found.document).encode(),
            "names": json.dumps(list(found.figures)).encode(),
            **found.figures,
        }
        self.store.write(question, self._asking(question, asked), parts, self._about(question))

    @property
    def path(self) -> Path:
        """The draws of the model's last fit."""
        return folder(self.model, self.root) / _DRAWS

    def _asking(self, question: str, asked: Mapping[str, Any]) -> str:
        said = json.dumps([self.digest, question, asked], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()

    def _pooled(self, pool: str | None) -> str:
        return hashlib.sha256(f"{self.digest} {pool}".encode()).hexdigest()

    def _about(self, what: str) -> dict[str, str]:
        return {"model": self.model.slug, "what": what}

    def _document(self, kind: str, digest: str, part: str) -> dict[str, Any] | None:
        content = self.store.read(kind, digest, part)
        return None if content is None else json.loads(content)

    def _place(self, content: bytes) -> None:
        if self.path.is_file() and self.path.read_bytes() == content:
            return
        with replacing(self.path) as temporary:
            temporary.write_bytes(content)
