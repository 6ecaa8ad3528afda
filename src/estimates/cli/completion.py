"""`estimates completion`: the script that lets a shell complete commands and models."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import get_completion_class

from estimates.cli.options import EXIT_CODES, common
from estimates.cli.output import emit

SHELLS = ("bash", "zsh", "fish")


@click.command(
    "completion",
    short_help="The script that completes commands and models in a shell.",
    epilog=EXIT_CODES,
)
@click.argument("shell", type=click.Choice(SHELLS))
@common
@click.pass_context
def command(ctx: click.Context, shell: str, as_json: bool, seed: int | None, root: Path) -> None:
    """Print the script that completes commands, options and models in SHELL.

    \b
    Examples:
      eval "$(estimates completion bash)"     in ~/.bashrc
      eval "$(estimates completion zsh)"      in ~/.zshrc
      estimates completion fish > ~/.config/fish/completions/estimates.fish
    """
    del seed, root
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    script = kind(ctx.find_root().command, {}, "estimates", "_ESTIMATES_COMPLETE").source()
    if as_json:
        emit({"format": 1, "shell": shell, "script": script})
    else:
        click.echo(script)
