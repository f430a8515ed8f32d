/* Many sessions at once, all of whose events come to one thread, which keeps them apart by the
 * numbers of their turns.
 *
 *     many_sessions [--provider NAME] [PROGRAM [SESSIONS]]
 */
#include "example.h"

struct turn {
    uint64_t number;
    char session[32];
    int answers, ended;
};

static struct turn *find(struct turn *turns, int count, uint64_t number)
{
    for (int i = 0; i < count; i++)
        if (turns[i].number == number)
            return &turns[i];
    return NULL;
}

int main(int argc, char **argv)
{
    hotplex_engine *engine = open_engine(take_agent(&argc, &argv));
    int count = argc > 1 ? atoi(argv[1]) : 10, failed = 0;
    struct turn *turns = calloc((size_t)count, sizeof *turns);
    if (!turns)
        return 1;
    for (int i = 0; i < count; i++) {
        snprintf(turns[i].session, sizeof turns[i].session, "many-%d", i);
        turns[i].number = ask(engine, turns[i].session, "say hello");
    }
    for (int left = count; left > 0;) {
        hotplex_event *event = next_event(engine);
        /* What belongs to no turn has the number 0. */
        struct turn *turn = find(turns, count, hotplex_event_turn(event));
        int32_t type = hotplex_event_get_type(event);
        if (turn && type == HOTPLEX_EVENT_ANSWER)
            turn->answers++;
        if (turn && type == HOTPLEX_EVENT_TURN_END) {
            const char *error = hotplex_event_text(event, NULL);
            printf("%s: %d answers, %s\n", turn->session, turn->answers, error ? error : "completed");
            failed |= error != NULL;
            left--;
        }
        hotplex_event_free(event);
    }
    free(turns);
    close_engine(engine);
    return failed;
}
