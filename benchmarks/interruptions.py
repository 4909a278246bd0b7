"""Runs that are killed, terminated and interrupted at random moments: what their folder holds afterwards.

``python benchmarks/interruptions.py [RUNS]`` starts RUNS (20) runs for each signal, half of them over an earlier
result, and prints how many left the earlier result, the new one, a part that says so, or nothing. Anything else is
a fault.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from compare.results import read_results

COMMAND = [sys.executable, "-c", "from compare.command_line import main; main()", "compare", "regular"]
SIZE = ["--walkers", "2000", "--steps", "50", "--threads", "1", "--out", "out"]


def start(folder: Path, *options: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, *SIZE, *options], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def finding(folder: Path, old: dict[str, bytes], whole: set[str]) -> str:
    """What the folder of a run that was ended holds: one of the words of the table."""
    found = held(folder / "out")
    beside = {path.name for path in folder.iterdir()} - {"out"}
    if old and found == old:
        return "the earlier result"
    if not found:
        return "nothing" if not (folder / "out").exists() else "FAULT: an empty folder"
    result = read_results(folder / "out")
    if beside:
        return f"FAULT: {beside}"
    if result.complete:
        return "the new result" if found.keys() == whole else f"FAULT: {sorted(found)}"
    return "a part" if not old and found.keys() <= {"comparison.json", "laws.nc"} else "FAULT: a part"


def main(runs: int = 20) -> None:
    rng = np.random.default_rng(1)
    print("| signal | over an earlier result | left |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        first = Path(name)
        start(first).wait()  # compiles
        begin = time.perf_counter()
        start(first, "--overwrite").wait()
        longest = time.perf_counter() - begin
        old = held(first / "out")
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
            for overwrite in (False, True):
                left: Counter[str] = Counter()
                for _ in range(runs // 2):
                    with tempfile.TemporaryDirectory() as place:
                        folder = Path(place)
                        if overwrite:
                            (folder / "out").mkdir()
                            for file, content in old.items():
                                (folder / "out" / file).write_bytes(content)
                        process = start(folder, "--seed", "2", *(["--overwrite"] if overwrite else []))
                        time.sleep(longest * rng.uniform(0.1, 1.2))
                        process.send_signal(number)
                        process.wait()
                        left[finding(folder, old if overwrite else {}, set(old))] += 1
                words = ", ".join(f"{kind} {count}" for kind, count in sorted(left.items()))
                print(f"| {number.name} | {'yes' if overwrite else 'no'} | {words} |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
