"""What users get: the wheel in an empty environment, the README's example, the example programs."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import venv

from .kit import ROOT, Stage, agent, environment, library_path


def example():
    """The one program in the README."""
    (program,) = re.findall(r"```python\n(.*?)```", ROOT.joinpath("README.md").read_text(), re.S)
    return program


class Programs(Stage):
    """Programs that find their agent on the PATH as `claude`, as users' do."""

    def setUp(self):
        super().setUp()
        programs = self.folder / "bin"
        programs.mkdir()
        programs.joinpath("claude").symlink_to(agent())
        self.environment = environment(
            PATH=f"{programs}:{os.environ['PATH']}",
            HOTPLEX_TEST=self.mark,
            # In the work directory, where its jail lets it write.
            STAND_IN_STORE=".",
            XDG_STATE_HOME=str(self.folder / "state"),
            TMPDIR=str(self.folder / "temporary"),
        )
        self.folder.joinpath("temporary").mkdir()

    def run_program(self, *command, **more):
        """What the program says, with what differs from run to run made alike."""
        result = subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            timeout=300,
        )
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        return re.sub(r"agent \d+|\d+ ms|\d+ tokens, [\d.]+ dollars", "...", result.stdout)


class Examples(Programs):
    def test_the_example_of_the_readme(self):
        said = self.run_program(sys.executable, "-c", example())
        self.assertEqual(said.count("echo: "), 2)
        self.assertEqual(said.count("completed in"), 2)

    def test_basic(self):
        said = self.run_program(sys.executable, ROOT / "examples/basic.py", "hello", "history")
        expected = "> hello\n[..., new]\necho: hello\n[completed after ...]\n"
        expected += "> history\nhistory: 1\n[completed after ...]\n2 turns, 1 agent\n"
        self.assertEqual(said, expected)

    def test_another_provider_and_program(self):
        program = self.folder / "speaks-codex"
        program.write_text(f"#!/bin/sh\nexec '{agent()}' --speak codex \"$@\"\n")
        program.chmod(0o700)
        example = [sys.executable, ROOT / "examples/basic.py", "--program", program, "one"]
        for more, variable in ((["--provider", "codex"], ""), ([], "codex")):
            with self.subTest(variable=variable):
                said = self.run_program(*example, *more, HOTPLEX_PROVIDER=variable)
                self.assertIn("echo: one", said)

    def test_full(self):
        said = self.run_program(sys.executable, ROOT / "examples/full.py", "hello", "history")
        self.assertIn("> hello\n[..., new]\necho: hello\n", said)
        self.assertIn("> history\n[..., resumed]\nhistory: 1\n", said)
        self.assertIn("> history\n[..., resumed]\nhistory: 2\n", said)
        self.assertIn("2 turns completed, 2 agents started\n", said)


class Wheel(Programs):
    def test_it_works_in_an_empty_environment(self):
        sources = self.folder / "sources"
        ignored = shutil.ignore_patterns("build", "*.egg-info", "__pycache__")
        shutil.copytree(ROOT, sources, ignore=ignored)
        place = self.folder / "venv"
        venv.create(place, with_pip=True)
        python = place / "bin/python"
        library = {"HOTPLEX_LIBRARY": str(library_path())}
        pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        self.run_program(
            *pip, "wheel", "--no-deps", "--wheel-dir", self.folder, sources, PYTHONPATH="", **library
        )
        (wheel,) = self.folder.glob("*.whl")
        self.assertRegex(wheel.name, r"^hotplex-0\.1\.0-py3-none-manylinux_2_28_.*\.whl$")
        nowhere = {"PYTHONPATH": "", "HOTPLEX_LIBRARY": ""}
        self.run_program(*pip, "install", "--no-index", "--no-deps", wheel, **nowhere)
        said = self.run_program(python, "-c", example() + "\nprint(hotplex.__file__)", **nowhere)
        self.assertEqual(said.count("completed in"), 2)
        self.assertIn(str(place), said)
        installed = next(place.glob("lib/python*/site-packages/hotplex"))
        self.assertTrue(installed.joinpath("py.typed").is_file())
        self.assertTrue(installed.joinpath("libhotplex.so").is_file())


class Types(unittest.TestCase):
    def test_they_hold(self):
        """Where mypy is installed."""
        checker = [sys.executable, "-m", "mypy"]
        if importlib.util.find_spec("mypy") is None:
            self.skipTest("mypy is not installed")
        with tempfile.TemporaryDirectory() as cache:
            checked = subprocess.run([*checker, "--cache-dir", cache], cwd=ROOT, stdout=subprocess.PIPE)
        self.assertEqual(checked.returncode, 0, checked.stdout.decode())


if __name__ == "__main__":
    unittest.main()
