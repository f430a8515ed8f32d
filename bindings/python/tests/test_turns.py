"""What comes of a prompt: every type of event, in order, up to exactly one end."""

import asyncio
import threading
import unittest

import hotplex

from .kit import Stage, of_type


class Turns(Stage):
    def test_a_turn_tells_what_happens_in_it(self):
        prompt = '!think hm\n!text one\n!tool Read {"file_path":"/x"}\n!raw {"type":"novelty"}\n!text two'
        engine = self.open(permission_mode="bypassPermissions")
        events = list(engine.execute("s", self.work_dir, prompt))
        kinds = [type(event).__name__ for event in events]
        expected = ["SessionStart", "Thinking", "Answer", "ToolUse", "ToolResult", "Raw", "Answer", "TurnEnd"]
        self.assertEqual(kinds, expected)
        self.assertEqual({event.turn for event in events}, {1})
        self.assertEqual({event.session_id for event in events}, {"s"})
        start, thought, _, use, result, raw, answer, end = events
        self.assertFalse(start.resumed)
        self.assertEqual((thought.text, answer.text), ("hm", "two"))
        self.assertEqual((use.tool.name, use.tool.input), ("Read", {"file_path": "/x"}))
        self.assertEqual((result.tool.id, result.is_error), (use.tool.id, False))
        self.assertIn("novelty", raw.line)
        self.assertEqual((end.outcome, end.error), ("completed", None))
        self.assertEqual(end.stats.tools_used, ["Read"])
        self.assertGreater(end.stats.output_tokens, 0)

    def test_a_tag_comes_back_with_every_event(self):
        engine = self.open()
        for tag in (2**64 - 1, 7, None):
            with self.subTest(tag=tag):
                events = list(engine.execute("s", self.work_dir, "!think hm\n!raw no json", tag=tag))
                self.assertEqual({event.tag for event in events}, {tag or 0})
        for tag in (-1, 2**64, 0.5, "7"):
            with self.subTest(tag=tag), self.assertRaises(hotplex.InvalidArgumentError):
                engine.execute("s", self.work_dir, "hello", tag=tag)

    def test_a_tool_that_the_guard_stops_is_told(self):
        # The stand-in writes nothing; it tells what it would have written.
        turn = self.open().execute("s", self.work_dir, '!tool Write {"file_path":"/x"}')
        (block,) = of_type(list(turn), hotplex.DangerBlock)
        self.assertEqual((block.tool.name, block.level), ("Write", "high"))
        self.assertNotIn("", (block.rule, block.reason, block.operation, block.category))

    def test_pieces_of_an_answer_come_when_they_are_asked_for(self):
        turn = self.open(partial_messages=True).execute("s", self.work_dir, "!delta 3 1")
        pieces = [event.text for event in turn if isinstance(event, hotplex.AnswerDelta)]
        self.assertEqual("".join(pieces), "w0 w1 w2 ")

    def test_turns_of_a_session_go_to_one_process(self):
        engine = self.open()
        pids = {engine.execute("s", self.work_dir, "!pid").answer() for _ in range(3)}
        self.assertEqual(len(pids), 1)
        self.assertEqual(engine.session_stats("s").turns_completed, 3)
        self.assertEqual([session.turns for session in engine.sessions()], [3])
        self.assertEqual(engine.stats().spawned, 1)

    def test_any_text_comes_back_as_it_was(self):
        engine = self.open()
        for text in ["übergröße 🦀", 'quotes " and \\ slashes', "nul \0 in it", "x" * 300_000]:
            with self.subTest(text=text[:20]):
                turn = engine.execute("s", self.work_dir, text)
                self.assertEqual(turn.answer(), f"echo: {text}")

    def test_what_was_not_read_can_be_read_after_the_close(self):
        engine = self.open()
        first = engine.execute("a", self.work_dir, "kept")
        engine.execute("a", self.work_dir, "read").answer()
        engine.close()
        self.assertEqual(first.answer(), "echo: kept")

    def test_a_turn_that_waits_too_long_for_its_next_event_says_so(self):
        turn = self.open().execute("s", self.work_dir, "!hang-soft")
        self.assertIsInstance(turn.next_event(20), hotplex.SessionStart)
        for seconds in (0, 0.05):
            with self.assertRaises(hotplex.TimedOutError):
                turn.next_event(seconds)
        turn.cancel()
        self.assertEqual(turn.wait().outcome, "cancelled")
        self.assertIsNone(turn.next_event())

    def test_a_spare_serves_a_new_session(self):
        engine = self.open()
        engine.prewarm(self.work_dir, 1)
        engine.execute("s", self.work_dir, "hello").answer()
        self.assertEqual(engine.stats().spare_hits, 1)


class Coroutines(Stage):
    def test_a_turn_is_read_with_async_for(self):
        async def main():
            async with hotplex.Engine(**self.options()) as engine:
                events = [event async for event in engine.execute("s", self.work_dir, "hello")]
                answers = of_type(events, hotplex.Answer)
                self.assertEqual([answer.text for answer in answers], ["echo: hello"])
                self.assertIsInstance(events[-1], hotplex.TurnEnd)
                end = await engine.execute("s", self.work_dir, "again").wait_async()
                self.assertEqual(end.outcome, "completed")

        asyncio.run(main())

    def test_an_engine_may_be_used_from_one_loop_after_another(self):
        engine = self.open()

        async def ask():
            return await engine.execute("s", self.work_dir, "hello").answer_async()

        for _ in range(3):
            self.assertEqual(asyncio.run(ask()), "echo: hello")

    def test_a_waiting_turn_does_not_hold_up_the_loop(self):
        async def main():
            async with hotplex.Engine(**self.options()) as engine:
                waiting = asyncio.ensure_future(
                    engine.execute("s", self.work_dir, "!sleep 400").wait_async()
                )
                ticks = 0
                while not waiting.done():
                    await asyncio.sleep(0.01)
                    ticks += 1
                self.assertGreater(ticks, 5)

        asyncio.run(main())

    def test_a_cancelled_task_cancels_its_turn(self):
        async def main():
            async with hotplex.Engine(**self.options()) as engine:

                async def ask():
                    await engine.execute("s", self.work_dir, "!hang-soft").wait_async()

                with self.assertRaises(asyncio.TimeoutError):
                    await asyncio.wait_for(ask(), 0.5)
                answer = await engine.execute("s", self.work_dir, "next").answer_async()
                self.assertEqual(answer, "echo: next")

        asyncio.run(main())

    def test_threads_and_a_loop_share_an_engine(self):
        engine = self.open()
        answers = []

        def ask(number):
            for _ in range(5):
                answers.append(engine.execute(f"t{number}", self.work_dir, "hello").answer())

        async def main():
            turns = [engine.execute(f"c{i}", self.work_dir, "hello") for i in range(5)]
            answers.extend(await asyncio.gather(*[turn.answer_async() for turn in turns]))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        asyncio.run(main())
        for thread in threads:
            thread.join(60)
        self.assertEqual(answers, ["echo: hello"] * 25)


class ManySessions(Stage):
    def test_a_hundred_at_once_read_one_after_the_other(self):
        engine = self.open()
        turns = [engine.execute(f"s{i}", self.work_dir, f"hello {i}") for i in range(100)]
        self.assertEqual([turn.answer() for turn in turns], [f"echo: hello {i}" for i in range(100)])

    def test_a_hundred_at_once_in_coroutines(self):
        async def main():
            async with hotplex.Engine(**self.options()) as engine:
                turns = [engine.execute(f"s{i}", self.work_dir, f"hello {i}") for i in range(100)]
                return await asyncio.gather(*[turn.answer_async() for turn in turns])

        self.assertEqual(asyncio.run(main()), [f"echo: hello {i}" for i in range(100)])

    def test_a_hundred_at_once_in_threads(self):
        engine = self.open()
        answers = [None] * 100

        def ask(number):
            turn = engine.execute(f"s{number}", self.work_dir, f"hello {number}")
            answers[number] = turn.answer()

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(answers, [f"echo: hello {i}" for i in range(100)])


if __name__ == "__main__":
    unittest.main()
