"""Puts libhotplex.so into the wheel. What does not concern it stands in pyproject.toml.

The library is the one that HOTPLEX_LIBRARY names, else that of ../../target/release.
"""

import os
import shutil
import subprocess
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

BUILT_HERE = Path(__file__).resolve().parent.parent.parent / "target/release/libhotplex.so"


class WithLibrary(build_py):
    def run(self):
        super().run()
        library = Path(os.environ.get("HOTPLEX_LIBRARY") or BUILT_HERE)
        if not library.is_file():
            raise SystemExit(f"{library} is missing: cargo build --release -p hotplex-capi")
        place = Path(self.build_lib, "hotplex", "libhotplex.so")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(library, place)
        # What debuggers need makes up four fifths of it.
        if shutil.which("strip"):
            subprocess.run(["strip", "--strip-unneeded", str(place)], check=True)


class OfAnyPython(bdist_wheel):
    """ctypes asks for no version of Python, but the library is of one platform."""

    def get_tag(self):
        return ("py3", "none", super().get_tag()[2])


class Binary(Distribution):
    def has_ext_modules(self):
        return True


setup(cmdclass={"build_py": WithLibrary, "bdist_wheel": OfAnyPython}, distclass=Binary)
