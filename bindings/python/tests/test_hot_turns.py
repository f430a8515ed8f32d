"""Twenty turns, measured and printed beside their floor. A time alone proves nothing on a shared machine."""

import asyncio
import statistics
import time
import unittest

import hotplex

from .floor import Floor
from .kit import Stage

TURNS = 20


def microseconds(times):
    return f"{statistics.median(times) * 1e6:.0f} us"


class HotTurns(Stage):
    def test_twenty_hot_turns(self):
        print(
            f"\nmedian of {TURNS} hot turns: for {microseconds(self.in_a_thread())}, "
            f"async for {microseconds(asyncio.run(self.in_a_loop()))}, "
            f"blocking calls of the library {microseconds(self.through_the_library())}"
        )

    def in_a_thread(self):
        engine = self.open()
        engine.execute("s", self.work_dir, "warm up").wait()
        times = []
        for _ in range(TURNS):
            start = time.perf_counter()
            self.assertEqual(engine.execute("s", self.work_dir, "hello").answer(), "echo: hello")
            times.append(time.perf_counter() - start)
        return times

    async def in_a_loop(self):
        times = []
        async with hotplex.Engine(**self.options()) as engine:
            await engine.execute("loop", self.work_dir, "warm up").wait_async()
            for _ in range(TURNS):
                start = time.perf_counter()
                answer = await engine.execute("loop", self.work_dir, "hello").answer_async()
                times.append(time.perf_counter() - start)
                self.assertEqual(answer, "echo: hello")
        return times

    def through_the_library(self):
        floor = Floor(self.options(), self.work_dir)
        self.addCleanup(floor.close)
        floor.run("warm up")
        times = []
        for _ in range(TURNS):
            start = time.perf_counter()
            floor.run("hello")
            times.append(time.perf_counter() - start)
        return times


if __name__ == "__main__":
    unittest.main()
