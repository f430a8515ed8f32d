/* Many engines, many sessions. */
#include "kit.h"

static void a_hundred_engines(void)
{
    enum { ENGINES = 100, AT_WORK = 10 };
    static hotplex_engine *engines[ENGINES];
    for (int i = 0; i < ENGINES; i++)
        engines[i] = open_engine("");
    for (int i = 0; i < ENGINES; i += ENGINES / AT_WORK)
        echo(engines[i], "s");
    /* All begin to close before the first is waited for. */
    for (int i = 0; i < ENGINES; i++)
        CHECK_INT(HOTPLEX_OK, hotplex_engine_shutdown(engines[i], -1));
    for (int i = 0; i < ENGINES; i++)
        close_engine(engines[i]);
}

/* More sessions than there may be agents: those that are idle make room. */
static void a_thousand_sessions(void)
{
    enum { SESSIONS = 1000 };
    hotplex_engine *engine = open_engine(",\"max_sessions\":16,\"queue_turns\":1000");
    static char ended[SESSIONS + 1];
    for (int i = 1; i <= SESSIONS; i++) {
        char session[16];
        snprintf(session, sizeof session, "s%d", i);
        CHECK_INT(i, (int)execute(engine, session, "hello"));
    }
    for (int left = SESSIONS; left > 0;) {
        hotplex_event *end = next_of(engine, HOTPLEX_EVENT_TURN_END);
        CHECK(has(end, "\"outcome\":\"completed\""));
        CHECK(!ended[hotplex_event_turn(end)]++);
        hotplex_event_free(end);
        left--;
    }
    close_engine(engine);
}

int main(int argc, char **argv)
{
    static const test tests[] = {TEST(a_hundred_engines), TEST(a_thousand_sessions)};
    return RUN(tests);
}
