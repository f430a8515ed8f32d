"""What an event costs: CPU of the whole process, the library's reading of the agent included, beside the
same through the library's blocking calls. `python -m tests.bench`."""

import asyncio
import tempfile
import time
from pathlib import Path

import hotplex

from .floor import Floor
from .kit import agent

EVENTS = 100_000
RUNS = 5
PROMPT = f"!flood {EVENTS} 100"


def measure(what, run):
    """Prints microseconds of CPU an event, and events a second: the best of some runs."""
    cost, speed = float("inf"), 0.0
    for _ in range(RUNS):
        cpu, start = time.process_time(), time.perf_counter()
        events = run()
        cost = min(cost, (time.process_time() - cpu) / events)
        speed = max(speed, events / (time.perf_counter() - start))
    print(f"{what}: {cost * 1e6:.2f} us of CPU an event, {speed / 1000:.0f} 000 events a second")


def main():
    with tempfile.TemporaryDirectory() as folder:
        options = {"program": agent(), "state_dir": Path(folder), "kill_grace_ms": 0}
        floor = Floor(options, folder)
        measure("blocking calls", lambda: floor.run(PROMPT))
        floor.close()
        with hotplex.Engine(**options) as engine:
            measure("for", lambda: sum(1 for _ in engine.execute("s", folder, PROMPT)))

            async def count():
                return len([None async for _ in engine.execute("s", folder, PROMPT)])

            measure("async for", lambda: asyncio.run(count()))


if __name__ == "__main__":
    main()
