"""How figures look: a width, letters that can be read, and the user's own settings before ours.

Nothing global is changed: a style holds inside `with style.applied():` alone, and no figure needs a screen.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from importlib import resources
from pathlib import Path
from typing import Any, ParamSpec, TypeAlias, TypeVar

import matplotlib as mpl
from cycler import cycler
from matplotlib import rc_params_from_file
from matplotlib.figure import Figure

from compare.figures.palette import CYCLE, DENSITY
from compare.figures.width import PAGE, Width, width_of

P = ParamSpec("P")
R = TypeVar("R")
Settings: TypeAlias = dict[Any, Any]  # of matplotlib, by name
NARROW = 4.5  # inches
GOLDEN = (5**0.5 - 1) / 2
SERIF = {"font.family": "serif", "font.serif": ["STIXGeneral"], "mathtext.fontset": "stix"}  # come with matplotlib
LATEX_ENGINES = ("xelatex", "lualatex", "pdflatex")
SESSION = ("backend", "interactive", "toolbar", "webagg", "tk.", "macosx", "date.epoch", "figure.hooks")
NOBODY = ""  # so that what the user has set is never an empty set inside a style
_theirs: ContextVar[frozenset[str]] = ContextVar("settings of the user outside any style", default=frozenset())


@dataclass(frozen=True)
class Style:
    """A width with its letters; `latex` sets all text by LaTeX, `sheet` is a style sheet of the user's own.

    What the user has set in matplotlib before, in a file or in the session, is kept; `sheet` comes before that,
    and a `width` that is given before the size of figures there.
    """

    width: Width | None = None
    latex: bool = False
    sheet: Path | None = None

    @staticmethod
    def of(width: str | float | Width | None = None, *, latex: bool = False, sheet: Path | None = None) -> Style:
        """The style of a width by name, in inches or as it is, None for that of a page.

        Raises
        ------
        InputError
            If the width is none, the sheet cannot be read, or LaTeX is asked for and not there.
        """
        style = Style(None if width is None else width_of(width), latex, sheet)
        style.settings()
        return style

    def settings(self) -> Settings:
        """Every setting of matplotlib that the style makes.

        Raises
        ------
        InputError
            If the sheet cannot be read, or LaTeX is asked for and not there.
        """
        own = {} if self.sheet is None else _sheet(self.sheet)
        theirs = _theirs.get() or frozenset(_set_by_the_user())
        width = PAGE if self.width is None else self.width
        ours = _defaults() | _letters(width) | {"figure.figsize": (width.inches, GOLDEN * width.inches)}
        kept = theirs - ({"figure.figsize"} if self.width is not None else set())
        settings = {key: value for key, value in ours.items() if key not in kept} | own
        if self.latex:
            if shutil.which("latex") is None:
                from theory.base.errors import InputError

                raise InputError(
                    "`latex` needs LaTeX, this machine has none; install it, or leave that out: no figure needs it"
                )
            settings["text.usetex"] = True
        if engine := latex_engine():
            settings.setdefault("pgf.texsystem", engine)
        return settings

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Figures that are made and saved inside have the style; all is as it was after.

        Raises
        ------
        InputError
            As `settings`.
        """
        settings = self.settings()
        token = _theirs.set(_theirs.get() or frozenset({*_set_by_the_user(), NOBODY}))
        try:
            with mpl.rc_context(settings):
                yield
        finally:
            _theirs.reset(token)


def in_style(draw: Callable[P, R]) -> Callable[P, R]:
    """`draw` under the style that holds, or under that of a page where none does."""

    @wraps(draw)
    def drawn(*args: P.args, **options: P.kwargs) -> R:
        with nullcontext() if _theirs.get() else Style().applied():
            return draw(*args, **options)

    return drawn


def _set_by_the_user() -> set[str]:
    return {key for key, value in mpl.rcParams.items() if value != mpl.rcParamsDefault[key]}


def latex_engine() -> str | None:
    """The program that sets pgf files on this machine, None where there is none."""
    return next((name for name in LATEX_ENGINES if shutil.which(name)), None)


def figure_width() -> float:
    """Inches of a figure under the style that holds."""
    return float(mpl.rcParams["figure.figsize"][0])


def is_narrow() -> bool:
    """Whether a figure of the style that holds fills one of two columns: panels stand above each other."""
    return figure_width() < NARROW


def small_letters() -> float:
    """Points of the smallest letters under the style that holds: of notes inside a panel."""
    return float(mpl.rcParams["legend.fontsize"])


def new_figure(height: float, part: float = 1.0, *, placed: bool = False) -> Figure:
    """An empty figure of this height in inches and a `part` of the style's width, on no screen.

    One whose panels are `placed` by hand has no layout to be solved, and is drawn in one pass instead of two.
    """
    size = (part * figure_width(), height)
    return Figure(figsize=size, layout="none") if placed else Figure(figsize=size)  # type: ignore[arg-type]


def _letters(width: Width) -> Settings:
    small = dict.fromkeys(("xtick.labelsize", "ytick.labelsize", "legend.fontsize"), width.small)
    text = dict.fromkeys(("font.size", "axes.titlesize", "axes.labelsize", "figure.titlesize"), width.text)
    text["figure.labelsize"] = width.small
    return text | small | (SERIF if width.serif else {})


def _defaults() -> Settings:
    with resources.as_file(resources.files("compare.figures") / "gibbsgap.mplstyle") as sheet:
        return _sheet(sheet) | {"image.cmap": DENSITY, "axes.prop_cycle": cycler(color=CYCLE)}


def _sheet(path: Path) -> Settings:
    """The settings of a file, but for those of a session, which no figure may change."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise _no_sheet(path, error) from None
    for line in lines:
        _check_line(path, line.partition("#")[0].strip())
    try:
        found = rc_params_from_file(path, fail_on_error=True, use_default_template=False)
    except (OSError, ValueError) as error:
        raise _no_sheet(path, error) from None
    return {key: value for key, value in found.items() if not key.startswith(SESSION)}


def _no_sheet(path: Path, error: Exception) -> Exception:
    from theory.base.errors import InputError

    reason = getattr(error, "strerror", None) or str(error)
    return InputError(
        f"`style` must be a style sheet of matplotlib, {str(path)!r} is not: {reason}; write lines such as "
        "font.size: 9"
    )


def _check_line(path: Path, line: str) -> None:
    key = line.partition(":")[0].strip()
    if line and key not in mpl.rcParams:
        from theory.base.errors import InputError
        from theory.base.hints import hint

        advice = hint(key, mpl.rcParams, "write lines such as font.size: 9")
        raise InputError(f"`style` {str(path)!r} sets {key!r}, no key of matplotlib; {advice}")
