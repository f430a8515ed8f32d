"""Three turns with the real agent: text, a tool that is asked about and allowed, and one that is cancelled.
Ends with status 0 if all went well, and else says what did not.

Not run by unittest: the tests with the real agent start it where they have an agent and a model server, as
`python3 bindings/python/tests/real.py` in the variable HOTPLEX_REAL_PYTHON. It finds the options of the
engine in HOTPLEX_REAL_OPTIONS, and the work directory in HOTPLEX_REAL_WORK_DIR.
"""

import asyncio
import json
import os
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import hotplex  # noqa: E402

OPTIONS = json.loads(os.environ["HOTPLEX_REAL_OPTIONS"])
WORK_DIR = os.environ["HOTPLEX_REAL_WORK_DIR"]


def must(holds, what):
    if not holds:
        raise SystemExit(f"not as expected: {what!r}")


def plain(engine):
    answer = engine.execute("python", WORK_DIR, "MODEL:text hello there").answer()
    must(answer == "hello there", answer)


def tool(engine):
    turn = engine.execute("python", WORK_DIR, "MODEL:bash touch asked && echo hi-from-tool")
    asked, results = [], []
    for event in turn:
        if isinstance(event, hotplex.PermissionRequest):
            asked.append(event.tool.name)
            turn.allow(event)
        elif isinstance(event, hotplex.ToolResult):
            results.append(event.text)
    must(asked == ["Bash"], asked)
    must("hi-from-tool" in "".join(results), results)
    must(turn.end.outcome == "completed", turn.end)


def cancelled(engine):
    turn = engine.execute("python", WORK_DIR, "MODEL:hang 30\nMODEL:text never")
    threading.Timer(1, turn.cancel).start()
    end = turn.wait()
    must(end.outcome == "cancelled", end)


async def in_a_loop():
    async with hotplex.Engine(**OPTIONS) as engine:
        turn = engine.execute("python", WORK_DIR, "MODEL:text still there")
        answer = await turn.answer_async()
        must(answer == "still there", answer)


with hotplex.Engine(**OPTIONS) as opened:
    plain(opened)
    tool(opened)
    cancelled(opened)
asyncio.run(in_a_loop())
