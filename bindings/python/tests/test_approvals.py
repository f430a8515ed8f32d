"""Permission requests are answered by a function, by a coroutine, or by answering the event."""

import asyncio
import unittest

import hotplex
from hotplex import Allow, Deny, PermissionRequest, ToolResult

from .kit import Stage, of_type

ASKS = '!tool Write {"file_path":"x","content":"1"}'


class Approvals(Stage):
    def result(self, approve):
        engine = self.open()
        turn = engine.execute("s", self.work_dir, ASKS, approve=approve)
        (result,) = of_type(list(turn), ToolResult)
        engine.close()
        return result

    def test_a_function_decides(self):
        changed = Allow({"file_path": "y", "content": "2"})
        table = [
            (lambda request: True, False, '"x"'),
            (lambda request: Allow(), False, '"x"'),
            (lambda request: changed, False, '"y"'),
            (lambda request: False, True, ""),
            (lambda request: Deny("not today"), True, "not today"),
        ]
        for approve, refused, text in table:
            result = self.result(approve)
            self.assertEqual(result.is_error, refused)
            self.assertIn(text, result.text)

    def test_the_function_is_told_what_is_asked(self):
        asked = []
        self.result(lambda request: asked.append(request) or True)
        (request,) = asked
        self.assertEqual(request.tool.name, "Write")
        self.assertEqual(request.tool.input["file_path"], "x")

    def test_a_denial_may_end_the_turn(self):
        turn = self.open().execute(
            "s", self.work_dir, ASKS + "\n!hang-soft", approve=lambda _: Deny("stop", interrupt=True)
        )
        self.assertNotEqual(turn.wait().outcome, "completed")

    def test_the_event_is_answered(self):
        engine = self.open()
        for allowed in (True, False):
            turn = engine.execute("s", self.work_dir, ASKS)
            for event in turn:
                if isinstance(event, PermissionRequest):
                    turn.allow(event) if allowed else turn.deny(event, "no")
                    with self.assertRaises(hotplex.NotFoundError):
                        turn.respond(event, True)
                elif isinstance(event, ToolResult):
                    self.assertEqual(event.is_error, not allowed)

    def test_a_function_that_says_nothing_leaves_it_to_the_reader(self):
        turn = self.open().execute("s", self.work_dir, ASKS, approve=lambda request: None)
        for event in turn:
            if isinstance(event, PermissionRequest):
                turn.allow(event.request_id)
        self.assertEqual(turn.end.outcome, "completed")

    def test_a_coroutine_decides(self):
        async def approve(request):
            await asyncio.sleep(0)
            return Deny("not today")

        async def main():
            async with hotplex.Engine(**self.options()) as engine:
                turn = engine.execute("s", self.work_dir, ASKS, approve=approve)
                return [event async for event in turn if isinstance(event, ToolResult)]

        (result,) = asyncio.run(main())
        self.assertTrue(result.is_error)
        self.assertIn("not today", result.text)

    def test_an_error_of_the_function_is_the_readers(self):
        def approve(request):
            raise KeyError("of the function")

        engine = self.open()
        with self.assertRaisesRegex(KeyError, "of the function"):
            engine.execute("s", self.work_dir, ASKS, approve=approve).wait()
        self.assertEqual(engine.execute("s", self.work_dir, "hello").answer(), "echo: hello")


if __name__ == "__main__":
    unittest.main()
