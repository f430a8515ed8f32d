/* A session that persists: the second turn goes to the same process, which knows what was said in
 * the first, and does not wait for a start.
 *
 *     basic [--provider NAME] [PROGRAM]
 */
#include "example.h"

int main(int argc, char **argv)
{
    hotplex_engine *engine = open_engine(take_agent(&argc, &argv));
    ask(engine, "basic", "My favourite colour is green. Answer with OK.");
    int failed = show_turn(engine);
    ask(engine, "basic", "What is my favourite colour?");
    failed |= show_turn(engine);

    char *stats = NULL;
    must(hotplex_stats_json(engine, "basic", &stats), NULL, "the figures");
    puts(stats);
    hotplex_string_free(stats);
    close_engine(engine);
    return failed;
}
