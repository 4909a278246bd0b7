"""The page: sliders beside the laws, redrawn as one of them moves; each browser has its own."""

from __future__ import annotations

import asyncio
import html
import io
import shlex
from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from compare.explorer.settings import PointSettings

if TYPE_CHECKING:
    from compare.explorer.opening import Opening
    from compare.explorer.point_answer import PointAnswer

Ask = Callable[[PointSettings, bool], Awaitable["PointAnswer"]]
TITLES = {
    "learning_rate": "learning rate η",
    "batch_size": "batch size B",
    "momentum": "momentum μ",
    "added_noise": "noise added to the gradient, standard deviation",
    "examples": "examples n of the posterior",
}
WORDS = "font: 15px/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; color: #1c1c1c"
LEAD = "How far is SGD from the laws that theory gives it? Move a slider, or change the formula and press Enter."
AS_WIDE_AS_THE_SCREEN = """{% extends base %}
{% block postamble %}<meta name="viewport" content="width=device-width, initial-scale=1">{% endblock %}
{% block contents %}{{ embed(roots.page) }}{% endblock %}"""  # without it a phone shows a page of 980 pixels


class ExplorerPage:
    """The widgets of one browser, and what was asked for last.

    While a point is computed, later moves are remembered and only the last of them is computed next.

    Parameters
    ----------
    opening
        The study.
    ask
        Computes a point.
    narrow
        Whether the screen is that of a phone.
    """

    def __init__(self, opening: Opening, ask: Ask, *, narrow: bool) -> None:
        import panel as pn

        self._opening, self._ask, self._narrow = opening, ask, narrow
        self._wanted: PointSettings | None = None
        self._busy = False
        self._toml = ""
        own = opening.settings
        titles = {**TITLES, "noise": opening.noise}
        self._formula = pn.widgets.TextInput(
            name=f"{opening.formula} =", value=own.formula, sizing_mode="stretch_width", css_classes=["formula"]
        )
        self._sliders = {
            name: pn.widgets.DiscreteSlider(
                name=titles[name], options=stops, value=getattr(own, name), sizing_mode="stretch_width",
                css_classes=[name],
            )
            for name, stops in opening.stops.items()
        }  # fmt: skip
        self._state, self._shown, self._command = (
            pn.pane.HTML("", sizing_mode="stretch_width", css_classes=[name])
            for name in ("state", "shown", "command")
        )
        self._save = pn.widgets.FileDownload(
            callback=lambda: io.StringIO(self._toml), filename=opening.file, label="Save this point as a study",
            button_type="default", sizing_mode="stretch_width", css_classes=["save"],
        )  # fmt: skip
        for widget in (self._formula, *self._sliders.values()):
            widget.param.watch(self._moved, "value")

    def layout(self) -> Any:
        """The whole page: beside each other on a wide screen, under each other on a phone."""
        import panel as pn

        head = f"<h1 style='font-size: 1.3rem; margin: 0'>{html.escape(self._opening.title)}</h1>{LEAD}"
        controls = pn.Column(
            self._formula, *self._sliders.values(), self._save, self._command,
            styles={"flex": "1 1 17rem", "max-width": "26rem", "min-width": "0"}, css_classes=["controls"],
        )  # fmt: skip
        result = pn.Column(
            self._state, self._shown, styles={"flex": "3 1 20rem", "max-width": "54rem", "min-width": "0"}
        )
        pn.state.onload(self._moved)
        both = pn.FlexBox(controls, result, align_items="flex-start", gap="1rem", sizing_mode="stretch_width")
        whole = pn.Column(
            pn.pane.HTML(f"<div style=\"{WORDS}\">{head}</div>", sizing_mode="stretch_width"), both,
            sizing_mode="stretch_width", styles={"max-width": "84rem", "margin": "0 auto", "padding": "0 .4rem"},
        )  # fmt: skip
        page = pn.Template(AS_WIDE_AS_THE_SCREEN)
        page.add_panel("page", whole)
        return page

    def _settings(self) -> PointSettings:
        numbers = {name: slider.value for name, slider in self._sliders.items()}
        numbers["batch_size"] = int(numbers["batch_size"])
        found = {"formula": self._formula.value, **numbers}
        return PointSettings(**{one.name: found[one.name] for one in fields(PointSettings)})

    async def _moved(self, *_: Any) -> None:
        """Compute what is wanted until nothing else is: of moves on the way the last."""
        self._wanted = self._settings()
        if self._busy:
            return
        self._busy = True
        self._state.object = _words("computing …")
        try:
            while self._wanted is not None:
                settings, self._wanted = self._wanted, None
                self._show(await self._ask(settings, self._narrow))
                await asyncio.sleep(0)
        finally:
            self._busy = False
            self._state.object = _words("")

    def _show(self, answer: PointAnswer) -> None:
        self._toml = answer.toml
        self._shown.object = answer.html or _words(html.escape(answer.problem))
        self._save.disabled = bool(answer.problem)
        command = f"gibbsgap compare {shlex.quote(self._opening.file)}"
        self._command.object = (
            "" if answer.problem else _words(f"Computed in full by <code>{html.escape(command)}</code>")
        )


def _words(text: str) -> str:
    return f'<p style="{WORDS}; margin: 0; min-height: 1.4em">{text}</p>'
