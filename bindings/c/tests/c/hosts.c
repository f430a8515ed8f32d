/* What else hosts do with handles, texts, threads and limits: each call is answered, none ends the host. */
#include "kit.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static const char context[] = "{\"kind\":\"command\",\"work_dir\":\"/tmp\"}";

enum { THREADS = 8, LITTLE_STACK = 512 * 1024 };

static void in_threads(int count, void *(*body)(void *), void *argument)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < count; i++)
        CHECK_INT(0, pthread_create(&threads[i], NULL, body, argument));
    for (int i = 0; i < count; i++)
        CHECK_INT(0, pthread_join(threads[i], NULL));
}

static void *free_it(void *engine)
{
    hotplex_engine_free(engine);
    CHECK_INT(HOTPLEX_MISUSE, hotplex_cancel(engine, 1));
    return NULL;
}

static void an_engine_that_many_threads_free_at_once(void)
{
    for (int round = 0; round < 5; round++) {
        hotplex_engine *engine = open_engine("");
        execute(engine, "s", "!hang-soft");
        in_threads(THREADS, free_it, engine);
    }
}

#ifndef __SANITIZE_ADDRESS__
/* Deeper than any reader of shell should follow, each in its own way. */
static const char *const nested[] = {"$(", "(", "{ ", "\"$(", "$((", "case x in x) ", "bash -c '", "${a:-"};

static void *judge_nested(void *unused)
{
    for (size_t i = 0; i < sizeof nested / sizeof *nested; i++) {
        size_t part = strlen(nested[i]), size = part * 20000;
        char *text = malloc(size);
        CHECK(text != NULL);
        for (size_t at = 0; at < size; at += part)
            memcpy(text + at, nested[i], part);
        int32_t status = hotplex_check(NULL, context, text, size, NULL);
        CHECK(status == HOTPLEX_OK || status == HOTPLEX_BLOCKED);
        free(text);
    }
    return unused;
}

static void a_thread_with_little_stack(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    CHECK_INT(0, pthread_attr_init(&attributes));
    CHECK_INT(0, pthread_attr_setstacksize(&attributes, LITTLE_STACK));
    CHECK_INT(0, pthread_create(&thread, &attributes, judge_nested, NULL));
    CHECK_INT(0, pthread_join(thread, NULL));
    pthread_attr_destroy(&attributes);
}
#endif

struct asked {
    hotplex_engine *engine;
    int ends;
};

/* Answers the question of one turn, and begins another one at its end. */
static void answer_and_go_on(const hotplex_event *event, void *user_data)
{
    struct asked *asked = user_data;
    char request[64];
    switch (hotplex_event_get_type(event)) {
    case HOTPLEX_EVENT_PERMISSION_REQUEST:
        copy_value(event, "request_id", request, sizeof request);
        CHECK_INT(HOTPLEX_OK, hotplex_respond(asked->engine, hotplex_event_turn(event), request,
                                              "{\"behavior\":\"allow\"}", NULL));
        break;
    case HOTPLEX_EVENT_TURN_END:
        CHECK_HAS(hotplex_event_json(event, NULL), "\"outcome\":\"completed\"");
        if (++asked->ends < 3)
            execute(asked->engine, asked->ends == 1 ? "s" : "other", "!bash true");
    }
}

static void a_callback_that_answers_and_begins_turns(void)
{
    struct asked asked = {open_engine(""), 0};
    execute(asked.engine, "s", "!bash true");
    while (asked.ends < 3)
        CHECK(hotplex_dispatch(asked.engine, answer_and_go_on, &asked, PATIENCE_MS) > 0);
    close_engine(asked.engine);
}

/* A lone surrogate as some languages encode it, a byte of Latin-1, a sequence that is cut, an overlong NUL. */
static const char *const no_text[] = {"\xed\xa0\x80", "caf\xe9", "\xf0\x9f\x98", "\xc0\x80"};

#define REFUSED(call)                                                                              \
    do {                                                                                           \
        char *error = NULL;                                                                        \
        CHECK_INT(HOTPLEX_INVALID_ARGUMENT, call);                                                 \
        hotplex_string_free(error);                                                                \
    } while (0)

static void texts_that_are_none(void)
{
    hotplex_engine *engine = open_engine(""), *none = NULL;
    const char *config = "{\"session_id\":\"s\",\"work_dir\":\"/tmp\"}";
    uint64_t turn = 0;
    char *out = NULL, odd[128];
    for (size_t i = 0; i < sizeof no_text / sizeof *no_text; i++) {
        const char *text = no_text[i];
        snprintf(odd, sizeof odd, "{\"session_id\":\"%s\",\"work_dir\":\"/tmp\"}", text);
        REFUSED(hotplex_engine_new(text, &none, &error));
        REFUSED(hotplex_execute(engine, odd, "p", 1, &turn, &error));
        REFUSED(hotplex_execute(engine, config, text, strlen(text), &turn, &error));
        REFUSED(hotplex_prewarm(engine, odd, 1, &error));
        REFUSED(hotplex_respond(engine, 1, text, "{\"behavior\":\"allow\"}", &error));
        REFUSED(hotplex_respond(engine, 1, "r", text, &error));
        REFUSED(hotplex_respond_in_session(engine, text, "r", "{\"behavior\":\"allow\"}", &error));
        REFUSED(hotplex_stop_session(engine, text, NULL));
        REFUSED(hotplex_stop_session(engine, "s", text));
        REFUSED(hotplex_stats_json(engine, text, &out));
        REFUSED(hotplex_check(engine, context, text, strlen(text), &out));
        REFUSED(hotplex_check(NULL, text, "ls", 2, &out));
        REFUSED(hotplex_set_guard(engine, text, &error));
        REFUSED(hotplex_log_to_fd(2, text));
    }
    CHECK(!none && !out && turn == 0);
    close_engine(engine);
}

static void lengths_and_numbers_that_are_none(void)
{
    hotplex_engine *engine = open_engine("");
    const char *config = "{\"session_id\":\"s\",\"work_dir\":\"/tmp\"}";
    uint64_t turn = 0;
    hotplex_event *event = NULL;
    REFUSED(hotplex_execute(engine, config, "p", SIZE_MAX, &turn, &error));
    REFUSED(hotplex_check(engine, context, "ls", SIZE_MAX, NULL));
    CHECK_INT(HOTPLEX_TIMEOUT, hotplex_next_events(engine, &event, SIZE_MAX, 0));
    CHECK_INT(HOTPLEX_NOT_FOUND, hotplex_cancel(engine, UINT64_MAX));
    CHECK_INT(HOTPLEX_NOT_FOUND, hotplex_turn_pause(engine, 0, INT_MIN));
    CHECK_TEXT("unknown status", hotplex_status_string(INT_MIN));
    CHECK_INT(HOTPLEX_OK, hotplex_engine_shutdown(engine, INT_MAX));
    CHECK_INT(HOTPLEX_OK, hotplex_engine_shutdown(engine, INT_MIN));
    close_engine(engine);
}

static void an_error_from_before_is_overwritten(void)
{
    uint64_t turn = 0;
    char *error = (char *)(uintptr_t)1;
    hotplex_engine *engine = open_engine("");
    CHECK_OK(try_execute(engine, "s", "hello", &turn, &error), error);
    CHECK(!error);
    expect_end(engine, turn, "completed");
    error = (char *)(uintptr_t)1;
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_execute(engine, "{}", "p", 1, &turn, &error));
    CHECK_HAS(error, "session_id");
    hotplex_string_free(error);
    close_engine(engine);
}

/* `ulimit -f`, and a signal that ends whoever does not expect it. */
static void a_log_in_a_file_that_may_not_grow(void)
{
    char path[4096];
    struct rlimit before, none;
    snprintf(path, sizeof path, "%s/log", from_environment("STAGE"));
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    CHECK(fd >= 0);
    CHECK_INT(0, getrlimit(RLIMIT_FSIZE, &before));
    none = before;
    none.rlim_cur = 0;
    CHECK(signal(SIGXFSZ, SIG_DFL) != SIG_ERR);
    hotplex_engine *engine = open_engine("");
    CHECK_INT(0, setrlimit(RLIMIT_FSIZE, &none));
    CHECK_INT(HOTPLEX_OK, hotplex_log_to_fd(fd, "trace"));
    const char *guard = "{\"enabled\":false}"; /* is logged, on this thread */
    CHECK_INT(HOTPLEX_OK, hotplex_set_guard(engine, guard, NULL));
    echo(engine, "s");
    CHECK_INT(HOTPLEX_OK, hotplex_log_to_fd(-1, "off"));
    CHECK_INT(0, setrlimit(RLIMIT_FSIZE, &before));
    struct stat found;
    CHECK_INT(0, fstat(fd, &found));
    CHECK_INT(0, found.st_size);
    close_engine(engine);
    close(fd);
}

static void each_descriptor_of_events_is_its_own(void)
{
    hotplex_engine *engine = open_engine("");
    int first = hotplex_event_fd(engine), second = hotplex_event_fd(engine);
    CHECK(first >= 0 && second >= 0 && first != second);
    CHECK_INT(0, close(first));
    uint64_t turn = execute(engine, "s", "hello");
    struct pollfd wait = {.fd = second, .events = POLLIN};
    CHECK_INT(1, poll(&wait, 1, PATIENCE_MS));
    expect_end(engine, turn, "completed");
    close_engine(engine);
    expect_end_of_file(second);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(an_engine_that_many_threads_free_at_once),
#ifndef __SANITIZE_ADDRESS__
        /* Its frames are several times as large. */
        TEST(a_thread_with_little_stack),
#endif
        TEST(a_callback_that_answers_and_begins_turns),
        TEST(texts_that_are_none),
        TEST(lengths_and_numbers_that_are_none),
        TEST(an_error_from_before_is_overwritten),
        TEST(a_log_in_a_file_that_may_not_grow),
        TEST(each_descriptor_of_events_is_its_own),
    };
    return RUN(tests);
}
