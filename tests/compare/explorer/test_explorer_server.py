"""What the command refuses in one line: a port in use, a missing extra, an unknown study; and no browser."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import webbrowser

import pytest

from compare.command_line import main
from compare.explorer import server
from compare.explorer.server import LOOPBACK, free_port, open_browser, require_extra
from compare.explorer.worker import PointWorker
from theory import InputError


@pytest.fixture
def taken():
    with socket.socket() as door:
        door.bind((LOOPBACK, 0))
        door.listen()
        yield door.getsockname()[1]


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(["explore", *arguments])
    assert ended.value.code == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    return err


def test_a_port_in_use_is_a_line_with_a_free_one(taken, capsys):
    err = refused(capsys, "regular", "--port", str(taken), "--no-browser")
    found = re.fullmatch(rf"gibbsgap: error: `--port` must be free, {taken} is in use; take --port (\d+)\n", err)
    assert found is not None
    assert free_port(int(found[1])) == int(found[1])


@pytest.mark.parametrize("port", [-1, 70_000])
def test_a_port_that_is_none(port, capsys):
    assert f"`--port` must be one that may be opened, {port} is not: " in refused(
        capsys, "regular", "--port", f"{port}"
    )


def test_an_extra_that_is_missing_has_its_install_line(monkeypatch, capsys):
    monkeypatch.setattr(server, "find_spec", lambda name: None)
    assert "needs panel and tomli_w, not installed here; `pip install '.[explore]'` in a checkout" in refused(
        capsys, "regular"
    )
    monkeypatch.undo()
    require_extra()


def test_a_study_that_is_unknown_is_named_and_its_process_ends():
    worker = PointWorker("regulr")
    try:
        with pytest.raises(InputError, match="did you mean 'regular'"):
            worker.opening()
    finally:
        worker.close()
    assert not worker._process.is_alive()


class Window(webbrowser.BaseBrowser):
    def open(self, url, new=0, autoraise=True):
        return url == "http://127.0.0.1:1/"


@pytest.mark.parametrize(
    ("found", "opened"),
    [(None, False), (webbrowser.GenericBrowser("w3m"), False), (Window(), True)],
)
def test_a_browser_that_is_not_there_or_of_the_terminal(found, opened, monkeypatch):
    def get():
        if found is None:
            raise webbrowser.Error
        return found

    monkeypatch.setattr(webbrowser, "get", get)
    assert open_browser("http://127.0.0.1:1/") == opened


def test_what_draws_loads_nothing_that_computes():
    """Else the first picture comes a second later."""
    load = "import sys, compare.explorer.page; from compare.explorer.picture import Style; Style.of('page')"
    subprocess.run([sys.executable, "-c", f"{load}; sys.exit('theory' in sys.modules)"], check=True)
