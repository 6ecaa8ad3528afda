"""What is kept of finished fits, and how a question is recognised that was asked before.

Nothing here imports more than is needed to read an answer: a question that was asked before is
answered at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from estimates.documents import replacing
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

    @property
    def path(self) -> Path:
        """The draws of the model's last fit."""
        return folder(self.model, self.root) / _DRAWS

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
