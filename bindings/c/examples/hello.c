/* Asks one question and prints the answer: the whole of what a blocking caller needs.
 *
 *     hello [--provider NAME] [PROGRAM [PROMPT]]
 *
 * NAME is one of those that hotplex_providers() lists, or in HOTPLEX_PROVIDER; PROGRAM is the agent's
 * program, if not the usual one.
 */
#include "example.h"

int main(int argc, char **argv)
{
    hotplex_engine *engine = open_engine(take_agent(&argc, &argv));
    ask(engine, "hello", argc > 1 ? argv[1] : "say hello");
    int failed = show_turn(engine);
    close_engine(engine);
    return failed;
}
