"""`estimates validate`: whether a model foretells claims that were kept from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from estimates.cli.of_analysis import Question, answered, asking

if TYPE_CHECKING:
    from estimates.model import Model


class Share(click.ParamType):
    """A part of a whole: `20 %` or `0.2`."""

    name = "share"

    def convert(
        self, value: str | float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return it as a fraction above 0, and at most 1."""
        text = str(value).strip()
        try:
            found = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            found = 0.0
        if not 0 < found <= 1:
            self.fail(f"'{text}' is not a share; write 20% or 0.2", param, ctx)
        return found


def _rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [word for word in ("random", "latest") if word.startswith(incomplete)]


@asking("validate", "Does it foretell claims that were kept from it? Is it too sure?")
@click.option(
    "--hold-out",
    shell_complete=_rules,
    metavar="random|latest|LABEL",
    help="Which claims are left out: some at random, the latest, or all about a quantity or "
    "relation; of a panel also a path, `workers.russia`, or a label, `russia`.",
)
@click.option("--share", type=Share(), help="How many of them: `20 %`, or 0.2 (the default).")
@click.option("--as-of", metavar="DATE", help="Leave out what was published after this date.")
@click.option(
    "--kind", metavar="K", help="Leave out claims of this kind only; alone, all of this kind."
)
@answered("validate")
def command(
    hold_out: str | None, share: float | None, as_of: str | None, kind: str | None
) -> Question:
    """Leave claims of MODEL out, fit it once to the rest, and see whether it foretells them.

    Each claim left out is set beside what the rest foretells, with the claim's own width.
    Tells how often claims lie in the central 80 and 90 % of it, by kind and by what they
    are about, beside the shares to be expected, and whether the model is too sure of
    itself, or that so few claims cannot tell. Copies of one datum are left out together.

    \b
    Examples:
      estimates validate scmp-2017
      estimates validate scmp-2017 --share 50%
      estimates validate scmp-2017 --hold-out workers_china
      estimates validate scmp-2017 --kind hearsay
      estimates validate my-model --as-of 2019-06
    """
    asked = {"hold_out": hold_out, "share": share, "as_of": as_of, "kind": kind}
    asked = {name: one for name, one in asked.items() if one is not None}

    def check(model: Model, seed: int | None) -> None:
        import numpy as np

        from estimates.analysis.validate.choose import choose

        choose(model, np.random.default_rng(0), hold_out, share, as_of, kind)

    return Question(asked, check)
