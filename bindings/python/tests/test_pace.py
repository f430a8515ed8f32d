"""A slow reader pauses its own agent and nobody else; nothing is lost and nothing is kept for it."""

import asyncio
import unittest
from pathlib import Path

import hotplex
from hotplex import _mailbox

from .kit import Stage, eventually, of_type

EVENTS, SIZE = 200, 100_000
FLOOD = f"!flood {EVENTS} {SIZE}"


def resident():
    """Bytes of memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


class Pace(Stage):
    def held_back(self, engine, session_id):
        """True once the agent stands still for want of a reader."""
        sessions = {session.session_id: session for session in engine.sessions()}
        return sessions[session_id].buffered_bytes > 500_000

    def test_a_slow_reader_pauses_only_its_agent(self):
        engine = self.open()
        slow = engine.execute("slow", self.work_dir, FLOOD)
        next(slow)
        before = resident()
        answers = [engine.execute("quick", self.work_dir, "hello").answer() for _ in range(20)]
        self.assertEqual(answers, ["echo: hello"] * 20)
        self.assertTrue(eventually(lambda: self.held_back(engine, "slow")))
        self.assertLess(resident() - before, EVENTS * SIZE / 2)
        self.assertEqual(len(of_type(list(slow), hotplex.Answer)), EVENTS)
        self.assertEqual(slow.end.outcome, "completed")

    def test_a_slow_coroutine_pauses_only_its_agent(self):
        async def main():
            async with hotplex.Engine(**self.options()) as engine:
                slow = engine.execute("slow", self.work_dir, FLOOD)
                await slow.__anext__()
                for _ in range(20):
                    answer = await engine.execute("quick", self.work_dir, "hello").answer_async()
                    self.assertEqual(answer, "echo: hello")
                while not self.held_back(engine, "slow"):
                    await asyncio.sleep(0.01)
                answers = [event async for event in slow if isinstance(event, hotplex.Answer)]
                self.assertEqual(len(answers), EVENTS)

        asyncio.run(asyncio.wait_for(main(), 60))

    def test_a_turn_that_is_left_in_the_middle_of_a_flood_holds_up_nobody(self):
        engine = self.open()
        turn = engine.execute("s", self.work_dir, FLOOD)
        next(turn)
        engine.execute("quick", self.work_dir, "hello").answer()
        turn.close()
        self.assertEqual(engine.execute("s", self.work_dir, "next").answer(), "echo: next")

    def test_a_close_does_not_wait_for_slow_readers(self):
        engine = self.open()
        slow = [engine.execute(f"s{i}", self.work_dir, FLOOD) for i in range(3)]
        engine.execute("quick", self.work_dir, "hello").answer()
        engine.close(0.2)
        ends = [turn.wait().outcome for turn in slow]
        self.assertEqual(ends, ["stopped"] * 3)


class Mailboxes(unittest.TestCase):
    def test_it_is_held_when_it_is_full_and_let_go_when_it_is_empty(self):
        for lines, size in ((_mailbox.MOST_EVENTS + 1, 1), (2, _mailbox.MOST_BYTES)):
            with self.subTest(lines=lines):
                calls = []
                mailbox = _mailbox.Mailbox(calls.append)
                for number in range(lines):
                    mailbox.put(number + 1, b"x" * size, False)
                self.assertEqual(calls, [True])
                for _ in range(lines - 1):
                    mailbox.get()
                self.assertEqual(calls, [True])
                mailbox.get()
                self.assertEqual(calls, [True, False])

    def test_an_abandoned_one_keeps_nothing_and_holds_nothing(self):
        calls = []
        mailbox = _mailbox.Mailbox(calls.append)
        mailbox.put(1, b"x" * 2 * _mailbox.MOST_BYTES, False)
        mailbox.abandon()
        mailbox.put(2, b"x" * 2 * _mailbox.MOST_BYTES, True)
        self.assertEqual(calls, [True, False])
        self.assertTrue(mailbox.over)
        self.assertFalse(mailbox.is_filled())


if __name__ == "__main__":
    unittest.main()
