"""The two pages of the site that are made from the program itself, as a hook of MkDocs.

A link from a page to a file of the repository that is no part of the site becomes its path.

`reference/cli.md` gets every command with its options from click, `reference/api.md` every public
name from `estimates.__all__`.  Both take what is there when the site is built, so that a new
command or name needs no line here; a name that no group has comes last.
"""

from __future__ import annotations

import ast
import inspect
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import estimates
from estimates.cli.app import app

#: Where the pages of docs/ leave room for what is made here.
MARKER = "<!-- made here -->"

GROUPS = {
    "Reading a model": (
        "load",
        "load_at",
        "load_json",
        "load_ledger",
        "describe",
        "ingest",
        "draft",
        "prove",
    ),
    "The answer": ("fit", "summary", "by_reading", "compare", "plot", "explore"),
    "Questions about an answer": (
        *(
            "sensitivity",
            "conflict",
            "inverse",
            "voi",
            "forest",
            "multiverse",
            "validate",
            "whatif",
            "diff",
        ),
        "Result",
    ),
    "Fitting again": (
        *("refit", "leave_one_out", "Change", "reweight", "Reweighted", "calibrate"),
    ),
    "How it is done": ("Sampling", "Workers", "Store", "progress_bar", "to_pymc"),
    "Files for others": (
        *("export", "write_claims", "write_draws", "write_report", "bibtex", "csl_json"),
    ),
    "What a model is made of": (
        *("Model", "Quantity", "Relation", "Reading", "Option", "Claim", "Combination"),
        *("Dimension", "Alike", "Walk", "Stock", "Correlated", "SourceGroup", "SourceKind"),
        *("BoundClaim", "IntervalPrior", "NamedPrior", "FixedValue", "Conventions", "Currency"),
    ),
    "In expressions of a model": (
        *("log", "exp", "sqrt", "minimum", "maximum", "logistic", "logit", "sin", "cos"),
    ),
    "What was said": ("Ledger", "Source"),
    "Words to numbers": (
        *("explain", "explain_prior", "parse_wording", "parse_prior", "parse_expression", "Units"),
    ),
    "What can be wrong": ("InputError", "Fault", "Place", "NotConverged"),
}
OTHERS = "Also"
#: What functions return that has no name of its own in `estimates`.
RETURNED = (
    "estimates.inference.result.Summary",
    "estimates.inference.refit.Refit",
    "estimates.analysis.compare.result.Comparison",
    "estimates.analysis.sensitivity.result.Sensitivity",
    "estimates.analysis.conflict.result.Conflict",
    "estimates.analysis.inverse.result.Inverse",
    "estimates.analysis.voi.result.ValueOfInformation",
    "estimates.analysis.forest.result.Forest",
    "estimates.analysis.multiverse.result.Multiverse",
    "estimates.analysis.validate.result.Validation",
    "estimates.analysis.whatif.result.WhatIf",
    "estimates.analysis.diff.result.Diff",
    "estimates.analysis.calibrate.result.Calibration",
    "estimates.analysis.explain.wording.Explanation",
    "estimates.analysis.explain.prior_words.Beforehand",
    "estimates.model.account.Account",
)


_LINK = re.compile(r"\[([^]]*)\]\((\.\./[^)\s#]*)\)")


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Fill in what a page of the reference leaves open; no link leads off the site."""
    makers = {"reference/cli.md": commands_page, "reference/api.md": names_page}
    maker = makers.get(page.file.src_uri)
    if maker is not None:
        return markdown.replace(MARKER, maker())
    folder = posixpath.dirname(page.file.src_uri)
    return _LINK.sub(lambda link: _on_the_site(link, folder), markdown)


def _on_the_site(link: re.Match[str], folder: str) -> str:
    text, target = link.groups()
    path = posixpath.normpath(posixpath.join(folder, target))
    if not path.startswith("../"):
        return link[0]
    inside = path.removeprefix("../")
    return f"`{inside}`" if text.strip("`") in inside else f"{text} (`{inside}`)"


# Every command


def commands_page() -> str:
    """Every command of the program, as Markdown."""
    context = app.make_context("estimates", [], resilient_parsing=True)
    parts = []
    for name in app.list_commands(context):
        command = app.get_command(context, name)
        assert command is not None, name
        parts += list(_command(command, click.Context(command, context, info_name=name)))
    return "\n".join(parts)


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"## {context.command_path} {{#{context.info_name}}}\n"
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"```text\n{context.command_path} {usage}\n```\n"
    yield _help(command.help or "")
    yield "| option | does |\n|---|---|"
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and isinstance(parameter, click.Option):
            option, text = (part.replace("\n", " ") for part in record)
            yield f"| `{option}` | {_literal(text).replace('|', chr(92) + '|')} |"
    yield f"\n{_literal(command.epilog or '')}\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _command(inner, click.Context(inner, context, info_name=name))


def _help(text: str) -> str:
    """A command's help: paragraphs as they are, and what follows a \\b as it is set."""
    parts = []
    for block in inspect.cleandoc(text).split("\n\n"):
        if block.startswith("\b"):
            first, *rest = block.removeprefix("\b").strip("\n").splitlines()
            parts.append(
                f"{_literal(first)}\n\n```text\n{inspect.cleandoc(chr(10).join(rest))}\n```"
            )
        else:
            parts.append(_literal(block))
    return "\n\n".join(parts) + "\n"


def _literal(text: str) -> str:
    """Plain text in which Markdown finds no HTML."""
    return text.replace("<", "&lt;")


# Every public name


def groups() -> dict[str, list[str]]:
    """Every public name, by group; what no group has comes last."""
    public = list(estimates.__all__)
    found = {title: [name for name in names if name in public] for title, names in GROUPS.items()}
    grouped = {name for names in found.values() for name in names}
    found[OTHERS] = [name for name in public if name not in grouped]
    return {title: names for title, names in found.items() if names}


def names_page() -> str:
    """Every public name: what there is at a glance, then all of it, as directives."""
    found = groups()
    parts = ["## At a glance\n"]
    for title, names in found.items():
        parts.append(f"**{title}**\n\n| name | what it is |\n|---|---|")
        parts += [f"| [`{name}`](#api-{name}) | {_first_line(name)} |" for name in names]
        parts.append("")
    for title, names in found.items():
        parts.append(f"## {title}\n")
        parts += [f'<a id="api-{name}"></a>\n\n::: {_place_of(name)}\n' for name in names]
    parts.append("## What functions return {#returned}\n\nFrozen rows; `.tables` has DataFrames.\n")
    parts += [f"::: {name}\n" for name in RETURNED]
    parts.append("## Figures {#figures}\n\nIn `estimates.plots`.\n")
    parts += [f"::: estimates.plots.{name}\n" for name in figures()]
    return "\n".join(parts)


def _place_of(name: str) -> str:
    """Where a name is defined: of some the module has the same name."""
    return f"{getattr(estimates, name).__module__}.{name}"


def _first_line(name: str) -> str:
    text = inspect.getdoc(getattr(estimates, name)) or ""
    return _literal(text.split("\n", 1)[0]).replace("|", chr(92) + "|")


def figures() -> list[str]:
    """The names of `estimates.plots`, read without importing Matplotlib."""
    path = Path(estimates.__file__).parent / "plots" / "__init__.py"
    for line in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "__all__":
            return list(ast.literal_eval(line.value))
    raise ValueError(f"no __all__ in {path.name}")
