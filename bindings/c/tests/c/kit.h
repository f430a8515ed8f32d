/* A small kit for tests in C: checks that end the program with the place, a table of tests, and an
 * engine over the stand-in agent.
 *
 * The environment names what a test works with: STAND_IN (the agent's program), STAGE (a directory
 * of the test's own).
 */
#ifndef KIT_H
#define KIT_H

#include <hotplex.h>

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Long enough for anything on a busy machine. */
enum { PATIENCE_MS = 60000 };

#define FAIL(...)                                                                                  \
    (fprintf(stderr, "%s:%d: ", __FILE__, __LINE__), fprintf(stderr, __VA_ARGS__),                 \
     fputc('\n', stderr), _Exit(1))

#define CHECK(condition) ((condition) ? (void)0 : FAIL("not so: %s", #condition))

#define CHECK_INT(expected, actual)                                                                \
    do {                                                                                           \
        long long expected_ = (expected), actual_ = (actual);                                      \
        if (expected_ != actual_)                                                                  \
            FAIL("%s is %lld, not %lld", #actual, actual_, expected_);                             \
    } while (0)

#define CHECK_TEXT(expected, actual)                                                               \
    do {                                                                                           \
        const char *expected_ = (expected), *actual_ = (actual);                                   \
        if (!actual_ || strcmp(expected_, actual_) != 0)                                           \
            FAIL("%s is '%s', not '%s'", #actual, actual_ ? actual_ : "(null)", expected_);        \
    } while (0)

#define CHECK_HAS(text, part)                                                                      \
    do {                                                                                           \
        const char *text_ = (text);                                                                \
        if (!text_ || !strstr(text_, (part)))                                                      \
            FAIL("no '%s' in '%s'", (part), text_ ? text_ : "(null)");                             \
    } while (0)

/* Fails with the library's own words. */
#define CHECK_OK(call, error)                                                                      \
    do {                                                                                           \
        int32_t status_ = (call);                                                                  \
        if (status_ != HOTPLEX_OK)                                                                 \
            FAIL("%s: %s: %s", #call, hotplex_status_string(status_), (error) ? (error) : "");     \
    } while (0)

static inline int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline int threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    CHECK(tasks != NULL);
    int count = -2; /* "." and ".." */
    while (readdir(tasks))
        count++;
    closedir(tasks);
    return count;
}

/* Engines that were freed are closed in the background; nothing of them is left in the end. */
static inline void await_quiet(void)
{
    for (int64_t end = now_ms() + PATIENCE_MS; threads() > 1; poll(NULL, 0, 5))
        CHECK(now_ms() < end);
}

typedef struct {
    const char *name;
    void (*run)(void);
} test;

#define TEST(name) {#name, name}

/* Runs all of them, or those that the arguments name. */
static inline int run_tests(const test *tests, size_t count, int argc, char **argv)
{
    for (size_t i = 0; i < count; i++) {
        int wanted = argc < 2;
        for (int a = 1; a < argc; a++)
            wanted |= strcmp(argv[a], tests[i].name) == 0;
        if (!wanted)
            continue;
        fprintf(stderr, "  %s\n", tests[i].name);
        tests[i].run();
    }
    await_quiet();
    return 0;
}

#define RUN(tests) run_tests(tests, sizeof(tests) / sizeof *(tests), argc, argv)

static inline const char *from_environment(const char *name)
{
    const char *value = getenv(name);
    if (!value)
        FAIL("%s is not set", name);
    return value;
}

/* An engine of the stand-in agent, which knows nothing of earlier ones; `more` is further options,
 * such as ",\"max_processes\":2". Without the jail: its first turn tells where a kernel, or valgrind,
 * has none. */
static inline hotplex_engine *open_engine(const char *more)
{
    static int engines;
    char options[4096];
    snprintf(options, sizeof options,
             "{\"program\":\"%s\",\"state_dir\":\"%s/state-%d\",\"jail\":\"off\","
             "\"start_timeout_ms\":60000%s}",
             from_environment("STAND_IN"), from_environment("STAGE"), engines++, more);
    hotplex_engine *engine = NULL;
    char *error = NULL;
    CHECK_OK(hotplex_engine_new(options, &engine, &error), error);
    CHECK(engine && !error);
    return engine;
}

static inline int32_t try_execute(hotplex_engine *engine, const char *session, const char *prompt,
                                  uint64_t *turn, char **error)
{
    char config[4096];
    snprintf(config, sizeof config, "{\"session_id\":\"%s\",\"work_dir\":\"%s/work\"}", session,
             from_environment("STAGE"));
    return hotplex_execute(engine, config, prompt, strlen(prompt), turn, error);
}

static inline uint64_t execute(hotplex_engine *engine, const char *session, const char *prompt)
{
    uint64_t turn = 0;
    char *error = NULL;
    CHECK_OK(try_execute(engine, session, prompt, &turn, &error), error);
    CHECK(turn != 0);
    return turn;
}

static inline hotplex_event *next_event(hotplex_engine *engine)
{
    hotplex_event *event = NULL;
    int32_t count = hotplex_next_events(engine, &event, 1, PATIENCE_MS);
    if (count != 1)
        FAIL("no event: %s", hotplex_status_string(count));
    return event;
}

/* Throws events away up to the first of this type. */
static inline hotplex_event *next_of(hotplex_engine *engine, int32_t type)
{
    for (;;) {
        hotplex_event *event = next_event(engine);
        if (hotplex_event_get_type(event) == type)
            return event;
        hotplex_event_free(event);
    }
}

static inline int has(const hotplex_event *event, const char *part)
{
    return strstr(hotplex_event_json(event, NULL), part) != NULL;
}

/* Takes events up to the end of the turn, which must have this outcome. */
static inline void expect_end(hotplex_engine *engine, uint64_t turn, const char *outcome)
{
    hotplex_event *end = next_of(engine, HOTPLEX_EVENT_TURN_END);
    char expected[64];
    snprintf(expected, sizeof expected, "\"outcome\":\"%s\"", outcome);
    CHECK_INT(turn, hotplex_event_turn(end));
    CHECK_HAS(hotplex_event_json(end, NULL), expected);
    hotplex_event_free(end);
}

/* A turn that must be answered with an echo. */
static inline void echo(hotplex_engine *engine, const char *session)
{
    uint64_t turn = execute(engine, session, "hello");
    hotplex_event *answer = next_of(engine, HOTPLEX_EVENT_ANSWER);
    CHECK_TEXT("echo: hello", hotplex_event_text(answer, NULL));
    CHECK_TEXT(session, hotplex_event_session_id(answer));
    hotplex_event_free(answer);
    expect_end(engine, turn, "completed");
}

/* The value of a key of text in an event's JSON, for values without escapes. */
static inline void copy_value(const hotplex_event *event, const char *key, char *out, size_t size)
{
    char start[128];
    snprintf(start, sizeof start, "\"%s\":\"", key);
    const char *value = strstr(hotplex_event_json(event, NULL), start);
    if (!value)
        FAIL("no %s in %s", key, hotplex_event_json(event, NULL));
    value += strlen(start);
    snprintf(out, size, "%.*s", (int)strcspn(value, "\""), value);
}

/* Reads what is in the pipe up to its end. A child that is just being started may hold it open for
 * a moment after the engine let go of it. */
static inline void expect_end_of_file(int fd)
{
    for (;;) {
        char bytes[64];
        ssize_t count = read(fd, bytes, sizeof bytes);
        if (count == 0)
            break;
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        CHECK(count > 0 || errno == EAGAIN);
        CHECK_INT(1, poll(&wait, 1, PATIENCE_MS));
    }
    CHECK_INT(0, close(fd));
}

/* Ends an engine as a careful host does: nothing of it is left afterwards. */
static inline void close_engine(hotplex_engine *engine)
{
    CHECK_INT(HOTPLEX_OK, hotplex_engine_shutdown(engine, -1));
    hotplex_event *event;
    int32_t count;
    while ((count = hotplex_next_events(engine, &event, 1, PATIENCE_MS)) == 1)
        hotplex_event_free(event);
    CHECK_INT(HOTPLEX_CLOSED, count);
    hotplex_engine_free(engine);
}

#endif
