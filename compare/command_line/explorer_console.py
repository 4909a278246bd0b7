"""One run of the command `gibbsgap explore`: serve the page until a signal asks for an end."""

from __future__ import annotations

from contextlib import closing

from compare.command_line.interruption import handled
from compare.explorer.server import ExplorerServer, open_browser


def explore_study(study: str, *, port: int | None, browser: bool) -> None:
    """Serve the page of the study, show it in a browser where that is asked for, and end with Ctrl-C.

    Raises
    ------
    InputError
        If the extra is not installed, the port is not free, or there is no such study.
    """
    with closing(ExplorerServer(study, port)) as server, handled(server.stop):
        print(f"{server.address} shows it to this machine alone; Ctrl-C ends it", flush=True)
        if browser and not open_browser(server.address):
            print("there is no browser here; open the address in one on this machine", flush=True)
        server.run()
