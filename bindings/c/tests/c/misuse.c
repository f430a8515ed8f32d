/* What hosts do that was not meant, or that they do for themselves: nothing hangs, crashes or is lost. */
#include "kit.h"

#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

static int stop_reaping;

static void *reap_all(void *unused)
{
    while (!__atomic_load_n(&stop_reaping, __ATOMIC_ACQUIRE)) {
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        poll(NULL, 0, 1);
    }
    return unused;
}

/* A host, or another library in it, that takes the status of every child. */
static void a_host_that_reaps_every_child(void)
{
    pthread_t reaper;
    stop_reaping = 0;
    CHECK_INT(0, pthread_create(&reaper, NULL, reap_all, NULL));
    hotplex_engine *engine = open_engine("");
    for (int round = 0; round < 3; round++) {
        expect_end(engine, execute(engine, "s", "!die 3"), "crashed");
        echo(engine, "s");
    }
    close_engine(engine);
    __atomic_store_n(&stop_reaping, 1, __ATOMIC_RELEASE);
    CHECK_INT(0, pthread_join(reaper, NULL));
}

/* The kernel reaps for it. */
static void a_host_that_ignores_the_end_of_children(void)
{
    void (*before)(int) = signal(SIGCHLD, SIG_IGN);
    hotplex_engine *engine = open_engine("");
    expect_end(engine, execute(engine, "s", "!die 3"), "crashed");
    echo(engine, "s");
    close_engine(engine);
    signal(SIGCHLD, before);
}

static volatile sig_atomic_t alarms;

static void count_alarm(int signal)
{
    alarms += signal == SIGALRM;
}

/* Without SA_RESTART: every wait of this thread is broken off again and again. */
static void a_host_whose_timer_interrupts_every_wait(void)
{
    struct sigaction action = {.sa_handler = count_alarm}, before;
    CHECK_INT(0, sigaction(SIGALRM, &action, &before));
    struct itimerval every = {{0, 2000}, {0, 2000}}, never = {{0, 0}, {0, 0}};
    hotplex_engine *engine = open_engine("");
    CHECK_INT(0, setitimer(ITIMER_REAL, &every, NULL));
    hotplex_event *event = NULL;
    int64_t start = now_ms();
    CHECK_INT(HOTPLEX_TIMEOUT, hotplex_next_events(engine, &event, 1, 200));
    CHECK(now_ms() - start >= 200);
    uint64_t turn = execute(engine, "s", "!sleep 200\n!flood 500 100");
    expect_end(engine, turn, "completed");
    CHECK_INT(0, setitimer(ITIMER_REAL, &never, NULL));
    CHECK(alarms > 10);
    close_engine(engine);
    CHECK_INT(0, sigaction(SIGALRM, &before, NULL));
}

struct nested {
    hotplex_engine *engine;
    int events, ends;
};

static void count(const hotplex_event *event, void *user_data)
{
    struct nested *nested = user_data;
    nested->events++;
    nested->ends += hotplex_event_get_type(event) == HOTPLEX_EVENT_TURN_END;
}

/* Closes the engine, and takes further events where one is being shown: they may come here or later. */
static void close_and_ask(const hotplex_event *event, void *user_data)
{
    struct nested *nested = user_data;
    count(event, nested);
    CHECK_INT(HOTPLEX_OK, hotplex_engine_shutdown(nested->engine, 100));
    int32_t status = hotplex_dispatch(nested->engine, count, nested, 0);
    CHECK(status >= 0 || status == HOTPLEX_TIMEOUT || status == HOTPLEX_CLOSED);
    hotplex_event *other = NULL;
    status = hotplex_next_events(nested->engine, &other, 1, 0);
    CHECK(status == 1 || status == HOTPLEX_TIMEOUT || status == HOTPLEX_CLOSED);
    if (status == 1) {
        count(other, nested);
        hotplex_event_free(other);
    }
}

static void a_callback_that_closes_and_asks_for_more(void)
{
    struct nested nested = {open_engine(""), 0, 0};
    execute(nested.engine, "s", "!flood 100 10\n!hang-soft");
    int32_t count;
    while ((count = hotplex_dispatch(nested.engine, close_and_ask, &nested, PATIENCE_MS)) >= 0)
        ;
    CHECK_INT(HOTPLEX_CLOSED, count);
    CHECK_INT(1, nested.ends);
    CHECK(nested.events >= 2);
    hotplex_engine_free(nested.engine);
}

static void an_engine_is_freed_over_thousands_of_events(void)
{
    hotplex_engine *engine = open_engine("");
    uint64_t turn = execute(engine, "s", "!flood 10000 100\n!hang-soft");
    CHECK(turn != 0);
    hotplex_event_free(next_of(engine, HOTPLEX_EVENT_ANSWER));
    hotplex_engine_free(engine);
    CHECK_INT(HOTPLEX_MISUSE, hotplex_cancel(engine, turn));
    hotplex_engine_free(engine);
}

static void *read_event(void *event)
{
    CHECK_TEXT("echo: hello", hotplex_event_text(event, NULL));
    CHECK_TEXT("s", hotplex_event_session_id(event));
    CHECK_HAS(hotplex_event_json(event, NULL), "echo: hello");
    return NULL;
}

static void events_outlive_their_engine_and_are_read_by_several_threads(void)
{
    hotplex_engine *engine = open_engine("");
    execute(engine, "s", "hello");
    hotplex_event *answer = next_of(engine, HOTPLEX_EVENT_ANSWER);
    close_engine(engine);
    pthread_t readers[4];
    for (int i = 0; i < 4; i++)
        CHECK_INT(0, pthread_create(&readers[i], NULL, read_event, answer));
    for (int i = 0; i < 4; i++)
        CHECK_INT(0, pthread_join(readers[i], NULL));
    hotplex_event_free(answer);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(a_host_that_reaps_every_child),
        TEST(a_host_that_ignores_the_end_of_children),
        TEST(a_host_whose_timer_interrupts_every_wait),
        TEST(a_callback_that_closes_and_asks_for_more),
        TEST(an_engine_is_freed_over_thousands_of_events),
        TEST(events_outlive_their_engine_and_are_read_by_several_threads),
    };
    return RUN(tests);
}
