"""What the library tells and takes, as `schema/` has it for all languages, is all here."""

import dataclasses
import inspect
import json
import unittest
from pathlib import Path

import hotplex
from hotplex import _library, errors, events, figures, listing, options, words
from hotplex._reading import read

SCHEMA = Path(__file__).resolve().parent.parent.parent.parent / "schema"


def schema(name):
    return json.loads((SCHEMA / name).read_text(encoding="utf-8"))


def told(value):
    """A value as the JSON tells it: dataclasses are objects, without the fields that were not told."""
    if dataclasses.is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: told(part) for key, part in value.items()}
    return [told(part) for part in value] if isinstance(value, list) else value


class Words(unittest.TestCase):
    maxDiff = None

    def assert_complete(self, example, value):
        """Nothing of the example is missing; what is not in it has a default."""
        seen = told(value)
        self.assertEqual(example, common(seen, example), type(value).__name__)

    def test_every_event_is_read_whole(self):
        for example in schema("events.json"):
            event = events.parse(json.dumps(example).encode())
            self.assertIsNotNone(event, example["type"])
            kind = "".join(word.capitalize() for word in example["type"].split("_"))
            self.assertEqual(type(event).__name__, kind)
            del example["type"]
            self.assert_complete(example, event)

    def test_every_figure_and_verdict_is_read_whole(self):
        table = [
            ("sessions.json", figures.session_info),
            ("engine_stats.json", lambda it: read(figures.EngineStats, it)),
            ("session_stats.json", figures.session_stats),
            ("providers.json", listing.provider),
            ("verdicts.json", lambda it: read(figures.Verdict, it)),
        ]
        for name, reader in table:
            for example in schema(name):
                with self.subTest(file=name):
                    self.assert_complete(example, reader(example))

    def test_the_words_are_the_librarys(self):
        known = {name: list(getattr(words, name.upper(), ())) for name in schema("words.json")}
        told_types = schema("words.json")["event_types"]
        known["event_types"] = [kind for kind in told_types if kind in events._READERS]
        self.assertEqual(schema("words.json"), known)
        self.assertEqual(len(events._READERS), len(known["event_types"]))

    def test_the_numbers_are_the_librarys(self):
        abi = schema("abi.json")
        self.assertEqual(abi["abi_version"], _library.ABI_VERSION)
        self.assertEqual(abi["event_types"]["turn_end"], events.TURN_END)
        statuses = {number for number in abi["statuses"].values() if number < 0}
        self.assertEqual(statuses, set(errors._CLASSES))
        for name, number in abi["statuses"].items():
            if number < 0:
                kind = {"timeout": "TimedOut"}.get(name) or name.title().replace("_", "")
                self.assertEqual(errors._CLASSES[number].__name__, f"{kind}Error")

    def test_every_option_is_known(self):
        known = schema("options.json")
        for part, kind in (("engine", options.EngineOptions), ("guard", options.GuardOptions)):
            rows = known[part]
            names = {name for row in rows for name in [row["name"], *row.get("aliases", [])]}
            self.assertEqual(names, set(kind.__annotations__), part)
        calls = [
            ("turn", hotplex.Engine.execute, {"prompt", "approve"}),
            ("warm_up", hotplex.Engine.prewarm, {"count"}),
            ("check", hotplex.check, {"text"}),
        ]
        for part, call, own in calls:
            names = {row["name"] for row in known[part]} | own
            parameters = set(inspect.signature(call).parameters)
            self.assertEqual(names, parameters - {"self"}, part)


def common(seen, example):
    """Of what was seen, what the example has a word for, at every depth."""
    if isinstance(seen, dict) and isinstance(example, dict):
        return {key: common(seen[key], part) for key, part in example.items() if key in seen}
    return seen


if __name__ == "__main__":
    unittest.main()
