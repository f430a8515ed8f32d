"""Puts libhotplex.so into the wheel. What does not concern it stands in pyproject.toml.

The library is the one that HOTPLEX_LIBRARY names, else that of ../../target/release.
"""

import os
import re
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
        built = library()
        if not built.is_file():
            raise SystemExit(f"{built} is missing: cargo build --release -p hotplex-capi")
        place = Path(self.build_lib, "hotplex", "libhotplex.so")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(built, place)
        # What debuggers need makes up four fifths of it.
        if shutil.which("strip"):
            subprocess.run(["strip", "--strip-unneeded", str(place)], check=True)


class OfAnyPython(bdist_wheel):
    """ctypes asks for no version of Python, but the library is of one platform."""

    def get_tag(self):
        platform = super().get_tag()[2]
        glibc = newest_glibc(library())
        if glibc and platform.startswith("linux_"):
            # pip knows no wheel without a floor on other machines, and none below 2.28 is promised.
            platform = f"manylinux_2_{max(glibc, 28)}_{platform[len('linux_'):]}"
        return ("py3", "none", platform)


def library():
    return Path(os.environ.get("HOTPLEX_LIBRARY") or BUILT_HERE)


def newest_glibc(path):
    """The minor number of the newest glibc 2 that the library asks for; 0 if it asks for none."""
    versions = re.findall(rb"\0GLIBC_2\.(\d+)(?:\.\d+)?(?=\0)", path.read_bytes())
    return max(map(int, versions), default=0)


class Binary(Distribution):
    def has_ext_modules(self):
        return True


setup(cmdclass={"build_py": WithLibrary, "bdist_wheel": OfAnyPython}, distclass=Binary)
