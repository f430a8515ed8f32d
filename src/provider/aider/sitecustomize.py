"""The engine's part inside aider: asks before files are written and programs started, says when aider waits.

Python loads this before aider's first line, because its directory stands first in PYTHONPATH. An audit hook
cannot be taken out again. Whatever fails here denies.
"""

import builtins
import gc
import importlib.machinery
import importlib.util
import io
import json
import os
import shlex
import signal
import socket
import sys
import threading
import webbrowser

SOCKET = os.environ.pop("HOTPLEX_HOOK_SOCKET", "")
SECRET = os.environ.pop("HOTPLEX_HOOK_SECRET", "")
NONCE = os.environ.pop("HOTPLEX_AIDER_NONCE", "")
CONVERSATION = os.environ.pop("HOTPLEX_AIDER_CONVERSATION", "")
JAILED = os.environ.pop("HOTPLEX_AIDER_JAILED", "") == "1"
TRUSTED = os.environ.pop("HOTPLEX_AIDER_PROJECT", "") == "trusted"

# Files of a project by which it would tell aider what to do. Unless it is trusted, these read in their place:
# nothing, in the form that aider takes.
EMPTY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "empty.yml")
OBEYED = {
    ".aider.conf.yml": EMPTY,
    ".aider.model.settings.yml": EMPTY,
    ".aider.model.metadata.json": EMPTY,
    ".env": os.devnull,
}

# Waits for a line until all modules are loaded: some come with the first answer.
LOADING = 8

# Bytes that an address of a socket has room for.
LONGEST_ADDRESS = 107

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

PYTHONS_OWN = {"codecs", "contextlib", "encodings", "io", "pathlib", "shutil", "tempfile", "tokenize"}

STARTS = {
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.system",
    "pty.spawn",
    "subprocess.Popen",
}

# aider asks for these when it starts, and when it first speaks to a model.
HARMLESS = [["git", "version"], ["uname", "-p"]]

# What the first argument names is changed, and of the last four what the second one names too.
CHANGES = {
    "os.chmod",
    "os.chown",
    "os.mkdir",
    "os.remove",
    "os.removexattr",
    "os.rmdir",
    "os.setxattr",
    "os.truncate",
    "os.utime",
    "shutil.rmtree",
    "sqlite3.connect",
    "os.link",
    "os.rename",
    "os.symlink",
    "shutil.move",
}
TWO_PATHS = {"os.link", "os.rename", "os.symlink", "shutil.move"}


def state_directory():
    home = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(home, "hotplex-aider", CONVERSATION)


def real(path):
    return os.path.realpath(os.path.abspath(os.fsdecode(path)))


# Not empty if the turn was interrupted. A signal may come at any time, and an event has a lock.
INTERRUPTED = []


def interrupt():
    """Ends the turn, and not aider, which leaves when that comes twice within two seconds (0.86.2)."""
    coder = getattr(sys.modules.get("aider.coders.base_coder"), "Coder", None)
    if hasattr(coder, "last_keyboard_interrupt"):
        coder.last_keyboard_interrupt = property(lambda _: None, lambda *_: None)
    INTERRUPTED.append(True)
    raise KeyboardInterrupt


def reader():
    """The package whose code opens the file: the nearest caller that is none of Python's own."""
    frame = sys._getframe(1)
    while frame:
        package = str(frame.f_globals.get("__name__")).split(".")[0]
        if package not in PYTHONS_OWN and package != __name__:
            return package
        frame = frame.f_back
    return ""


class Gate:
    """Asks the engine, one question a connection."""

    def __init__(self):
        self.asking = threading.local()
        aider = os.path.expanduser("~/.aider")
        # Not the whole of it: aider obeys the keys that lie there.
        own = [state_directory(), os.path.join(aider, "caches"), os.path.join(aider, "analytics.json")]
        # Without a jail the directory is everybody's.
        own += [os.environ["TMPDIR"]] if JAILED and os.environ.get("TMPDIR") else []
        self.own = [real(path) for path in own]
        self.prompted = False
        self.work_dir = real(".")

    def is_own(self, path):
        inside = any(path == own or path.startswith(own + os.sep) for own in self.own)
        # Wherever the work directory lies, what is in it is the project's.
        of_project = path == self.work_dir or path.startswith(self.work_dir + os.sep)
        return inside and not of_project or path == os.devnull

    def connect(self, connection):
        directory, name = os.path.split(SOCKET)
        if len(os.fsencode(SOCKET)) <= LONGEST_ADDRESS:
            return connection.connect(SOCKET)
        # The directory is held, and has a short name.
        held = os.open(directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            connection.connect(f"/proc/self/fd/{held}/{name}")
        finally:
            os.close(held)

    def send(self, question):
        with socket.socket(socket.AF_UNIX) as connection:
            # The caller's leave may take long; whoever does not answer in a week is taken for a no.
            connection.settimeout(604800)
            self.connect(connection)
            line = json.dumps({"secret": SECRET, "hook": question})
            connection.sendall(line.encode() + b"\n")
            answer = b""
            while not answer.endswith(b"\n"):
                part = connection.recv(65536)
                if not part:
                    break
                answer += part
        return json.loads(answer)

    def ask(self, question):
        self.asking.now = True
        try:
            answer = self.send(question)
            allowed = answer.get("allow") is True
            ends = answer.get("interrupt") is True
            why = str(answer.get("deny") or "hotplex: the call is denied")
        except Exception as error:  # noqa: BLE001 - whatever fails, denies
            allowed, ends, why = False, False, f"hotplex: the engine does not answer: {error}"
        finally:
            self.asking.now = False
        if ends and not allowed:
            interrupt()
        if not allowed:
            raise PermissionError(why)

    def written(self, path):
        path = real(path)
        if not self.is_own(path):
            self.ask({"write": path, "exists": os.path.lexists(path)})

    def read(self, path):
        """What aider itself reads for its model outside the work directory; how Python works is not asked."""
        path = real(path)
        inside = path == self.work_dir or path.startswith(self.work_dir + os.sep)
        if self.prompted and not inside and not self.is_own(path) and reader() == "aider":
            self.ask({"read": path})

    def started(self, event, arguments):
        command = arguments[{"os.system": 0, "os.startfile": 0, "pty.spawn": 0, "os.spawn": 2}.get(event, 1)]
        if event == "subprocess.Popen" and isinstance(command, list) and command in HARMLESS:
            return
        if isinstance(command, (list, tuple)):
            command = shlex.join(os.fsdecode(word) for word in command)
        self.ask({"run": os.fsdecode(command)})

    def heard(self, event, arguments):
        if getattr(self.asking, "now", False):
            return
        if event == "open":
            path, mode, flags = arguments
            writes = isinstance(mode, str) and any(letter in mode for letter in "wax+")
            writes = writes or isinstance(flags, int) and bool(flags & WRITING)
            if not isinstance(path, int):
                (self.written if writes else self.read)(path)
        elif event in STARTS:
            self.started(event, arguments)
        elif event in CHANGES:
            paths = arguments[: 2 if event in TWO_PATHS else 1]
            for path in paths:
                is_path = isinstance(path, (str, bytes, os.PathLike)) and path != ":memory:"
                # What is there already is not made.
                if is_path and not (event == "os.mkdir" and os.path.isdir(path)):
                    self.written(path)


class Turns:
    """Tells the engine on stdout, between aider's own words, when aider waits for a line and when a prompt is
    whole; passes an interrupt over while there is nothing to interrupt."""

    def __init__(self, gate):
        self.gate = gate
        self.lines = 0
        self.waits = False
        self.tag = None
        self.collected = 0

    def mark(self, word):
        sys.stdout.flush()
        line = f"\x1e{NONCE}{json.dumps([word, self.lines])}\n"
        data = line.encode()
        while data:
            data = data[os.write(1, data) :]

    def waiting(self):
        self.waits = True
        word = "stopped" if INTERRUPTED else "waits"
        INTERRUPTED.clear()
        self.mark(word)
        self.collect()

    def collect(self):
        """Collects garbage here alone, where nobody holds a lock.

        An answer that was not read to its end takes the lock of its connections when it is collected, and
        aider 0.86.2 waits for ever if it holds that lock itself then (httpcore, about one turn in 1500).
        """
        gc.collect()
        self.collected += 1
        if self.collected <= LOADING:
            # What is loaded stays: to look through it each time would take longer than a turn.
            gc.freeze()

    def given(self, line):
        self.waits = False
        self.lines += 1
        if self.tag is None and line.startswith("{"):
            self.tag = line[1:].strip() + "}"
        elif self.tag is not None and line.strip() == self.tag:
            self.tag = None
            self.gate.prompted = True
            self.mark("begins")

    def interrupted(self, *_):
        if self.waits or self.tag is not None:
            return
        interrupt()


def reading_without_the_project(original):
    """`open`, for which the project's own settings are empty files."""

    home = os.path.realpath(os.path.expanduser("~"))

    def open_(file, *arguments, **named):
        if isinstance(file, (str, bytes, os.PathLike)):
            path = os.path.abspath(os.fsdecode(file))
            directory, name = os.path.split(path)
            if name in OBEYED and os.path.realpath(directory) != home:
                file = OBEYED[name]
        return original(file, *arguments, **named)

    return open_


def load_the_one_behind():
    """The machine's or the user's own `sitecustomize`, which ours stands before."""
    here = os.path.dirname(os.path.abspath(__file__))
    rest = [path for path in sys.path if os.path.abspath(path) != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", rest)
    if spec and spec.loader:
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)


def install():
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != here]
    os.environ.pop("PYTHONPATH", None)
    os.environ["AIDER_CHAT_HISTORY_FILE"] = os.path.join(state_directory(), "chat.md")
    os.environ["AIDER_INPUT_HISTORY_FILE"] = os.path.join(state_directory(), "input")
    # Before the gate is there: aider makes them, and their parents, while nobody can be asked.
    for directory in (state_directory(), os.path.expanduser("~/.aider/caches")):
        try:
            os.makedirs(directory, mode=0o700, exist_ok=True)
        except OSError as error:
            sys.stderr.write(f"hotplex: {directory} is not kept: {error}\n")
    gate = Gate()
    turns = Turns(gate)
    gate.ask({"hello": sys.version.split()[0]})

    # The audit events of `input` come with a terminal alone.
    read_line = builtins.input

    # aider's prompt has a line for each file of the chat and is no output of the model: it is not written.
    def input_(_prompt=""):
        turns.waiting()
        line = read_line()
        turns.given(line)
        return line

    builtins.input = input_
    gc.disable()
    # aider answers its own question whether to open what an error names.
    webbrowser.open = lambda *_, **__: False
    signal.signal(signal.SIGINT, turns.interrupted)
    if not TRUSTED:
        builtins.open = io.open = reading_without_the_project(builtins.open)
    sys.addaudithook(gate.heard)


if SOCKET:
    try:
        install()
    except BaseException as failure:  # noqa: BLE001 - without its gate aider does not run
        sys.stderr.write(f"hotplex: {failure}\n")
        sys.stderr.flush()
        os._exit(70)
load_the_one_behind()
