/* Exits with an engine at work and nothing freed: no crash, and no agent is left (which whoever
 * runs this finds out). Its last argument says how it ends. */
#include "kit.h"

static void *wait_for_ever(void *engine)
{
    hotplex_event *event = NULL;
    while (hotplex_next_events(engine, &event, 1, -1) == 1)
        hotplex_event_free(event);
    return NULL;
}

static void leave(const hotplex_event *event, void *user_data)
{
    (void)event, (void)user_data;
    exit(7);
}

int main(int argc, char **argv)
{
    CHECK_INT(2, argc);
    hotplex_engine *engine = open_engine("");
    for (int i = 0; i < 3; i++) {
        char session[16];
        snprintf(session, sizeof session, "s%d", i);
        execute(engine, session, "!text working\n!hang");
        hotplex_event_free(next_of(engine, HOTPLEX_EVENT_ANSWER));
    }
    if (strcmp(argv[1], "callback") == 0) {
        execute(engine, "another", "hello");
        while (hotplex_dispatch(engine, leave, NULL, PATIENCE_MS) >= 0)
            ;
    }
    pthread_t other;
    CHECK_INT(0, pthread_create(&other, NULL, wait_for_ever, engine));
    if (strcmp(argv[1], "abort") == 0)
        abort();
    if (strcmp(argv[1], "exit") == 0)
        exit(7);
    if (strcmp(argv[1], "free") == 0)
        hotplex_engine_free(engine);
    return 7;
}
