"""Which agent an example is to ask, as the examples of all languages read it."""

import argparse
import os
from typing import List, Tuple

import hotplex


def arguments(about: str) -> Tuple[hotplex.EngineOptions, List[str]]:
    """The options of an engine for the agent that the command line names, and what is left of that.

    `--provider NAME`, for which HOTPLEX_PROVIDER stands in, and `--program PATH`.
    """
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--provider", default=os.environ.get("HOTPLEX_PROVIDER"))
    parser.add_argument("--program")
    parser.add_argument("prompts", nargs="*")
    given = parser.parse_args()
    options: hotplex.EngineOptions = {}
    if given.provider:
        options["provider"] = given.provider
    if given.program:
        options["program"] = given.program
    return options, given.prompts
