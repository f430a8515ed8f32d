/* However it ends: every turn gets one end, nobody waits for ever, nothing crashes. */
#include "kit.h"

#include <signal.h>
#include <stdatomic.h>

enum { TURNS = 8 };

struct watch {
    hotplex_engine *engine;
    int32_t last;
    int ends[TURNS + 1];
    /* Another thread looks whether this one waits, and may be in its way. */
    atomic_int is_looked_for;
};

/* Takes events until there are none to come, and counts the ends. */
static void *watch(void *context)
{
    struct watch *watch = context;
    hotplex_event *events[16];
    while ((watch->last = hotplex_next_events(watch->engine, events, 16, PATIENCE_MS)) > 0
           || watch->is_looked_for)
        for (int32_t i = 0; i < watch->last; i++) {
            uint64_t turn = hotplex_event_turn(events[i]);
            CHECK(turn <= TURNS);
            watch->ends[turn] += hotplex_event_get_type(events[i]) == HOTPLEX_EVENT_TURN_END;
            hotplex_event_free(events[i]);
        }
    return NULL;
}

static void begin_turns(hotplex_engine *engine)
{
    for (int turn = 1; turn <= TURNS; turn++) {
        char session[16];
        snprintf(session, sizeof session, "s%d", turn / 2);
        CHECK_INT(turn, (int)execute(engine, session, "!hang-soft"));
    }
}

static void check_ends(const struct watch *watch)
{
    CHECK_INT(HOTPLEX_CLOSED, watch->last);
    for (int turn = 1; turn <= TURNS; turn++)
        CHECK_INT(1, watch->ends[turn]);
}

/* Waits until the other thread is in its call: nobody else can take events then. */
static void await_waiter(struct watch *watch)
{
    hotplex_event *event;
    int64_t end = now_ms() + PATIENCE_MS;
    while (hotplex_next_events(watch->engine, &event, 1, 0) != HOTPLEX_MISUSE)
        CHECK(now_ms() < end);
    watch->is_looked_for = 0;
}

static void shut_down_from_another_thread(void)
{
    struct watch seen = {.engine = open_engine("")};
    begin_turns(seen.engine);
    pthread_t other;
    CHECK_INT(0, pthread_create(&other, NULL, watch, &seen));
    CHECK_INT(HOTPLEX_OK, hotplex_engine_shutdown(seen.engine, 500));
    CHECK_INT(HOTPLEX_OK, hotplex_engine_shutdown(seen.engine, 0));
    uint64_t turn = 0;
    CHECK_INT(HOTPLEX_CLOSED, try_execute(seen.engine, "s", "hello", &turn, NULL));
    CHECK_INT(0, pthread_join(other, NULL));
    check_ends(&seen);
    CHECK_INT(HOTPLEX_CLOSED, hotplex_cancel(seen.engine, 1));
    CHECK_INT(HOTPLEX_CLOSED, hotplex_stop_session(seen.engine, "s", NULL));
    CHECK_INT(HOTPLEX_CLOSED, hotplex_sessions_json(seen.engine, &(char *){NULL}));
    hotplex_engine_free(seen.engine);
}

static void free_under_a_waiter(void)
{
    struct watch seen = {.engine = open_engine(""), .is_looked_for = 1};
    begin_turns(seen.engine);
    /* All that comes before the ends. */
    for (int session = 0; session <= TURNS / 2; session++)
        hotplex_event_free(next_of(seen.engine, HOTPLEX_EVENT_SESSION_START));
    pthread_t other;
    CHECK_INT(0, pthread_create(&other, NULL, watch, &seen));
    await_waiter(&seen);
    int64_t start = now_ms();
    hotplex_engine_free(seen.engine);
    hotplex_engine_free(seen.engine);
    CHECK(now_ms() - start < 1500);
    CHECK_INT(HOTPLEX_MISUSE, hotplex_cancel(seen.engine, 1));
    CHECK_INT(0, pthread_join(other, NULL));
    check_ends(&seen);
    CHECK_INT(HOTPLEX_MISUSE, hotplex_next_events(seen.engine, &(hotplex_event *){0}, 1, 0));
}

static void free_with_turns_running(void)
{
    hotplex_engine *engine = open_engine("");
    begin_turns(engine);
    int fd = hotplex_event_fd(engine);
    hotplex_engine_free(engine);
    expect_end_of_file(fd);
}

static void *hammer(void *engine)
{
    for (int i = 0; i < 2000; i++) {
        uint64_t turn = 0;
        char *text = NULL;
        hotplex_event *event = NULL;
        try_execute(engine, "s", "hello", &turn, NULL);
        if (hotplex_next_events(engine, &event, 1, 0) == 1)
            hotplex_event_free(event);
        if (hotplex_sessions_json(engine, &text) == HOTPLEX_OK)
            hotplex_string_free(text);
        hotplex_cancel(engine, turn);
        hotplex_turn_pause(engine, turn, i % 2);
    }
    return NULL;
}

static void calls_of_many_threads_while_it_is_freed(void)
{
    hotplex_engine *engine = open_engine("");
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CHECK_INT(0, pthread_create(&threads[i], NULL, hammer, engine));
    poll(NULL, 0, 50);
    hotplex_engine_free(engine);
    for (int i = 0; i < 4; i++)
        CHECK_INT(0, pthread_join(threads[i], NULL));
}

/* A host in C does not ignore SIGPIPE: one write to a dead agent would end it. */
static void the_death_of_an_agent_is_no_signal(void)
{
    CHECK(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    hotplex_engine *engine = open_engine("");
    for (int i = 0; i < 20; i++) {
        uint64_t turn = execute(engine, "s", i % 2 ? "!die 1" : "!text bye\n!die-after");
        hotplex_event_free(next_of(engine, HOTPLEX_EVENT_TURN_END));
        CHECK(turn > 0);
    }
    close_engine(engine);
}

static void a_log_that_nobody_reads_is_no_signal(void)
{
    int ends[2];
    CHECK_INT(0, pipe(ends));
    CHECK_INT(HOTPLEX_OK, hotplex_log_to_fd(ends[1], "trace"));
    close(ends[0]);
    close(ends[1]);
    hotplex_engine *engine = open_engine(",\"max_processes\":1");
    char config[4096];
    snprintf(config, sizeof config, "{\"work_dir\":\"%s/work\"}", from_environment("STAGE"));
    CHECK_INT(HOTPLEX_OK, hotplex_prewarm(engine, config, 4, NULL));
    echo(engine, "s");
    close_engine(engine);
    CHECK_INT(HOTPLEX_OK, hotplex_log_to_fd(-1, "off"));
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(shut_down_from_another_thread),
        TEST(free_under_a_waiter),
        TEST(free_with_turns_running),
        TEST(calls_of_many_threads_while_it_is_freed),
        TEST(the_death_of_an_agent_is_no_signal),
        TEST(a_log_that_nobody_reads_is_no_signal),
    };
    return RUN(tests);
}
