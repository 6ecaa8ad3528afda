"""A what-if to play with: sliders for all that the claims leave open, and the answer at once."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

from estimates._util.html import line
from estimates.analysis.reweight import Draws, Interval, Reweighted
from estimates.errors import Fault, InputError
from estimates.language.phrases import in_words, spoken
from estimates.plots.parts.captions import cited_bands
from estimates.plots.parts.findings import Findings
from estimates.plots.reweighted import supposed
from estimates.report.widget.request import Wish, in_html, places, shown, unit_of

if TYPE_CHECKING:
    import xarray as xr

_DPI = 170  # sharp where a screen has two dots a pixel
_WIDE = {"width": "99%", "max_width": "66em"}
_NAMED = {"description_width": "50%"}
_HEAVIEST = 10.0  # a stated weight, where the others are 1


class Explorer:
    """The panel that `explore` returns; it shows itself in a notebook.

    Attributes
    ----------
    weights : by reading and option a slider of the stated weight, on any scale
    given : by basic unknown a slider of the interval that it is supposed to lie in; a handle at an
        end of the slider leaves that side open, its value there -inf or inf
    between : a slider of the range to compare with, open in the same way
    hold : a box that, ticked, leaves the readings their weights whatever the quantities
    reset : a button that puts everything back
    wish : what the sliders ask for
    result : the answer to it, as `estimates.reweight` gives it; None where it cannot be asked
    text, picture : widgets that show it
    panel : everything, as one widget
    """

    def __init__(self, fit: xr.DataTree) -> None:
        import ipywidgets as widgets

        draws = Draws.of(fit)
        if draws is None:
            raise InputError([Fault("some reading says nothing of the target: it has no mixture")])
        self._draws, model = draws, draws.model
        self.weights = {
            name: {
                option: widgets.FloatSlider(
                    value=round(weight * len(reading.options), 6), min=0.0,
                    max=max(_HEAVIEST, len(reading.options)), step=0.1,
                    description=reading.options[option].label or spoken(option),
                    continuous_update=False, layout=_WIDE,
                    style={"description_width": "12em"},
                )
                for option, weight in reading.weights.items()
            }
            for name, reading in model.readings.items()
        }  # fmt: skip
        self.given = {
            name: self._range(name, values, (None, None))
            for name, values in draws.quantities.items()
        }
        cited = cited_bands(Findings.of(fit), model.targets[0])
        edges = (cited[0].low, cited[0].high) if cited else (None, None)
        self.between = self._range(model.targets[0], draws.target, edges)
        self.hold = widgets.Checkbox(
            description="Leave the readings their weights", indent=False, layout=_WIDE
        )
        self._start = {slider: slider.value for slider in self._sliders}
        self.reset = widgets.Button(description="As it is", tooltip="Put everything back")
        self.reset.on_click(lambda _: self._put_back())
        self.text = widgets.HTML()
        self.picture = widgets.Image(format="png", layout={"max_width": "42em"})
        self.result: Reweighted | None = None
        self._busy = False
        self.panel = self._laid_out()
        for slider in self._sliders:
            slider.observe(lambda _: self._answer(), "value")
        self._answer()

    @property
    def wish(self) -> Wish:
        """What the sliders ask for, without what stands as the model has it."""
        weights = {
            name: {option: slider.value for option, slider in sliders.items()}
            for name, sliders in self.weights.items()
            if any(slider.value != self._start[slider] for slider in sliders.values())
        }
        given = {
            name: _open(slider.value)
            for name, slider in self.given.items()
            if slider.value != self._start[slider]
        }
        between = _open(self.between.value)
        compared = None if between == (None, None) else between
        return Wish(weights, given, compared, self.hold.value)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.panel._repr_mimebundle_(**kwargs)

    @property
    def _sliders(self) -> list[Any]:
        of_readings = [slider for sliders in self.weights.values() for slider in sliders.values()]
        return [*of_readings, *self.given.values(), self.between, self.hold]

    def _range(self, name: str, values: Any, edges: Interval) -> Any:
        import ipywidgets as widgets

        model = self._draws.model
        # Each end has a value of its own, for a slider finds its handles' places by their values.
        options = [("any", -math.inf)]
        options += [
            (shown(model, name, at), float(at)) for at in places(model, name, values, edges)
        ]
        options.append(("any", math.inf))
        low, high = edges
        known = model.quantities.get(name) or model.relations.get(name)
        label = (known.label if known else "") or spoken(name)
        unit = in_words(unit_of(model, name))
        label = f"{label}, {unit}" if unit else label
        return widgets.SelectionRangeSlider(
            options=options,
            value=(-math.inf if low is None else low, math.inf if high is None else high),
            description=label, tooltip=label, continuous_update=False, style=_NAMED, layout=_WIDE,
        )  # fmt: skip

    def _laid_out(self) -> Any:
        import ipywidgets as widgets

        readings = self._draws.model.readings
        of_readings = [
            widgets.VBox([widgets.HTML(line(readings[name].question or name)), *sliders.values()])
            for name, sliders in self.weights.items()
        ]
        tabs = {
            "Range": [self.between],
            "Quantities": [*self.given.values(), *([self.hold] if of_readings else [])],
        }
        if of_readings:
            tabs = {"Readings": of_readings, **tabs}
        tab = widgets.Tab([widgets.VBox(children) for children in tabs.values()])
        for number, title in enumerate(tabs):
            tab.set_title(number, title)
        return widgets.VBox([self.text, self.picture, tab, self.reset])

    def _put_back(self) -> None:
        self._busy = True
        for slider, value in self._start.items():
            slider.value = value
        self._busy = False
        self._answer()

    def _answer(self) -> None:
        """Weigh the draws anew, and show the answer."""
        if self._busy:
            return
        draws, wish = self._draws, self.wish
        try:
            self.result = wish.answer(draws)
        except InputError as error:  # all weights of a reading at nought, ends that touch
            self.result = None
            self.text.value = line(f"{error}.")
            return
        base = Wish(between=wish.between).answer(draws)
        self.text.value = in_html(draws.model, wish, base, self.result)
        changed = bool(wish.weights or wish.given) and bool(self.result.numbers)
        now = (
            draws.pooled(*draws.under(wish.weights, wish.given, wish.hold_readings))
            if changed
            else None
        )
        file = io.BytesIO()
        supposed(draws, now, wish.between).savefig(file, format="png", dpi=_DPI)
        self.picture.value = file.getvalue()


def explore(fit: xr.DataTree) -> Explorer:
    """Show a what-if with sliders in a notebook: draws are weighed anew, nothing is fitted.

    Parameters
    ----------
    fit : what `estimates.fit` returned

    Returns
    -------
    Explorer; it shows itself as the last line of a cell.  Where fewer than 400 effective draws are
    left it says so, and nothing else (see `estimates.reweight`).

    Raises
    ------
    ImportError : without ipywidgets
    InputError : where some reading says nothing of the headline target

    See Also
    --------
    reweight : what the sliders ask

    Examples
    --------
    >>> import estimates as est
    >>> fit = est.fit(est.load("scmp-2017-headline"), seed=1)
    >>> type(est.explore(fit)).__name__
    'Explorer'
    """
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        raise ImportError(
            "explore needs ipywidgets: pip install ipywidgets", name="ipywidgets"
        ) from None
    return Explorer(fit)


def _open(ends: tuple[float, float]) -> Interval:
    """Return the ends as `reweight` takes them: None where a handle is at its slider's end."""
    low, high = ends
    return None if low == -math.inf else low, None if high == math.inf else high
