/* Ends of engines that somebody hears of: by hotplex_engine_finish(), or with their thread. */
#include "kit.h"

static void finish_tells_when_the_engine_has_ended(void)
{
    hotplex_engine *engine = open_engine("");
    execute(engine, "a", "!text working\n!hang");
    hotplex_event_free(next_of(engine, HOTPLEX_EVENT_ANSWER));
    char *error = NULL;
    CHECK_INT(HOTPLEX_BUSY, hotplex_engine_finish(engine, &error));
    CHECK_HAS(error, "HOTPLEX_CLOSED");
    hotplex_string_free(error);
    CHECK_INT(HOTPLEX_OK, hotplex_engine_shutdown(engine, 100));
    hotplex_event *event = NULL;
    int32_t count;
    while ((count = hotplex_next_events(engine, &event, 1, 60000)) == 1)
        hotplex_event_free(event);
    CHECK_INT(HOTPLEX_CLOSED, count);
    error = (char *)"";
    CHECK_INT(HOTPLEX_OK, hotplex_engine_finish(engine, &error));
    CHECK(error == NULL);
    CHECK_INT(HOTPLEX_MISUSE, hotplex_engine_finish(engine, NULL));
    hotplex_engine_free(engine);
}

static void *work_and_vanish(void *out)
{
    hotplex_engine **kept = out;
    kept[0] = open_engine("");
    kept[1] = open_engine("");
    for (int i = 0; i < 2; i++)
        CHECK_INT(HOTPLEX_OK, hotplex_engine_free_with_thread(kept[i]));
    execute(kept[0], "a", "!text working\n!hang");
    hotplex_event_free(next_of(kept[0], HOTPLEX_EVENT_ANSWER));
    hotplex_engine_free(kept[1]);
    pthread_exit(NULL);
}

static void an_engine_goes_with_its_thread(void)
{
    hotplex_engine *kept[2] = {NULL, NULL};
    pthread_t thread;
    CHECK_INT(0, pthread_create(&thread, NULL, work_and_vanish, kept));
    CHECK_INT(0, pthread_join(thread, NULL));
    char *sessions = NULL;
    CHECK_INT(HOTPLEX_MISUSE, hotplex_sessions_json(kept[0], &sessions));
    CHECK_INT(HOTPLEX_MISUSE, hotplex_engine_free_with_thread(kept[0]));
    await_quiet();
    hotplex_engine *engine = open_engine("");
    echo(engine, "a");
    close_engine(engine);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(finish_tells_when_the_engine_has_ended),
        TEST(an_engine_goes_with_its_thread),
    };
    return RUN(tests);
}
