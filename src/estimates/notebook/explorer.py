"""A what-if to play with: sliders for all that the claims leave open, and the answer at once."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from estimates.errors import Fault, InputError
from estimates.figures.band import bands
from estimates.figures.findings import Findings
from estimates.figures.reweighed import reweighed
from estimates.markup import line
from estimates.notebook.wish import Wish, in_html, places, shown
from estimates.reweighing import Draws, Interval, Reweighted

if TYPE_CHECKING:
    import xarray as xr

_DPI = 110
_HEAVIEST = 10.0  # a stated weight, where the others are 1


class Explorer:
    """The panel that `explore` returns. It shows itself in a notebook.

    Attributes
    ----------
    weights : by reading and option a slider of the stated weight, on any scale
    given : by basic unknown a slider of the interval that it is supposed to lie in; at either end
        of the slider the interval is open
    between : a slider of the range to compare with; open at either end
    reset : a button that puts everything back
    wish : what the sliders ask for
    result : the answer to it, as `estimates.reweigh` gives it; None where it cannot be asked
    text, picture : widgets that show it
    panel : everything, as one widget
    """

    def __init__(self, fit: xr.DataTree) -> None:
        import ipywidgets as widgets

        draws = Draws.of(fit)
        if draws is None:
            raise InputError([Fault("some reading says nothing of the target: it has no mixture")])
        self._draws, model = draws, draws.model
        wide = {"description_width": "14em"}
        self.weights = {
            name: {
                option: widgets.FloatSlider(
                    value=round(weight * len(reading.options), 6), min=0.0,
                    max=max(_HEAVIEST, len(reading.options)), step=0.1,
                    description=option, continuous_update=False, style=wide,
                )
                for option, weight in reading.weights.items()
            }
            for name, reading in model.readings.items()
        }  # fmt: skip
        self.given = {
            name: self._range(name, values, (None, None))
            for name, values in draws.quantities.items()
        }
        cited = bands(Findings.of(fit), model.targets[0])
        edges = (cited[0].low, cited[0].high) if cited else (None, None)
        self.between = self._range(model.targets[0], draws.target, edges)
        self._start = {slider: slider.value for slider in self._sliders}
        self.reset = widgets.Button(description="As it is", tooltip="Put everything back")
        self.reset.on_click(lambda _: self._put_back())
        self.text, self.picture = widgets.HTML(), widgets.Image(format="png")
        self.result: Reweighted | None = None
        self._busy = False
        self.panel = self._laid_out()
        for slider in self._sliders:
            slider.observe(lambda _: self._answer(), "value")
        self._answer()

    @property
    def wish(self) -> Wish:
        """What the sliders ask for; what stands as the model has it is not asked."""
        weights = {
            name: {option: slider.value for option, slider in sliders.items()}
            for name, sliders in self.weights.items()
            if any(slider.value != self._start[slider] for slider in sliders.values())
        }
        given = {
            name: slider.value
            for name, slider in self.given.items()
            if slider.value != self._start[slider]
        }
        return Wish(weights, given, _or_none(self.between.value))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.panel._repr_mimebundle_(**kwargs)

    @property
    def _sliders(self) -> list[Any]:
        of_readings = [slider for sliders in self.weights.values() for slider in sliders.values()]
        return [*of_readings, *self.given.values(), self.between]

    def _range(self, name: str, values: Any, edges: Interval) -> Any:
        import ipywidgets as widgets

        model = self._draws.model
        at = places(model, name, values, edges)
        options: list[tuple[str, float | None]] = [("no lower end", None)]
        options += [(shown(model, name, value), float(value)) for value in at]
        options.append(("no upper end", None))
        held = [value for _, value in options]
        low = 0 if edges[0] is None else held.index(edges[0])
        high = len(held) - 1 if edges[1] is None else held.index(edges[1])
        known = model.quantities.get(name) or model.relations.get(name)
        return widgets.SelectionRangeSlider(
            options=options, index=(low, high), continuous_update=False,
            description=name, tooltip=known.label if known else name,
            style={"description_width": "14em"}, layout={"width": "46em"},
        )  # fmt: skip

    def _laid_out(self) -> Any:
        import ipywidgets as widgets

        readings = self._draws.model.readings
        of_readings = [
            widgets.VBox([widgets.HTML(line(readings[name].question or name)), *sliders.values()])
            for name, sliders in self.weights.items()
        ]
        tabs = {"Range": [self.between], "Quantities": list(self.given.values())}
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
        """Weigh the draws anew, and show what comes of it."""
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
        now = draws.pooled(*draws.under(wish.weights, wish.given)) if changed else None
        file = io.BytesIO()
        reweighed(draws, now, wish.between).savefig(file, format="png", dpi=_DPI)
        self.picture.value = file.getvalue()


def explore(fit: xr.DataTree) -> Explorer:
    """A what-if with sliders, for a notebook: nothing is fitted, the draws are weighed anew.

    Parameters
    ----------
    fit : what `estimates.fit` returned

    Returns
    -------
    Explorer; it shows itself as the last line of a cell.  Where fewer than 400 effective draws are
    left it says so, and nothing else (see `estimates.reweigh`).

    Raises
    ------
    ImportError : without ipywidgets
    InputError : where some reading says nothing of the headline target
    """
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        raise ImportError(
            "explore needs ipywidgets: pip install 'estimates[notebook]'", name="ipywidgets"
        ) from None
    return Explorer(fit)


def _or_none(ends: Interval) -> Interval | None:
    return None if ends == (None, None) else ends
