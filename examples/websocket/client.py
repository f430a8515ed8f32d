#!/usr/bin/env python3
"""A client of hotplexd: one prompt in a session.

The answer goes to stdout as it comes, questions of the agent are put to you, Ctrl-C stops it.
Protocol: docs/protocol.md.

    pip install websockets
    python client.py PROMPT [SESSION [WORK_DIR]]

HOTPLEXD_URL         where the daemon is: http://127.0.0.1:8080
HOTPLEXD_TOKEN_FILE  the file with its token

Exit code: 0 completed, 1 failed, 2 wrong usage, 130 stopped.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import os
import signal
import sys
import threading
import unicodedata
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

# Answers carry the number of the request that they answer.
EXECUTE, STOP = 1, 2
EXIT_CODES = {"completed": 0, "error": 1, "stopped": 130}


class Client:
    def __init__(self, socket: ClientConnection, session: str) -> None:
        self.socket = socket
        self.session = session
        self.numbers = itertools.count(STOP + 1)
        # The pieces of an answer that have been written, while it has not ended.
        self.streamed = ""
        # Questions are answered beside the events, one after the other.
        self.asking = asyncio.Lock()
        self.tasks: set[asyncio.Task[None]] = set()

    async def send(self, kind: str, number: int, **more: str) -> None:
        request = {"type": kind, "request_id": number, "session_id": self.session, **more}
        await self.socket.send(json.dumps(request))

    async def run(self, prompt: str, work_dir: str) -> int:
        """One turn; its exit code."""
        loop = asyncio.get_running_loop()

        def stop() -> None:
            # A second Ctrl-C does not wait.
            loop.remove_signal_handler(signal.SIGINT)
            self.beside(self.send("stop", STOP))

        loop.add_signal_handler(signal.SIGINT, stop)
        await self.send("execute", EXECUTE, prompt=prompt, work_dir=work_dir)
        async for text in self.socket:
            frame = json.loads(text)
            self.show(frame["event"], frame["data"])
            # The one end of a turn comes after all its events.
            if frame.get("request_id") == EXECUTE and frame["event"] in EXIT_CODES:
                return EXIT_CODES[frame["event"]]
        note("the daemon has gone")
        return 1

    def show(self, event: str, data: dict[str, Any]) -> None:
        if event == "delta" and data["kind"] == "answer":
            self.streamed += clean(data["text"])
            print(clean(data["text"]), end="", flush=True)
        elif event == "answer":
            # It repeats its pieces. Those that had not been sent yet are not sent any more.
            print(clean(data["text"])[len(self.streamed) :], flush=True)
            self.streamed = ""
        elif event == "tool_use":
            note(f"uses {data['tool']['name']}: {data['tool']['summary']}")
        elif event == "danger_block":
            note(f"blocked: {data['reason']}")
        elif event == "approval_request":
            self.beside(self.answer(data))
        elif event == "error":
            note(data["message"])

    async def answer(self, question: dict[str, Any]) -> None:
        async with self.asking:
            tool = question["tool"]
            note(f"may it use {tool['name']} {json.dumps(tool['input'])}? [y/N]")
            kind = "approve" if await typed_line() == "y" else "deny"
            await self.send(kind, next(self.numbers), approval_id=question["approval_id"])

    def beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


async def typed_line() -> str:
    """A line of stdin, empty at its end. The thread does not keep the program from ending."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def read() -> None:
        with io.FileIO(0, closefd=False) as stdin:
            text = stdin.readline().decode(errors="replace").strip()
        loop.call_soon_threadsafe(line.set_result, text)

    threading.Thread(target=read, daemon=True).start()
    return await line


def clean(text: str) -> str:
    """Without what a terminal would take for orders, or show in another order."""
    return "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cf"))


def note(text: str) -> None:
    print(clean(text), file=sys.stderr, flush=True)


def headers() -> dict[str, str]:
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    usual = state / "hotplex" / "hotplexd.token"
    named = os.environ.get("HOTPLEXD_TOKEN_FILE") or (usual if usual.exists() else None)
    return {"Authorization": f"Bearer {Path(named).read_text().strip()}"} if named else {}


async def main() -> int:
    if not 2 <= len(sys.argv) <= 4:
        note("usage: client.py PROMPT [SESSION [WORK_DIR]]")
        return 2
    prompt, *more = sys.argv[1:]
    session = more[0] if more else "example"
    work_dir = more[1] if more[1:] else os.getcwd()
    url = os.environ.get("HOTPLEXD_URL") or "http://127.0.0.1:8080"
    address = url.replace("http", "ws", 1).rstrip("/") + "/ws/v1/agent"
    try:
        # An answer may be longer than the library takes by itself. No proxy stands before this machine.
        async with connect(
            address,
            subprotocols=[Subprotocol("hotplex.v1")],
            additional_headers=headers(),
            max_size=None,
            proxy=None,
        ) as socket:
            return await Client(socket, session).run(prompt, work_dir)
    except (OSError, WebSocketException) as error:
        note(f"no daemon at {url}, or it has gone: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
