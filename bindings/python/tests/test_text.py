"""Text that is no Unicode is refused in the package's own error, by whatever takes text."""

import inspect
import unittest

import hotplex

from .kit import Stage

ODD = "caf\udce9"  # What Python makes of a byte that is no UTF-8.

TEXTS = ("str", "Path", "Decision", "Options", "Mapping", "Dict", "Any")
"""What stands in the annotations of parameters that have text in them."""


def public_calls():
    """Each public function, and each method of what has any, by the name it is written with."""
    for name in hotplex.__all__:
        found = getattr(hotplex, name)
        if inspect.isfunction(found):
            yield name, found
    for kind in (hotplex.Engine, hotplex.Turn):
        for name, found in inspect.getmembers(kind, inspect.isfunction):
            # A turn is made by its engine.
            if (kind, name) == (hotplex.Engine, "__init__") or not name.startswith("_"):
                yield f"{kind.__name__}.{name}", found


def takes_text(call):
    parameters = [one for one in inspect.signature(call).parameters.values() if one.name != "self"]
    written = [str(one.annotation) for one in parameters]
    return any(word in annotation for annotation in written for word in TEXTS)


class Text(Stage):
    def rows(self):
        engine = self.open()
        turn = engine.execute("done", self.work_dir, "hello")
        turn.wait()
        execute, folder, check = engine.execute, self.work_dir, hotplex.check
        return {
            "Engine.__init__": [
                lambda: hotplex.Engine(namespace=ODD),
                lambda: hotplex.Engine(guard={"disabled_rules": [ODD]}),
            ],
            "Engine.execute": [
                lambda: execute(ODD, folder, "hello"),
                lambda: execute("s", folder / ODD, "hello"),
                lambda: execute("s", folder, ODD),
                lambda: execute("s", folder, "hello", task_system_prompt=ODD),
                lambda: execute("s", folder, "hello", model=ODD),
                lambda: execute("s", folder, "hello", project=ODD),
            ],
            "Engine.prewarm": [
                lambda: engine.prewarm(folder / ODD),
                lambda: engine.prewarm(folder, model=ODD),
                lambda: engine.prewarm(folder, project=ODD),
            ],
            "Engine.respond": [
                lambda: engine.respond(turn.number, ODD, True),
                lambda: engine.respond(turn.number, "r", hotplex.Deny(ODD)),
                lambda: engine.respond(turn.number, "r", hotplex.Allow({"a": [ODD]})),
            ],
            "Engine.respond_in_session": [
                lambda: engine.respond_in_session(ODD, "r", True),
                lambda: engine.respond_in_session("s", ODD, True),
                lambda: engine.respond_in_session("s", "r", hotplex.Deny(ODD)),
            ],
            "Engine.stop_session": [
                lambda: engine.stop_session(ODD),
                lambda: engine.stop_session("done", ODD),
            ],
            "Engine.session_stats": [lambda: engine.session_stats(ODD)],
            "Engine.check": [
                lambda: engine.check(ODD),
                lambda: engine.check("ls", kind=ODD),
                lambda: engine.check("ls", work_dir=ODD),
                lambda: engine.check("ls", home=ODD),
                lambda: engine.check("ls", user=ODD),
            ],
            "Turn.respond": [
                lambda: turn.respond(ODD, True),
                lambda: turn.respond("r", hotplex.Deny(ODD)),
            ],
            "Turn.allow": [
                lambda: turn.allow(ODD),
                lambda: turn.allow("r", {"a": ODD}),
            ],
            "Turn.deny": [lambda: turn.deny(ODD), lambda: turn.deny("r", ODD)],
            "check": [
                lambda: check(ODD),
                lambda: check("ls", ODD),
                lambda: check("ls", work_dir=ODD),
                lambda: check("ls", home=ODD),
                lambda: check("ls", user=ODD),
                lambda: check("ls", rules=ODD),
            ],
            "log_to": [lambda: hotplex.log_to(2, ODD)],
        }

    def test_half_a_surrogate_pair_is_an_invalid_argument(self):
        for name, calls in self.rows().items():
            for at, call in enumerate(calls):
                with self.subTest(name, row=at):
                    with self.assertRaises(hotplex.InvalidArgumentError) as raised:
                        call()
                    self.assertIn("Unicode", str(raised.exception))

    def test_no_function_that_takes_text_is_left_out(self):
        taking = {name for name, call in public_calls() if takes_text(call)}
        self.assertEqual(taking, set(self.rows()))


if __name__ == "__main__":
    unittest.main()
