"""What the tests have in common: a stage of their own for each, and the stand-in agent on it."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
from pathlib import Path

import hotplex
from hotplex._library import library, places

ROOT = Path(__file__).resolve().parent.parent


def in_a_scratch_home():
    """Engines make directories at home for their agents, and no test may leave any at that of whoever
    runs it."""
    home, owner = tempfile.mkdtemp(prefix="hotplex-python-home-"), os.getpid()
    os.environ["HOME"] = home

    @atexit.register
    def gone():
        if os.getpid() == owner:  # and not a child of a fork
            shutil.rmtree(home, ignore_errors=True)


in_a_scratch_home()

NO_CACHES = {"CARGO_HOME": None, "npm_config_cache": None}
"""The caches of whoever runs the tests are not shown to jailed agents: each engine would lay thousands of
links below its state directory, which took more time than all else of a test (measured)."""


def library_path():
    library()  # If it is not there this says where it was looked for.
    return next(place for place in places() if place.is_file()).resolve()


def built(name):
    """A file that cargo built beside the library under test."""
    return library_path().parent / name


def agent():
    named = os.environ.get("HOTPLEX_TEST_AGENT")
    return named or str(built("stand-in-agent"))


def eventually(check, seconds=20.0):
    """What `check` gives once that is true, or when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        result = check()
        if result or time.monotonic() > deadline:
            return result
        time.sleep(0.02)


def marked(mark):
    """The processes that have the mark in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and mark.encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            pass
    return found


class Stage(unittest.TestCase):
    """A test with directories of its own, in which nothing is left running."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="hotplex-python-"))
        self.work_dir = self.folder / "work"
        self.mark = f"python-{os.getpid()}-{self.folder.name}"
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.addCleanup(self.nothing_is_left)

    def nothing_is_left(self):
        left = lambda: [pid for pid in marked(self.mark) if pid != os.getpid()]
        eventually(lambda: not left(), 10)
        self.assertEqual(left(), [], "agents are left")

    def options(self, **more):
        options = {
            "program": agent(),
            "state_dir": self.folder / "state",
            "kill_grace_ms": 2000,
            "env": {"HOTPLEX_TEST": self.mark, **NO_CACHES},
        }
        options["env"].update(more.pop("env", {}))
        options.update(more)
        return options

    def open(self, **more):
        """An engine that is closed when the test ends."""
        engine = hotplex.Engine(**self.options(**more))
        self.addCleanup(engine.close)
        return engine

    def program(self, code, *arguments, **more):
        """Runs a Python program that finds the package, and the options of its engine in `options`."""
        head = f"import hotplex\noptions = {self.plain_options()!r}\nwork_dir = {str(self.work_dir)!r}\n"
        return subprocess.run(
            [sys.executable, "-c", head + textwrap.dedent(code), *arguments],
            env=environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            timeout=60,
        )

    def plain_options(self):
        options = self.options()
        options["state_dir"] = str(options["state_dir"])
        return options


def environment(**more):
    """Of a program that imports the package from here, whatever its directory."""
    known = {"PYTHONPATH": str(ROOT), "HOTPLEX_LIBRARY": str(library_path())}
    return {**os.environ, **known, **more}


def of_type(events, kind):
    return [event for event in events if isinstance(event, kind)]
