/* Many engines, many sessions; under tools that make them fifty times as slow a tenth of them. */
#include "kit.h"

static int crowd(int size) { return getenv("THIN") ? size / 10 : size; }

static void a_hundred_engines(void)
{
    enum { MOST = 100 };
    const int count = crowd(MOST);
    static hotplex_engine *engines[MOST];
    for (int i = 0; i < count; i++)
        engines[i] = open_engine("");
    for (int i = 0; i < count; i += count / 10)
        echo(engines[i], "s");
    /* All begin to close before the first is waited for. */
    for (int i = 0; i < count; i++)
        CHECK_INT(HOTPLEX_OK, hotplex_engine_shutdown(engines[i], -1));
    for (int i = 0; i < count; i++)
        close_engine(engines[i]);
}

/* More sessions than there may be agents: those that are idle make room. */
static void a_thousand_sessions(void)
{
    enum { MOST = 1000 };
    const int count = crowd(MOST);
    hotplex_engine *engine = open_engine(",\"max_processes\":16,\"queue_turns\":1000");
    static char ended[MOST + 1];
    for (int i = 1; i <= count; i++) {
        char session[16];
        snprintf(session, sizeof session, "s%d", i);
        CHECK_INT(i, (int)execute(engine, session, "hello"));
    }
    for (int left = count; left > 0;) {
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
