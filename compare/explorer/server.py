"""The server of the page, reached from this machine alone."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import webbrowser
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from compare.explorer.loading import loading
from compare.explorer.worker import PointWorker

if TYPE_CHECKING:
    from compare.explorer.point_answer import PointAnswer
    from compare.explorer.settings import PointSettings

LOOPBACK = "127.0.0.1"
NEEDED = ("panel", "tomli_w")
PHONES = ("Mobile", "Android", "iPhone")  # in what a browser calls itself


class ExplorerServer:
    """The page of a study on a port of this machine, with the process that computes its points.

    Raises
    ------
    InputError
        If the extra is not installed, the port is not free, or there is no such study.
    """

    def __init__(self, study: str, port: int | None) -> None:
        require_extra()
        self.port = free_port(port)
        self._worker = PointWorker(study)  # loads what computes while the page is loaded here
        self._threads = ThreadPoolExecutor(1)  # one point at a time, in the order asked
        try:
            self._serve()
        except BaseException:
            self.close()
            raise

    @property
    def address(self) -> str:
        """Where a browser finds the page."""
        return f"http://{LOOPBACK}:{self.port}/"

    def _serve(self) -> None:
        logging.getLogger("bokeh").setLevel(logging.ERROR)
        with loading():  # what shows and what draws, while the other process loads what computes
            import panel as pn
            from panel.io.server import get_server

            import compare.explorer.picture  # noqa: F401
            from compare.explorer.page import ExplorerPage
        opening = self._worker.opening()
        self._threads.submit(self._worker.ask, opening.settings, narrow=False)  # while the browser begins

        def page() -> Any:
            agent = pn.state.headers.get("User-Agent", "")
            return ExplorerPage(opening, self._ask, narrow=any(one in agent for one in PHONES)).layout()

        origins = [f"{name}:{self.port}" for name in (LOOPBACK, "localhost")]
        try:
            self._server = get_server(
                {"/": page}, port=self.port, address=LOOPBACK, websocket_origin=origins, show=False, start=False,
                title=f"gibbsgap: {opening.title}", verbose=False,
            )  # fmt: skip
        except (OSError, SystemExit):  # taken since it was looked at
            from theory.base.errors import InputError

            raise InputError(_taken(self.port)) from None
        self._server.start()

    async def _ask(self, settings: PointSettings, narrow: bool) -> PointAnswer:
        ask = partial(self._worker.ask, settings, narrow=narrow)
        return await asyncio.get_running_loop().run_in_executor(self._threads, ask)

    def run(self) -> None:
        """Answer browsers until `stop`."""
        self._server.io_loop.start()

    def stop(self, *_: Any) -> None:
        """End `run`, at once where it waits; may be called from a handler of signals."""
        loop: Any = self._server.io_loop  # of asyncio, which its type does not say
        loop.asyncio_loop.call_soon_threadsafe(loop.stop)  # wakes it; what a handler adds to it else does not

    def close(self) -> None:
        """End the process that computes, and all that waits for it."""
        self._worker.close()
        self._threads.shutdown(cancel_futures=True)


def require_extra() -> None:
    """Nothing, where all that the page needs is installed.

    Raises
    ------
    InputError
        If it is not.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        from theory.base.errors import InputError
        from theory.base.packages import install_line

        raise InputError(
            f"gibbsgap explore needs {' and '.join(missing)}, not installed here; {install_line('explore')}"
        )


def free_port(port: int | None) -> int:
    """`port` where nobody listens on it, or any free one.

    Raises
    ------
    InputError
        If it is taken, not allowed, or none.
    """
    from_system = 0
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((LOOPBACK, from_system if port is None else port))
            return int(door.getsockname()[1])
        except OSError as error:
            refused = error.strerror or str(error)
            problem = _taken(port) if error.errno == errno.EADDRINUSE else _refused(port, refused)
        except OverflowError:
            problem = _refused(port, "there is none of this number")
    from theory.base.errors import InputError

    raise InputError(problem)


def _taken(port: int | None) -> str:
    return f"`--port` must be free, {port} is in use; take --port {free_port(None)}"


def _refused(port: int | None, reason: str) -> str:
    return f"`--port` must be one that may be opened, {port} is not: {reason}; take {free_port(None)}"


def open_browser(address: str) -> bool:
    """Whether a browser with windows was found and asked to show the address."""
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return False
    if type(found) is webbrowser.GenericBrowser:  # of the terminal, where no script runs
        return False
    return found.open(address)
