/* A conversation that outlives its process and its host: stopped, taken up again, and taken up by a
 * second engine as after a restart.
 *
 *     full [--provider NAME] [PROGRAM]
 */
#include "example.h"

static int turn(hotplex_engine *engine, const char *prompt)
{
    ask(engine, "full", prompt);
    return show_turn(engine);
}

int main(int argc, char **argv)
{
    struct agent agent = take_agent(&argc, &argv);
    hotplex_engine *engine = open_engine(agent);
    int failed = turn(engine, "Remember the number 42. Answer with OK.");

    puts("-- the session is stopped: its process ends, its conversation is kept");
    must(hotplex_stop_session(engine, "full", "the example says so"), NULL, "the stop");
    failed |= turn(engine, "Which number do you remember?");
    close_engine(engine);

    puts("-- another host takes it up");
    engine = open_engine(agent);
    failed |= turn(engine, "And once more: which number?");
    must(hotplex_stop_session(engine, "full", "done"), NULL, "the stop");
    close_engine(engine);
    return failed;
}
