"""The argument and the options that commands share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from estimates._util.parts import SECONDS
from estimates.errors import Fault, InputError

if TYPE_CHECKING:
    from estimates.model import Model
    from estimates.model.io.quotes import Proofs

_PATIENCE = "10s"
_FAREWELL = 0.5  # seconds
_OUTSIDE = "estimates.allow_outside"

#: The end of every command's help.
EXIT_CODES = "Exit codes: 0 done; 2 bad input, each fault with its file, line and column."
EXIT_CODES_OF_FIT = (
    "Exit codes: 0 done; 1 not converged, so the numbers must not be trusted; 2 bad input."
)


class ModelName(click.ParamType):
    """A slug under models/ or a path to a folder; the shell completes both."""

    name = "model"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        root = ctx.params.get("root") or Path()
        slugs = [slug for slug in model_slugs(root) if slug.startswith(incomplete)]
        return [CompletionItem(slug) for slug in slugs] or [CompletionItem(incomplete, type="dir")]


def model_slugs(root: Path) -> list[str]:
    """Return the models under `root`/models, by name."""
    from estimates.model.io import find_models

    return list(find_models(root))


def model_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add MODEL, a slug under models/ or a path to a folder, and what it may read."""
    return click.argument("model", type=ModelName())(reading_models(function))


def reading_models(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--allow-outside`, which `load` heeds, to a command that reads models."""

    def remember(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        ctx.meta[_OUTSIDE] = value

    return click.option(
        "--allow-outside",
        is_flag=True,
        expose_value=False,
        callback=remember,
        help="Read what a model names wherever it lies, not only below the root.",
    )(function)


def load(name: str, root: Path) -> Model:
    """Return the model of that name, which may read outside the root if the options say so."""
    from estimates.model import io as files
    from estimates.model.naming import in_words_of

    model = files.load(name, root, allow_outside=reads_outside())
    click.get_current_context().with_resource(in_words_of(model))
    return model


def reads_outside() -> bool:
    """Return whether the options say that files outside the root may be read."""
    return click.get_current_context().meta.get(_OUTSIDE, False) is True


def prove(model: Model, root: Path) -> Proofs:
    """Return which quotes of a model stand in their sources, as far as their texts are here."""
    from estimates.model.io import quotes

    if not any(source.text for source in model.ledger.sources.values()):
        return quotes.NO_PROOFS
    return quotes.prove(model, root, allow_outside=reads_outside())


def distributed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--workers` and `--scheduler`, for commands that fit many times."""
    for option in (
        click.option(
            "--scheduler",
            metavar="ADDRESS",
            help="Fit on the Dask cluster with this scheduler, such as tcp://10.0.0.1:8786.",
        ),
        click.option(
            "--workers",
            type=click.IntRange(min=1),
            help="Fits at a time on this machine (as many as it has processors).",
        ),
    ):
        function = option(function)
    return function


def limited(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--part-seconds`, for commands that make many things, each of which may fail."""
    return click.option(
        "--part-seconds",
        type=click.FloatRange(min=1),
        default=SECONDS,
        show_default=True,
        help="Time that each part may take; one that takes longer is left out, and said to be.",
    )(function)


@contextmanager
def executor_of(scheduler: str | None) -> Iterator[Executor | None]:
    """Return the executor of a Dask cluster; None, for threads, where no scheduler is named.

    Raises
    ------
    InputError : where Dask is not installed, or nothing answers at the address
    """
    if scheduler is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError:
        message = "--scheduler needs Dask: pip install distributed"
        raise InputError([Fault(message)]) from None
    try:
        client = Client(scheduler, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        message = f"no Dask scheduler answers at {scheduler}: {error}"
        raise InputError([Fault(message)]) from None
    executor = client.get_executor(pure=False)
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said by us
    interrupted = False
    try:
        yield executor
    except KeyboardInterrupt:
        interrupted = True  # without a farewell: the scheduler notices by itself that we are gone
        raise
    finally:
        if not interrupted:
            executor.shutdown(wait=False)  # there is nothing left to do, or they are lost
            with suppress(Exception):  # of a scheduler that is gone nothing is wanted any more
                client.close(timeout=_FAREWELL)


def answering(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--full` and what every command takes, for those that print an answer."""
    return click.option(
        "--full", is_flag=True, help="Print every table, the notes and the conventions."
    )(common(function))


def _nearest() -> Path:
    from estimates.model.io import nearest_root

    return nearest_root()


def common(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--json`, `--seed`, `--root` and `--debug`, which every command takes."""
    for option in reversed(
        (
            click.option(
                "--json", "as_json", is_flag=True, help="Print one JSON document, nothing else."
            ),
            click.option(
                "--seed",
                type=click.IntRange(min=0),
                help="Seed of the random draws, instead of the model's own.",
            ),
            click.option(
                "--root",
                type=click.Path(exists=True, file_okay=False, path_type=Path),
                default=_nearest,
                is_eager=True,  # known before MODEL, so that its slugs can be completed
                help="The folder that holds models/ and results/ (here, or above, if not said).",
            ),
            # Looked for by `app.main`, which answers what goes wrong.
            click.option(
                "--debug", is_flag=True, expose_value=False, help="Show where an error came from."
            ),
        )
    ):
        function = option(function)
    return function
