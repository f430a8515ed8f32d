"""However a turn or its program ends, the turn has one end and nothing is left running."""

import asyncio
import gc
import signal
import threading
import unittest

import hotplex

from .kit import Stage, eventually, marked, of_type


class Endings(Stage):
    def test_each_way_a_turn_ends_is_told(self):
        table = [
            ("hello", {}, "completed", None),
            ("!text half\n!die 3", {}, "crashed", "crashed"),
            ("!status 500", {"env": {"CLAUDE_CODE_MAX_RETRIES": "0"}}, "failed", "agent_failed"),
            ("!hang-soft", {"turn_timeout_ms": 300}, "timed_out", "timed_out"),
        ]
        for prompt, options, outcome, kind in table:
            with self.subTest(prompt=prompt):
                events = list(self.open(**options).execute(prompt.replace("\n", " "), self.work_dir, prompt))
                ends = of_type(events, hotplex.TurnEnd)
                self.assertEqual([end.outcome for end in ends], [outcome])
                self.assertEqual(ends[0].error and ends[0].error.kind, kind)
                self.assertIs(events[-1], ends[0])

    def test_a_session_goes_on_after_its_agent_died(self):
        engine = self.open()
        with self.assertRaises(hotplex.TurnFailedError) as failure:
            engine.execute("s", self.work_dir, "!die 3").answer()
        self.assertEqual(failure.exception.end.outcome, "crashed")
        self.assertEqual(engine.execute("s", self.work_dir, "hello").answer(), "echo: hello")

    def test_a_cancelled_turn_leaves_its_process_alive(self):
        engine = self.open()
        pid = engine.execute("s", self.work_dir, "!pid").answer()
        turn = engine.execute("s", self.work_dir, "!hang-soft")
        turn.cancel()
        self.assertEqual(turn.wait().outcome, "cancelled")
        self.assertEqual(engine.execute("s", self.work_dir, "!pid").answer(), pid)
        turn.cancel()

    def test_a_turn_that_is_left_is_cancelled(self):
        engine = self.open()

        def by_break():
            for _ in engine.execute("s", self.work_dir, "!text a\n!hang-soft"):
                break

        def by_block():
            with engine.execute("s", self.work_dir, "!text a\n!hang-soft") as turn:
                next(turn)

        def by_forgetting():
            engine.execute("s", self.work_dir, "!hang-soft")

        for leave in (by_break, by_block, by_forgetting):
            with self.subTest(leave=leave.__name__):
                leave()
                gc.collect()
                answer = engine.execute("s", self.work_dir, "next").answer()
                self.assertEqual(answer, "echo: next")

    def test_who_waits_for_a_turn_that_is_closed_is_let_go(self):
        engine = self.open()
        turn = engine.execute("s", self.work_dir, "!hang-soft")
        threading.Timer(0.2, turn.close).start()
        with self.assertRaises(hotplex.ClosedError):
            turn.wait()

        async def main():
            turn = engine.execute("s", self.work_dir, "!hang-soft")
            asyncio.get_running_loop().call_later(0.2, turn.close)
            with self.assertRaises(hotplex.ClosedError):
                await asyncio.wait_for(turn.wait_async(), 20)

        asyncio.run(main())

    def test_a_stopped_session_ends_its_turns(self):
        engine = self.open()
        turn = engine.execute("s", self.work_dir, "!hang-soft")
        engine.stop_session("s", "signed out")
        end = turn.wait()
        self.assertEqual(end.outcome, "stopped")
        self.assertIn("signed out", end.error.message)

    def test_a_close_ends_the_turns_that_run(self):
        engine = self.open()
        turns = [engine.execute(f"s{i}", self.work_dir, "!hang") for i in range(5)]
        outcomes = []
        threads = [
            threading.Thread(target=lambda turn=turn: outcomes.append(turn.wait().outcome))
            for turn in turns[:3]
        ]
        for thread in threads:
            thread.start()
        engine.close(0.2)
        for thread in threads:
            thread.join(20)
        outcomes += [turn.wait().outcome for turn in turns[3:]]
        self.assertEqual(outcomes, ["stopped"] * 5)
        self.assertEqual(marked(self.mark), [])
        engine.close()

    def test_a_close_in_a_loop_ends_the_turns_that_run(self):
        async def main():
            async with hotplex.Engine(**self.options()) as engine:
                turns = [engine.execute(f"s{i}", self.work_dir, "!hang") for i in range(3)]
                tasks = [asyncio.ensure_future(turn.wait_async()) for turn in turns]
                await asyncio.sleep(0)
                await engine.close_async(0.2)
                self.assertEqual([(await task).outcome for task in tasks], ["stopped"] * 3)

        asyncio.run(main())

    def test_a_close_in_another_thread_ends_what_a_loop_waits_for(self):
        engine = self.open()

        async def main():
            turns = [engine.execute(f"s{i}", self.work_dir, "!hang") for i in range(3)]
            tasks = [asyncio.ensure_future(turn.wait_async()) for turn in turns]
            await asyncio.sleep(0.1)
            closing = threading.Thread(target=engine.close, args=(0.2,))
            closing.start()
            ends = await asyncio.wait_for(asyncio.gather(*tasks), 20)
            closing.join()
            self.assertEqual([end.outcome for end in ends], ["stopped"] * 3)

        asyncio.run(main())

    def test_a_forgotten_engine_is_freed(self):
        engine = hotplex.Engine(**self.options(kill_grace_ms=100))
        engine.execute("s", self.work_dir, "hello").answer()
        self.assertNotEqual(marked(self.mark), [])
        del engine
        gc.collect()
        self.assertTrue(eventually(lambda: not marked(self.mark)))


class Exits(Stage):
    """Programs that end with an engine open: they end well, and so do their agents."""

    def ended(self, result, status=0):
        self.assertEqual((result.returncode, result.stderr), (status, ""))
        self.assertTrue(eventually(lambda: not marked(self.mark)), "agents are left")

    def test_an_exit_with_an_idle_agent(self):
        self.ended(self.program("""
            engine = hotplex.Engine(**options)
            print(engine.execute("s", work_dir, "hello").answer())
        """))

    def test_an_exit_with_a_turn_running(self):
        self.ended(self.program("""
            engine = hotplex.Engine(**options)
            turn = engine.execute("s", work_dir, "!text a\\n!hang")
            next(turn)
            raise SystemExit(0)
        """))

    def test_an_exit_with_a_thread_waiting(self):
        self.ended(self.program("""
            import threading
            engine = hotplex.Engine(**options)
            turn = engine.execute("s", work_dir, "!text a\\n!hang")
            next(turn)
            threading.Thread(target=turn.wait, daemon=True).start()
        """))

    def test_an_exit_in_a_loop(self):
        self.ended(self.program("""
            import asyncio
            async def main():
                engine = hotplex.Engine(**options)
                turn = engine.execute("s", work_dir, "!text a\\n!hang")
                await turn.__anext__()
                asyncio.ensure_future(turn.wait_async())
                await asyncio.sleep(0)
            asyncio.run(main())
        """))

    def test_an_exit_without_a_word(self):
        self.ended(self.program("""
            import os
            engine = hotplex.Engine(**options)
            turn = engine.execute("s", work_dir, "!text a\\n!hang")
            next(turn)
            os._exit(0)
        """))

    def test_a_kill(self):
        self.ended(self.program("""
            import os, signal
            engine = hotplex.Engine(**options)
            turn = engine.execute("s", work_dir, "!text a\\n!hang")
            next(turn)
            os.kill(os.getpid(), signal.SIGKILL)
        """), -signal.SIGKILL)


if __name__ == "__main__":
    unittest.main()
