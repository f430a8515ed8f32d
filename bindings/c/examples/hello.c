/* Asks one question and prints the answer: the whole of what a blocking caller needs.
 *
 *     hello [PROGRAM [PROMPT]]
 *
 * PROGRAM is the agent's program, "claude" if it is left out.
 */
#include "example.h"

int main(int argc, char **argv)
{
    hotplex_engine *engine = open_engine(argc > 1 ? argv[1] : NULL);
    ask(engine, "hello", argc > 2 ? argv[2] : "say hello");
    int failed = show_turn(engine);
    close_engine(engine);
    return failed;
}
