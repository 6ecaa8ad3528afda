"""The group that finds commands, and the one place where errors become words and exit codes."""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

import click

from estimates._util.parts import leave
from estimates.analysis.registry import ANALYSES
from estimates.cli.exits import (
    INTERNAL,
    INTERRUPTED,
    PIPE_CLOSED,
    TERMINATED,
    Terminated,
    close_output,
    internal_error,
    leave_on_signals,
    say_farewell,
    show_traceback,
    system_error,
)
from estimates.cli.of_analysis import command_of
from estimates.cli.output import emit, error_document
from estimates.errors import Fault, InputError, NotConverged, and_more, did_you_mean

#: Every command, in the order of the work; each is `command` in the module of its name, but for
#: analyses that have no module here.
COMMANDS = (
    *("new", "ingest", "draft", "explain"),
    *("list", "check", "show", "fit", "compare", "figures", "reproduce"),
    *ANALYSES,
    "diff",
    *("report", "preview", "export", "cite"),
    *("calibrate", "store", "doctor", "help", "completion"),
)

DONE, UNTRUSTED, BAD_INPUT = 0, 1, 2

HELP = """What quoted figures together imply.

An estimate is a folder models/NAME with two files: evidence.yaml, the claims as they were
quoted, and model.yaml, what each claim is about and what the answer is compared with.

\b
Start here:
  estimates new corner-cafe             an example to write your own over
  estimates list                        the models in this folder
  estimates show scmp-2017-headline     one of them, in words
  estimates fit scmp-2017-headline      its answer
  estimates compare scmp-2017-headline  the answer beside the cited figure
  estimates help posterior              what a term means, in three lines

\b
Exit codes: 0 done; 1 a result that must not be trusted, or a failed
verification; 2 bad input, or a system that refuses (no permission, no room);
70 an internal error, worth a report; 130 interrupted.
"""


# A wording such as `-1 to 1`: no option begins so, and a blank before it says that to click.
_NEGATIVE = re.compile(r"^-(?=[\d.$€£¥]|US\$)")


class Application(click.Group):
    """Imports a command when it is asked for; answers every error in one way."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = f"estimates.cli.{cmd_name}"
        if importlib.util.find_spec(module) is None:
            return command_of(ANALYSES[cmd_name])
        command: click.Command = importlib.import_module(module).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            hint = did_you_mean(name, COMMANDS) or f"; the commands are {', '.join(COMMANDS)}"
            raise click.UsageError(f"no command '{name}'{hint}", ctx)
        return super().resolve_command(ctx, args)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command and leave with its exit code (or return it, not standalone)."""
        words = [
            _NEGATIVE.sub(r" \g<0>", word) for word in (sys.argv[1:] if args is None else args)
        ]
        options = words[: words.index("--")] if "--" in words else words
        as_json, debug = "--json" in options, "--debug" in options
        try:
            # Not standalone: click would print its own errors, in words only.
            status: Any = super().main(
                words, prog_name or "estimates", complete_var, standalone_mode=False, **extra
            )
            sys.stdout.flush()
        except InputError as error:
            status = _refuse(error.faults, as_json, BAD_INPUT, more=error.more)
        except NotConverged as error:
            status = _refuse([Fault(str(error))], as_json, UNTRUSTED)
        except click.UsageError as error:
            status = _refuse([Fault(_sentence(error))], as_json, BAD_INPUT, error.ctx)
        except click.ClickException as error:
            status = _refuse([Fault(_sentence(error))], as_json, BAD_INPUT)
        except (click.Abort, KeyboardInterrupt):
            say_farewell()
            status = INTERRUPTED
        except Terminated:
            say_farewell()
            status = TERMINATED
        except BrokenPipeError:
            close_output()
            status = PIPE_CLOSED
        except (OSError, MemoryError) as error:
            if debug:
                show_traceback(error)
            status = _refuse([system_error(error)], as_json, BAD_INPUT)
        except (SystemExit, GeneratorExit):
            raise
        except BaseException as error:  # a panic of Rust code is no Exception
            if debug:
                show_traceback(error)
            status = _refuse([internal_error(error)], as_json, INTERNAL)
        status = status if isinstance(status, int) else DONE
        if standalone_mode:
            sys.exit(status)
        return status

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Before click sees it, which would leave with 1: not to be trusted.
            close_output()
            ctx.exit(PIPE_CLOSED)


def _refuse(
    faults: Iterable[Fault],
    as_json: bool,
    status: int,
    ctx: click.Context | None = None,
    more: int = 0,
) -> int:
    """Say what is wrong, one line a fault; the exit code is handed back."""
    faults = tuple(faults)
    if as_json:
        emit(error_document(faults, more))
        if status != INTERNAL:
            return status
    for line in (*map(str, faults), *and_more(more)):
        click.echo(line, err=True)
    if ctx is not None:
        click.echo(f"Try '{ctx.command_path} --help'.", err=True)
    return status


def _sentence(error: click.ClickException) -> str:
    """Return Click's message in the style of all others: no capital, no full stop at the end."""
    message = error.format_message().strip()
    if message.endswith(".") and not message.endswith(".."):
        message = message[:-1]
    return message[:1].lower() + message[1:]


@click.pass_context
def _help_if_alone(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


app = Application(
    name="estimates",
    help=HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    invoke_without_command=True,
    callback=_help_if_alone,
)
click.version_option(package_name="estimates", prog_name="estimates")(app)


def main() -> NoReturn:
    """The `estimates` program."""
    leave_on_signals()
    if not sys.warnoptions and "--debug" not in sys.argv:
        # What a library warns its callers of says nothing to whoever asked for an answer.
        warnings.simplefilter("ignore")
    try:
        app.main()
    except SystemExit as leaving:
        # What was told to stop, and does not, keeps no program from ending.
        leave(leaving.code if isinstance(leaving.code, int) else UNTRUSTED)
        raise
    raise AssertionError("a standalone main does not return")
