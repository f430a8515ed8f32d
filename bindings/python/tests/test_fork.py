"""A child of os.fork() gets a clear error from everything, and its parent notices nothing."""

import unittest

from .kit import Stage


class Fork(Stage):
    def test_the_child_is_told_and_the_parent_goes_on(self):
        result = self.program("""
            import os, sys, threading, warnings
            warnings.simplefilter("ignore", DeprecationWarning)  # Of fork() beside threads.
            engine = hotplex.Engine(**options)
            turn = engine.execute("s", work_dir, "!text a\\n!sleep 300\\n!text b")
            next(turn)
            threading.Thread(target=turn.wait).start()
            child = os.fork()
            if child == 0:
                for call in (
                    lambda: engine.execute("s", work_dir, "hello"),
                    lambda: next(turn),
                    engine.sessions,
                    lambda: hotplex.Engine(**options),
                ):
                    try:
                        call()
                    except hotplex.ForkedError as error:
                        print("forked", flush=True)
                engine.close()
                sys.exit(0)
            _, status = os.waitpid(child, 0)
            print(status, turn.wait().outcome, engine.execute("s", work_dir, "hello").answer())
        """)
        said = "forked\n" * 4 + "0 completed echo: hello\n"
        self.assertEqual((result.stdout, result.stderr), (said, ""))

    def test_a_process_pool_that_forks_does_no_harm(self):
        result = self.program("""
            import multiprocessing, warnings
            warnings.simplefilter("ignore", DeprecationWarning)
            engine = hotplex.Engine(**options)
            engine.execute("s", work_dir, "hello").answer()
            with multiprocessing.get_context("fork").Pool(2) as pool:
                print(pool.map(abs, [-1, -2]))
            print(engine.execute("s", work_dir, "hello").answer())
        """)
        self.assertEqual((result.stdout, result.stderr), ("[1, 2]\necho: hello\n", ""))


if __name__ == "__main__":
    unittest.main()
