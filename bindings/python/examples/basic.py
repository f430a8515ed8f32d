"""Several turns in one session: the first starts an agent, the others go to the same process.

    python basic.py [--provider NAME] [--program PATH] [PROMPT...]
"""

import tempfile

import hotplex
from agent import arguments


def play(turn: hotplex.Turn) -> None:
    """Shows what happens in a turn, up to its end."""
    for event in turn:
        if isinstance(event, hotplex.SessionStart):
            print(f"[agent {event.pid}, {'resumed' if event.resumed else 'new'}]")
        elif isinstance(event, hotplex.ToolUse):
            print(f"[uses {event.tool.name}: {event.tool.summary}]")
        elif isinstance(event, hotplex.Answer):
            print(event.text)
        elif isinstance(event, hotplex.TurnEnd):
            print(f"[{event.outcome} after {event.stats.total_duration_ms} ms]")


def main() -> None:
    agent, given = arguments("Several turns in one session.")
    prompts = given or ["Remember the number 42.", "Which number was it?", "Add one to it."]
    with tempfile.TemporaryDirectory() as work_dir, hotplex.Engine(**agent) as engine:
        for prompt in prompts:
            print(f"> {prompt}")
            play(engine.execute("basic", work_dir, prompt))
        agents = {session.pid for session in engine.sessions()}
        print(f"{engine.session_stats('basic').turns} turns, {len(agents)} agent")


main()
