"""Providers say where their programs are, and which they are."""

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import hotplex


class Providers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="hotplex-python-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.program = self.folder / "claude"
        self.program.write_text("#!/bin/sh\necho '4.5.6 (Claude Code)'\n")
        self.program.chmod(0o755)
        path = mock.patch.dict(os.environ, PATH=str(self.folder))
        path.start()
        self.addCleanup(path.stop)

    def test_a_program_that_is_there_says_its_version(self):
        listed = {one.name: one for one in hotplex.providers(30)}
        claude, codex = listed["claude-code"], listed["codex"]
        self.assertEqual((str(self.program), "4.5.6"), (claude.program, claude.version))
        self.assertEqual("every_call", claude.capabilities.gate)
        self.assertEqual((None, None), (codex.program, codex.version))
        self.assertEqual([str(self.folder / "codex")], codex.looked_at)

    def test_without_a_time_no_program_is_started(self):
        listed = {one.name: one for one in hotplex.providers(0)}
        claude = listed["claude-code"]
        self.assertEqual((str(self.program), None), (claude.program, claude.version))


if __name__ == "__main__":
    unittest.main()
