"""A child of os.fork() begins afresh; what it does with its parent's engines is an error and harms nobody."""

import textwrap
import unittest

from .kit import Stage

QUIET = """
import multiprocessing, os, sys, threading, time, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # Of fork() beside threads.

def ends_well(child):
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status == 0
        time.sleep(0.01)
    os.kill(child, 9)
    return False

def in_child(body):
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        body()
        sys.exit(0)
    return ends_well(child)

def echo(engine, session="s"):
    return engine.execute(session, work_dir, "hello").answer()

def of_its_own(number=0):
    with hotplex.Engine(**options) as own:
        return echo(own, f"own-{os.getpid()}")
"""


class Fork(Stage):
    def says(self, code, expected):
        result = self.program(QUIET + textwrap.dedent(code))
        self.assertEqual((result.stdout, result.stderr), (expected, ""))

    def test_the_child_is_told_and_the_parent_goes_on(self):
        self.says(
            """
            engine = hotplex.Engine(**options)
            turn = engine.execute("s", work_dir, "!text a\\n!sleep 300\\n!text b")
            next(turn)
            threading.Thread(target=turn.wait).start()
            def child():
                for call in (
                    lambda: engine.execute("s", work_dir, "hello"),
                    lambda: next(turn),
                    engine.sessions,
                    engine.background_events,
                    lambda: engine.check("ls"),
                ):
                    try:
                        call()
                    except hotplex.ForkedError as error:
                        print("forked", flush=True)
                turn.close()
                engine.close()
                print(hotplex.check("ls").verdict, of_its_own(), flush=True)
            print(in_child(child), turn.wait().outcome, echo(engine))
            """,
            "forked\n" * 5 + "allow echo: hello\nTrue completed echo: hello\n",
        )

    def test_workers_of_a_master_open_engines_of_their_own(self):
        self.says(
            """
            with hotplex.Engine(**options) as engine:
                print(echo(engine))
            with multiprocessing.get_context("fork").Pool(2) as pool:
                print(pool.map(of_its_own, range(3)))
            kept = hotplex.Engine(**options)
            with multiprocessing.get_context("fork").Pool(2) as pool:
                print(pool.map(of_its_own, range(3)))
            print(echo(kept))
            """,
            "echo: hello\n" + "['echo: hello', 'echo: hello', 'echo: hello']\n" * 2 + "echo: hello\n",
        )

    def test_a_worker_that_leaves_its_engine_open_leaves_nothing_behind(self):
        self.says(
            """
            engine = hotplex.Engine(**options)
            def child():
                global kept
                kept = hotplex.Engine(**options)
                echo(kept, "child")
            print(in_child(child), echo(engine))
            """,
            "True echo: hello\n",
        )

    def test_locks_of_other_threads_hold_up_no_child(self):
        self.says(
            """
            engine = hotplex.Engine(**options)
            turn = engine.execute("s", work_dir, "!delta 3000 1")
            over = []
            def read():
                for event in turn:
                    pass
            def ask():
                while not over:
                    engine.sessions(); hotplex.check("ls")
            threads = [threading.Thread(target=target) for target in (read, ask, ask)]
            for thread in threads:
                thread.start()
            def child():
                hotplex.check("ls")
                hotplex.Engine(**options).close()
                turn.close()
            print(all(in_child(child) for _ in range(10)))
            over.append(True)
            for thread in threads:
                thread.join()
            print(turn.end.outcome)
            """,
            "True\ncompleted\n",
        )


if __name__ == "__main__":
    unittest.main()
