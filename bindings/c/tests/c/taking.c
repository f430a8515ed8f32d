/* The ways to take events: several at once, as JSON, by callback, by descriptor; and what a slow
 * reader does to others, which is nothing. */
#include "kit.h"

static void many_at_once(void)
{
    hotplex_engine *engine = open_engine("");
    uint64_t turn = execute(engine, "s", "!flood 1000 10");
    int answers = 0;
    for (int ended = 0; !ended;) {
        hotplex_event *events[64];
        int32_t count = hotplex_next_events(engine, events, 64, PATIENCE_MS);
        CHECK(count >= 1 && count <= 64);
        for (int32_t i = 0; i < count; i++) {
            CHECK(!ended);
            CHECK_INT(turn, hotplex_event_turn(events[i]));
            answers += hotplex_event_get_type(events[i]) == HOTPLEX_EVENT_ANSWER;
            ended |= hotplex_event_get_type(events[i]) == HOTPLEX_EVENT_TURN_END;
            hotplex_event_free(events[i]);
        }
    }
    CHECK_INT(1000, answers);
    close_engine(engine);
}

static void a_wait_ends_in_time(void)
{
    hotplex_engine *engine = open_engine("");
    hotplex_event *event = NULL;
    int64_t start = now_ms();
    CHECK_INT(HOTPLEX_TIMEOUT, hotplex_next_events(engine, &event, 1, 0));
    CHECK_INT(HOTPLEX_TIMEOUT, hotplex_next_events(engine, &event, 1, 100));
    CHECK(now_ms() - start >= 100);
    CHECK(!event);
    close_engine(engine);
}

/* Whole lines only, whatever the size of the buffer; nothing is lost when it is too small. */
static void as_json(void)
{
    hotplex_engine *engine = open_engine("");
    execute(engine, "s", "!flood 300 50");
    char *buffer = NULL;
    size_t size = 0, needed = 0;
    int lines = 0, too_small = 0;
    for (int ended = 0; !ended;) {
        int64_t bytes = hotplex_drain_json(engine, buffer, size, &needed);
        if (bytes == HOTPLEX_BUFFER_TOO_SMALL) {
            CHECK(needed > size);
            too_small++;
            size = needed;
            buffer = realloc(buffer, size);
            continue;
        }
        if (bytes == HOTPLEX_TIMEOUT) {
            poll(NULL, 0, 1);
            continue;
        }
        CHECK(bytes > 0 && (size_t)bytes <= size);
        CHECK_INT('\n', buffer[bytes - 1]);
        for (char *line = buffer; line < buffer + bytes;) {
            char *end = memchr(line, '\n', (size_t)(buffer + bytes - line));
            CHECK(end && line[0] == '{' && end[-1] == '}');
            ended |= strncmp(line, "{\"type\":\"turn_end\"", 18) == 0;
            lines++;
            line = end + 1;
        }
    }
    /* The start of the session, the answers, the end. */
    CHECK_INT(302, lines);
    CHECK(too_small >= 1);
    CHECK_INT(HOTPLEX_TIMEOUT, hotplex_drain_json(engine, buffer, size, NULL));
    free(buffer);
    close_engine(engine);
}

/* What did not fit the buffer comes first, also to the other function. */
static void what_did_not_fit_is_kept(void)
{
    hotplex_engine *engine = open_engine("");
    uint64_t turn = execute(engine, "s", "hello");
    char small[8];
    size_t needed = 0;
    int64_t status;
    while ((status = hotplex_drain_json(engine, small, sizeof small, &needed)) == HOTPLEX_TIMEOUT)
        poll(NULL, 0, 1);
    CHECK_INT(HOTPLEX_BUFFER_TOO_SMALL, status);
    CHECK_INT(HOTPLEX_BUFFER_TOO_SMALL, hotplex_drain_json(engine, NULL, 0, NULL));
    hotplex_event *event = next_event(engine);
    CHECK_INT(HOTPLEX_EVENT_SESSION_START, hotplex_event_get_type(event));
    CHECK_INT(needed, strlen(hotplex_event_json(event, NULL)) + 1);
    hotplex_event_free(event);
    expect_end(engine, turn, "completed");
    close_engine(engine);
}

struct seen {
    hotplex_engine *engine;
    pthread_t thread;
    int answers, ended, turns_to_ask, free_it;
};

static void see(const hotplex_event *event, void *user_data)
{
    struct seen *seen = user_data;
    CHECK(pthread_equal(seen->thread, pthread_self()));
    int32_t type = hotplex_event_get_type(event);
    seen->answers += type == HOTPLEX_EVENT_ANSWER;
    seen->ended += type == HOTPLEX_EVENT_TURN_END;
    if (type == HOTPLEX_EVENT_TURN_END && seen->turns_to_ask-- > 0)
        execute(seen->engine, "s", "hello");
    if (type == HOTPLEX_EVENT_ANSWER && seen->free_it)
        hotplex_engine_free(seen->engine);
}

static void by_callback(void)
{
    struct seen seen = {open_engine(""), pthread_self(), 0, 0, 2, 0};
    CHECK_INT(HOTPLEX_TIMEOUT, hotplex_dispatch(seen.engine, see, &seen, 0));
    execute(seen.engine, "s", "hello");
    while (seen.ended < 3)
        CHECK(hotplex_dispatch(seen.engine, see, &seen, PATIENCE_MS) > 0);
    CHECK_INT(3, seen.answers);
    close_engine(seen.engine);
}

static void a_callback_may_free_its_engine(void)
{
    struct seen seen = {open_engine(""), pthread_self(), 0, 0, 0, 1};
    execute(seen.engine, "s", "!flood 100 10");
    int32_t count;
    while ((count = hotplex_dispatch(seen.engine, see, &seen, PATIENCE_MS)) > 0)
        ;
    CHECK_INT(HOTPLEX_MISUSE, count);
    CHECK_INT(1, seen.answers);
}

static int is_readable(int fd, int timeout_ms)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    return poll(&wait, 1, timeout_ms) == 1;
}

/* As a host with a loop of its own does it, without ever reading a byte of the pipe. */
static void by_descriptor(void)
{
    hotplex_engine *engine = open_engine("");
    int fd = hotplex_event_fd(engine), second = hotplex_event_fd(engine);
    CHECK(fd >= 0 && second >= 0 && fd != second);
    CHECK(!is_readable(fd, 0));
    for (int turn = 0; turn < 3; turn++) {
        execute(engine, "s", "!flood 100 10");
        int ended = 0;
        while (!ended) {
            CHECK(is_readable(fd, PATIENCE_MS));
            hotplex_event *event;
            int32_t count;
            while ((count = hotplex_next_events(engine, &event, 1, 0)) == 1) {
                ended |= hotplex_event_get_type(event) == HOTPLEX_EVENT_TURN_END;
                hotplex_event_free(event);
            }
            CHECK_INT(HOTPLEX_TIMEOUT, count);
        }
        /* Wakes are not left behind, or the host's loop would spin. */
        for (int spins = 0; is_readable(fd, 0); spins++) {
            CHECK(spins < 10);
            CHECK_INT(HOTPLEX_TIMEOUT, hotplex_next_events(engine, &(hotplex_event *){0}, 1, 0));
        }
    }
    close_engine(engine);
    expect_end_of_file(fd);
    CHECK_INT(0, close(second));
}

static void a_descriptor_that_comes_late_tells_of_what_is_there(void)
{
    hotplex_engine *engine = open_engine("");
    uint64_t turn = execute(engine, "s", "hello");
    hotplex_event_free(next_of(engine, HOTPLEX_EVENT_ANSWER));
    int fd = hotplex_event_fd(engine);
    CHECK(is_readable(fd, PATIENCE_MS));
    expect_end(engine, turn, "completed");
    close(fd);
    close_engine(engine);
}

/* The figures tell how much waits for the reader of a session. */
static long buffered_bytes(hotplex_engine *engine)
{
    char *text = NULL;
    CHECK_INT(HOTPLEX_OK, hotplex_sessions_json(engine, &text));
    const char *key = "\"buffered_bytes\":", *place = text;
    long bytes = 0;
    while ((place = strstr(place, key))) {
        place += strlen(key);
        bytes += strtol(place, NULL, 10);
    }
    hotplex_string_free(text);
    return bytes;
}

static void a_slow_reader_of_one_turn_holds_nobody_back(void)
{
    hotplex_engine *engine = open_engine(",\"window_bytes\":65536");
    uint64_t slow = execute(engine, "slow", "!flood 20000 1000");
    CHECK_INT(HOTPLEX_OK, hotplex_turn_pause(engine, slow, 1));
    hotplex_event *event;
    while (hotplex_next_events(engine, &event, 1, 0) == 1)
        hotplex_event_free(event);
    for (int turn = 0; turn < 20; turn++)
        echo(engine, "quick");
    /* The agent is held back, and what waits is bounded: not 20 MB. */
    CHECK(buffered_bytes(engine) < 1 << 20);
    CHECK_INT(HOTPLEX_OK, hotplex_turn_pause(engine, slow, 0));
    expect_end(engine, slow, "completed");
    CHECK_INT(HOTPLEX_NOT_FOUND, hotplex_turn_pause(engine, slow, 1));
    close_engine(engine);
}

static void a_reader_that_keeps_events_does_not_stall_its_agent(void)
{
    enum { ANSWERS = 500 };
    hotplex_engine *engine = open_engine(",\"window_bytes\":4096");
    execute(engine, "s", "!flood 500 1000");
    static hotplex_event *kept[ANSWERS + 16];
    int count = 0;
    do
        kept[count] = next_event(engine);
    while (hotplex_event_get_type(kept[count++]) != HOTPLEX_EVENT_TURN_END);
    CHECK(count > ANSWERS);
    close_engine(engine);
    /* Events outlive their engine. */
    for (int i = 0; i < count; i++) {
        CHECK_HAS(hotplex_event_json(kept[i], NULL), "\"session_id\":\"s\"");
        hotplex_event_free(kept[i]);
    }
}

static void *take_long(void *engine)
{
    hotplex_event *event = NULL;
    int32_t status;
    /* The other thread's look may come in the way of this one. */
    while ((status = hotplex_next_events(engine, &event, 1, -1)) == HOTPLEX_MISUSE)
        ;
    CHECK_INT(HOTPLEX_CLOSED, status);
    return NULL;
}

static void there_is_one_consumer_at_a_time(void)
{
    hotplex_engine *engine = open_engine("");
    pthread_t other;
    CHECK_INT(0, pthread_create(&other, NULL, take_long, engine));
    hotplex_event *event = NULL;
    int32_t status;
    for (int64_t end = now_ms() + PATIENCE_MS;
         (status = hotplex_next_events(engine, &event, 1, 0)) == HOTPLEX_TIMEOUT;)
        CHECK(now_ms() < end);
    CHECK_INT(HOTPLEX_MISUSE, status);
    CHECK_INT(HOTPLEX_MISUSE, hotplex_drain_json(engine, NULL, 0, NULL));
    /* The descriptor is for any thread. */
    int fd = hotplex_event_fd(engine);
    CHECK(fd >= 0);
    close(fd);
    CHECK_INT(HOTPLEX_OK, hotplex_engine_shutdown(engine, 0));
    CHECK_INT(0, pthread_join(other, NULL));
    CHECK_INT(HOTPLEX_CLOSED, hotplex_event_fd(engine));
    hotplex_engine_free(engine);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(many_at_once),
        TEST(a_wait_ends_in_time),
        TEST(as_json),
        TEST(what_did_not_fit_is_kept),
        TEST(by_callback),
        TEST(a_callback_may_free_its_engine),
        TEST(by_descriptor),
        TEST(a_descriptor_that_comes_late_tells_of_what_is_there),
        TEST(a_slow_reader_of_one_turn_holds_nobody_back),
        TEST(a_reader_that_keeps_events_does_not_stall_its_agent),
        TEST(there_is_one_consumer_at_a_time),
    };
    return RUN(tests);
}
