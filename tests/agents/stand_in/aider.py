"""The stand-in as aider: text for a person over pipes, in the Python into which the engine loads its part.

The commands are those of `json_rpc.rs`, and mean the same. A reply of the model is what stands before its
`Tokens:` line. `!bash` raises the audit event of a start and starts nothing.
"""

import ctypes
import os
import shlex
import signal
import sys
import time

LIBRARY = ctypes.CDLL(None)
ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def write(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def filler(size):
    return (ALPHABET * (size // 26 + 1))[:size]


REPLIES = []


def end_reply():
    REPLIES.append(1)
    write("\n\nTokens: 10 sent, 5 received.\n\n")


def say(text):
    write(f"\n{text}")
    end_reply()


def stay():
    """Works for ever, deaf to an interrupt."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    while True:
        time.sleep(3600)


def run_beside(command):
    """Not by Python, whose audit hook would ask about it."""
    LIBRARY.system(os.fsencode(f"({command}) </dev/null 2>/dev/null &"))


def conversation():
    """Where the engine's part has aider keep it; kept nowhere if that is not there."""
    return os.environ.get("AIDER_CHAT_HISTORY_FILE", os.devnull)


def turns_before():
    try:
        with open(conversation()) as history:
            return len(history.readlines())
    except OSError:
        return 0


def note_turn():
    with open(conversation(), "a") as history:
        history.write("a turn\n")


def deltas(rest):
    count, pause = map(int, rest.split())
    write("\n")
    for number in range(count):
        write(f"w{number} ")
        time.sleep(pause / 1000)
    end_reply()


def flood(rest):
    count, size = map(int, rest.split())
    for _ in range(count):
        say("x" * size)


def lag(rest):
    """Takes its time with an interrupt, and has the last word."""
    pause, text = rest.split(" ", 1)
    try:
        time.sleep(3600)
    except KeyboardInterrupt:
        time.sleep(int(pause) / 1000)
        say(text)
        raise


def bash(command):
    try:
        sys.audit("os.system", command)
    except PermissionError as error:
        print(error)
        return say("denied")
    if command.startswith("sleep "):
        time.sleep(int(command.removeprefix("sleep ")))
    say("ran")


def fill_stderr(count, size):
    line = filler(size) + "\n"
    for _ in range(count):
        sys.stderr.write(line)
    sys.stderr.flush()


def raw(data):
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.flush()


def end_by_signal(name):
    os.kill(os.getpid(), signal.Signals["SIG" + name])


def re_exec():
    """Its own program in its place. Not by Python, as above."""
    sys.stdout.flush()
    words = [os.fsencode(word) for word in sys.orig_argv]
    array = (ctypes.c_char_p * (len(words) + 1))(*words, None)
    LIBRARY.execv(os.fsencode(sys.executable), array)


def half():
    write("\nhalf a li")
    os._exit(1)


def close_stdout():
    sys.stdout.flush()
    os.close(1)
    stay()


def leave_group():
    """In another process group than its own, where a child stays. Not by Python, as above."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    if LIBRARY.fork() == 0:
        time.sleep(3600)
    other = LIBRARY.fork()
    if other == 0:
        time.sleep(3600)
    LIBRARY.setpgid(other, other)
    LIBRARY.setpgid(0, other)
    stay()


WORDS = {
    "!text": say,
    "!piece": lambda rest: write("\n" + rest),
    "!delta": deltas,
    "!flood": flood,
    "!line": lambda rest: say(filler(int(rest))),
    "!pid": lambda _: say(str(os.getpid())),
    "!sleep": lambda rest: time.sleep(int(rest) / 1000),
    "!hang": lambda _: stay(),
    "!hang-soft": lambda _: time.sleep(3600),
    "!lag": lag,
    "!bash": bash,
    "!die": lambda rest: os._exit(int(rest)),
    "!signal": end_by_signal,
    "!sigstop": lambda _: end_by_signal("STOP"),
    "!plan": lambda rest: say("\n".join(f"step {number}" for number in range(1, int(rest) + 1))),
    "!re-exec-now": lambda _: re_exec(),
    "!half": lambda _: half(),
    "!raw": lambda rest: raw(rest.encode() + b"\n"),
    "!bytes": lambda rest: raw(bytes.fromhex(rest)),
    "!stderr": lambda rest: fill_stderr(*map(int, rest.split())),
    "!stderr-line": lambda rest: fill_stderr(1, int(rest)),
    "!leave-group": lambda _: leave_group(),
    "!close-stdout": lambda _: close_stdout(),
    "!child": lambda rest: run_beside(f"exec >/dev/null; {rest}"),
    "!child-stdout": run_beside,
    "!setsid": lambda rest: run_beside(f"exec setsid /bin/sh -c {shlex.quote(rest)} >/dev/null"),
}


def play(prompt):
    before = turns_before()
    note_turn()
    script = [line for line in prompt.split("\n") if line.startswith("!")]
    if not script:
        is_question = prompt.split("\n")[-1] == "history"
        say(f"history: {before}" if is_question else f"echo: {prompt}")
    after = [line for line in script if line in ("!die-after", "!double-result", "!re-exec")]
    for line in script:
        if line not in after:
            word, _, rest = line.partition(" ")
            WORDS[word](rest)
    # No turn is without a reply, if only an empty one.
    if not REPLIES:
        end_reply()
    REPLIES.clear()
    return after


# aider 0.86.2 asks for a line with the name of every file of the chat.
FILES = "".join(f"src/directory/file_{number}.py\n" for number in range(5000))


class Prompts:
    """Reads them as aider does: a block between a tag and its end."""

    def __init__(self):
        self.lines = 0

    def line(self):
        line = input(FILES + "> ")
        self.lines += 1
        return line

    def next(self):
        end, lines = self.line().removeprefix("{") + "}", []
        while (line := self.line()) != end:
            lines.append(line)
        # The empty line is there for aider alone.
        return "\n".join(lines[1:])

    def say_waiting(self):
        """Where it does not wait."""
        nonce = sys.modules["sitecustomize"].NONCE
        write(f'\x1e{nonce}["waits",{self.lines}]\n')


def take_turn(prompts):
    after = play(prompts.next())
    if "!double-result" in after:
        prompts.say_waiting()
    if "!die-after" in after:
        prompts.say_waiting()
        os._exit(0)
    if "!re-exec" in after:
        re_exec()


def start():
    write(f"Aider v{os.environ.get('STAND_IN_VERSION', '0.86.2')}\n")
    write("Model: stand-in with whole edit format\nGit repo: none\nRepo-map: disabled\n")
    if turns_before():
        write("Restored previous conversation history.\n")
    if "STAND_IN_DIE_OPENING" in os.environ:
        os._exit(4)
    if "STAND_IN_NO_HANDSHAKE" in os.environ:
        stay()


def serve():
    prompts = Prompts()
    while True:
        try:
            take_turn(prompts)
        except KeyboardInterrupt:
            write("\n\n^C again to exit\n")


start()
try:
    serve()
except EOFError:
    if "STAND_IN_IGNORE_EOF" in os.environ:
        stay()
