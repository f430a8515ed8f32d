/* A child of fork() is told what stayed with its parent, begins afresh, and harms nothing. */
#include "kit.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static const char context[] = "{\"kind\":\"command\",\"work_dir\":\"/tmp\"}";

/* Runs the body in a child and waits for its word. The child ends without an exit, at which tools
 * would look for what the parent's threads hold. */
#define IN_CHILD(...)                                                                              \
    do {                                                                                           \
        int ends_[2];                                                                              \
        CHECK_INT(0, pipe(ends_));                                                                 \
        pid_t child_ = fork();                                                                     \
        if (child_ == 0) {                                                                         \
            __VA_ARGS__;                                                                           \
            CHECK_INT(1, write(ends_[1], "!", 1));                                                 \
            raise(SIGKILL);                                                                        \
        }                                                                                          \
        close(ends_[1]);                                                                           \
        struct pollfd word_ = {.fd = ends_[0], .events = POLLIN};                                  \
        int came_ = poll(&word_, 1, PATIENCE_MS);                                                  \
        char said_ = 0;                                                                            \
        int length_ = came_ == 1 ? (int)read(ends_[0], &said_, 1) : -1;                            \
        close(ends_[0]);                                                                           \
        kill(child_, SIGKILL);                                                                     \
        CHECK_INT(child_, waitpid(child_, NULL, 0));                                               \
        if (length_ != 1)                                                                          \
            FAIL("the child %s", length_ < 0 ? "hangs" : "failed");                                \
    } while (0)

static void begin_afresh(void)
{
    CHECK_INT(HOTPLEX_OK, hotplex_check(NULL, context, "ls", 2, NULL));
    hotplex_engine *own = open_engine("");
    echo(own, "own");
    close_engine(own);
}

/* Everything that takes a handle, in the child. */
static void expect_forked(hotplex_engine *engine)
{
    const char *config = "{\"session_id\":\"s\",\"work_dir\":\"/tmp\"}";
    const char *yes = "{\"behavior\":\"allow\"}";
    uint64_t turn = 0;
    char *text = NULL, *error = NULL;
    CHECK_INT(HOTPLEX_FORKED, hotplex_engine_shutdown(engine, 0));
    CHECK_INT(HOTPLEX_FORKED, hotplex_prewarm(engine, config, 1, &error));
    CHECK_HAS(error, "fork");
    hotplex_string_free(error);
    CHECK_INT(HOTPLEX_FORKED, hotplex_execute(engine, config, "p", 1, &turn, NULL));
    CHECK_INT(HOTPLEX_FORKED, hotplex_respond(engine, 1, "r", yes, NULL));
    CHECK_INT(HOTPLEX_FORKED, hotplex_cancel(engine, 1));
    CHECK_INT(HOTPLEX_FORKED, hotplex_turn_pause(engine, 1, 1));
    CHECK_INT(HOTPLEX_FORKED, hotplex_stop_session(engine, "s", NULL));
    CHECK_INT(HOTPLEX_FORKED, hotplex_sessions_json(engine, &text));
    CHECK_INT(HOTPLEX_FORKED, hotplex_stats_json(engine, NULL, &text));
    CHECK_INT(HOTPLEX_FORKED, hotplex_set_guard(engine, "{}", NULL));
    CHECK_INT(HOTPLEX_FORKED, hotplex_check(engine, context, "ls", 2, &text));
    CHECK_INT(HOTPLEX_FORKED, hotplex_next_events(engine, &(hotplex_event *){0}, 1, -1));
    CHECK_INT(HOTPLEX_FORKED, hotplex_drain_json(engine, NULL, 0, NULL));
    CHECK_INT(HOTPLEX_FORKED, hotplex_event_fd(engine));
    hotplex_engine_free(engine);
    CHECK_INT(HOTPLEX_FORKED, hotplex_cancel(engine, 1));
}

static void a_child_is_told_and_the_parent_goes_on(void)
{
    hotplex_engine *engine = open_engine("");
    uint64_t turn = execute(engine, "s", "hello");
    hotplex_event *answer = next_of(engine, HOTPLEX_EVENT_ANSWER);
    IN_CHILD({
        expect_forked(engine);
        CHECK_TEXT("echo: hello", hotplex_event_text(answer, NULL));
        hotplex_event_free(answer);
        begin_afresh();
        expect_forked(engine);
    });
    hotplex_event_free(answer);
    expect_end(engine, turn, "completed");
    echo(engine, "s");
    close_engine(engine);
}

static void workers_of_a_master_that_closed_its_engine_open_theirs(void)
{
    hotplex_engine *engine = open_engine("");
    echo(engine, "s");
    close_engine(engine);
    for (int worker = 0; worker < 3; worker++)
        IN_CHILD(begin_afresh());
    hotplex_engine *again = open_engine("");
    IN_CHILD({
        expect_forked(engine);
        begin_afresh();
        /* A worker may be a master itself. */
        IN_CHILD({
            expect_forked(again);
            begin_afresh();
        });
    });
    echo(again, "s");
    close_engine(again);
}

/* A child that lives on has no end of the engine's pipes. */
static void a_child_that_lives_keeps_nothing_open(void)
{
    hotplex_engine *engine = open_engine(",\"kill_grace_ms\":60000");
    echo(engine, "s");
    int fd = hotplex_event_fd(engine);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            pause();
    }
    int64_t start = now_ms();
    hotplex_engine_free(engine);
    struct pollfd end = {.fd = fd, .events = POLLIN};
    char bytes[64];
    do
        CHECK_INT(1, poll(&end, 1, PATIENCE_MS / 2));
    while (read(fd, bytes, sizeof bytes) > 0);
    /* Its agent saw the end of its input, and needed none of the grace. */
    CHECK(now_ms() - start < 30000);
    close(fd);
    await_quiet();
    CHECK_INT(0, kill(child, SIGKILL));
    CHECK_INT(child, waitpid(child, NULL, 0));
}

#ifndef __SANITIZE_ADDRESS__
static atomic_int is_over;

static void *hammer(void *engine)
{
    while (!is_over) {
        char *text = NULL;
        if (hotplex_sessions_json(engine, &text) == HOTPLEX_OK)
            hotplex_string_free(text);
        hotplex_check(NULL, context, "ls", 2, NULL);
        hotplex_cancel(engine, 1);
        hotplex_log_to_fd(2, "error");
    }
    return NULL;
}

static void a_fork_in_the_middle_of_other_threads_calls(void)
{
    hotplex_engine *engine = open_engine("");
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        CHECK_INT(0, pthread_create(&threads[i], NULL, hammer, engine));
    for (int i = 0; i < 30; i++)
        IN_CHILD({
            CHECK_INT(HOTPLEX_FORKED, hotplex_cancel(engine, 1));
            CHECK_INT(HOTPLEX_OK, hotplex_check(NULL, context, "ls", 2, NULL));
            CHECK_INT(HOTPLEX_OK, hotplex_log_to_fd(2, "error"));
            hotplex_engine_free(open_engine(""));
        });
    is_over = 1;
    for (int i = 0; i < 3; i++)
        CHECK_INT(0, pthread_join(threads[i], NULL));
    echo(engine, "s");
    close_engine(engine);
    CHECK_INT(HOTPLEX_OK, hotplex_log_to_fd(-1, "off"));
}
#endif

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(a_child_is_told_and_the_parent_goes_on),
        TEST(workers_of_a_master_that_closed_its_engine_open_theirs),
        TEST(a_child_that_lives_keeps_nothing_open),
#ifndef __SANITIZE_ADDRESS__
        /* AddressSanitizer's allocator (seen with GCC 12) keeps the locks that other threads held at
         * the fork: its child hangs in malloc, now and then. */
        TEST(a_fork_in_the_middle_of_other_threads_calls),
#endif
    };
    return RUN(tests);
}
