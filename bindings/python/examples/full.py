"""A session that outlives its agent and its engine, in coroutines: restart with resume, explicit stop,
approvals and figures.

    python full.py [--provider NAME] [--program PATH] [FIRST_PROMPT [SECOND_PROMPT]]
"""

import asyncio
import tempfile
from typing import List

import hotplex
from agent import arguments

SESSION = "full"


def approve(request: hotplex.PermissionRequest) -> hotplex.Decision:
    """Lets the agent read, and nothing else."""
    if request.tool.name in ("Read", "Grep", "Glob"):
        return True
    return hotplex.Deny("reading only, please")


async def ask(engine: hotplex.Engine, work_dir: str, prompt: str) -> None:
    print(f"> {prompt}")
    async for event in engine.execute(SESSION, work_dir, prompt, approve=approve):
        if isinstance(event, hotplex.SessionStart):
            print(f"[agent {event.pid}, {'resumed' if event.resumed else 'new'}]")
        elif isinstance(event, hotplex.Notice):
            print(f"[{event.code}: {event.text}]")
        elif isinstance(event, hotplex.Answer):
            print(event.text)
        elif isinstance(event, hotplex.TurnEnd):
            stats = event.stats
            print(f"[{event.outcome}: {stats.output_tokens} tokens, {stats.total_cost_usd:.4f} dollars]")


async def main(agent: hotplex.EngineOptions, first: str, second: str) -> None:
    with tempfile.TemporaryDirectory() as work_dir:
        async with hotplex.Engine(**agent) as engine:
            await ask(engine, work_dir, first)
        print("The engine is closed, and its agent with it. Another one takes up the conversation.")
        async with hotplex.Engine(**agent) as engine:
            await ask(engine, work_dir, second)
            engine.stop_session(SESSION, "signed out")
            print("The session is stopped. The next prompt takes it up once more.")
            await ask(engine, work_dir, second)
            stats = engine.stats()
            print(f"{stats.turns_completed} turns completed, {stats.spawned} agents started")


def prompts(given: List[str]) -> List[str]:
    defaults = ["Remember the number 42.", "Which number was it?"]
    return (given + defaults[len(given) :])[:2]


agent, given = arguments("A session that outlives its agent and its engine.")
agent["namespace"] = "full-example"
asyncio.run(main(agent, *prompts(given)))
