/* What one asks of an engine, and every type of event that comes of it. */
#include "kit.h"

static void a_turn_is_told_from_start_to_end(void)
{
    hotplex_engine *engine = open_engine("");
    uint64_t turn = execute(engine, "s", "!think hm\n!text yes");
    static const struct {
        int32_t type;
        const char *name, *text;
    } expected[] = {
        {HOTPLEX_EVENT_SESSION_START, "session_start", NULL},
        {HOTPLEX_EVENT_THINKING, "thinking", "hm"},
        {HOTPLEX_EVENT_ANSWER, "answer", "yes"},
        {HOTPLEX_EVENT_TURN_END, "turn_end", NULL},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        hotplex_event *event = next_event(engine);
        CHECK_INT(expected[i].type, hotplex_event_get_type(event));
        CHECK_INT(turn, hotplex_event_turn(event));
        CHECK_TEXT("s", hotplex_event_session_id(event));
        size_t len = 0;
        const char *text = hotplex_event_text(event, &len);
        if (expected[i].text) {
            CHECK_TEXT(expected[i].text, text);
            CHECK_INT(strlen(expected[i].text), len);
        } else {
            CHECK(!text);
        }
        char start[64];
        snprintf(start, sizeof start, "{\"type\":\"%s\",\"turn\":", expected[i].name);
        const char *json = hotplex_event_json(event, &len);
        CHECK(strncmp(json, start, strlen(start)) == 0);
        CHECK_INT(strlen(json), len);
        hotplex_event_free(event);
    }
    close_engine(engine);
}

/* A prompt, and the type and the JSON that must come of it. */
static void every_type_of_event(void)
{
    static const struct {
        const char *prompt;
        int32_t type;
        const char *has;
    } table[] = {
        {"!delta 3 1", HOTPLEX_EVENT_ANSWER_DELTA, "\"type\":\"answer_delta\""},
        {"!raw {\"type\":\"news\"}", HOTPLEX_EVENT_RAW, "\"line\":\"{\\\"type\\\":\\\"news\\\"}\""},
        {"!raw not json", HOTPLEX_EVENT_NOTICE, "\"code\":\"not_json\""},
        {"!tool Write {\"file_path\":\"/tmp/a\"}", HOTPLEX_EVENT_TOOL_USE, "\"name\":\"Write\""},
        {"!tool Write {\"file_path\":\"/tmp/a\"}", HOTPLEX_EVENT_TOOL_RESULT, "\"is_error\":false"},
        {"!raw {\"type\":\"stream_event\",\"event\":{\"type\":\"content_block_delta\",\"delta\":"
         "{\"type\":\"thinking_delta\",\"thinking\":\"so\"}}}",
         HOTPLEX_EVENT_THINKING_DELTA, "\"text\":\"so\""},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        hotplex_engine *engine = open_engine(
            ",\"partial_messages\":true,\"permission_mode\":\"bypass-permissions\"");
        uint64_t turn = execute(engine, "s", table[i].prompt);
        hotplex_event *event = next_of(engine, table[i].type);
        CHECK_HAS(hotplex_event_json(event, NULL), table[i].has);
        hotplex_event_free(event);
        expect_end(engine, turn, "completed");
        close_engine(engine);
    }
}

/* Whatever comes of a turn carries the caller's own number, in the event and in its JSON. */
static void a_tag_comes_back_with_every_event(void)
{
    static const struct {
        const char *tag, *json;
        uint64_t number;
    } table[] = {
        {",\"tag\":18446744073709551615", "\"tag\":18446744073709551615,", UINT64_MAX},
        {",\"tag\":7", "\"tag\":7,", 7},
        {"", NULL, 0},
    };
    hotplex_engine *engine = open_engine("");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char config[4096];
        snprintf(config, sizeof config, "{\"session_id\":\"s\",\"work_dir\":\"%s/work\"%s}",
                 from_environment("STAGE"), table[i].tag);
        uint64_t turn = 0;
        const char *prompt = "!think hm\n!text yes";
        CHECK_INT(HOTPLEX_OK,
                  hotplex_execute(engine, config, prompt, strlen(prompt), &turn, NULL));
        for (int over = 0; !over;) {
            hotplex_event *event = next_event(engine);
            CHECK(hotplex_event_tag(event) == table[i].number);
            CHECK_INT(table[i].json != NULL, has(event, table[i].json ? table[i].json : "\"tag\""));
            over = hotplex_event_get_type(event) == HOTPLEX_EVENT_TURN_END;
            hotplex_event_free(event);
        }
    }
    CHECK_INT(0, hotplex_event_tag(NULL));
    close_engine(engine);
}

static void text_may_hold_nuls(void)
{
    hotplex_engine *engine = open_engine("");
    char config[4096];
    snprintf(config, sizeof config, "{\"session_id\":\"s\",\"work_dir\":\"%s/work\"}",
             from_environment("STAGE"));
    uint64_t turn = 0;
    CHECK_INT(HOTPLEX_OK, hotplex_execute(engine, config, "a\0b", 3, &turn, NULL));
    hotplex_event *answer = next_of(engine, HOTPLEX_EVENT_ANSWER);
    size_t len = 0;
    const char *text = hotplex_event_text(answer, &len);
    CHECK_INT(9, len);
    CHECK(memcmp("echo: a\0b", text, 10) == 0);
    hotplex_event_free(answer);
    expect_end(engine, turn, "completed");
    close_engine(engine);
}

/* Asks for a tool and waits for the question; the name of the question goes into `request`. */
static uint64_t ask(hotplex_engine *engine, char *request, size_t size)
{
    uint64_t turn = execute(engine, "s", "!tool Write {\"file_path\":\"/tmp/a\"}");
    hotplex_event *event = next_of(engine, HOTPLEX_EVENT_PERMISSION_REQUEST);
    copy_value(event, "request_id", request, size);
    CHECK_HAS(hotplex_event_json(event, NULL), "\"input\":{\"file_path\":\"/tmp/a\"}");
    hotplex_event_free(event);
    return turn;
}

static void questions_are_answered(void)
{
    static const struct {
        const char *decision, *result, *is_error, *outcome;
    } table[] = {
        {"{\"behavior\":\"allow\"}", "/tmp/a", "\"is_error\":false", "completed"},
        {"{\"behavior\":\"allow\",\"updated_input\":{\"file_path\":\"/tmp/b\"}}", "/tmp/b",
         "\"is_error\":false", "completed"},
        {"{\"behavior\":\"deny\",\"message\":\"not that\"}", "not that", "\"is_error\":true",
         "completed"},
        {"{\"behavior\":\"deny\",\"message\":\"stop it\",\"interrupt\":true}", "stop it",
         "\"is_error\":true", "cancelled"},
    };
    hotplex_engine *engine = open_engine("");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char request[128], *error = NULL;
        uint64_t turn = ask(engine, request, sizeof request);
        CHECK_OK(hotplex_respond(engine, turn, request, table[i].decision, &error), error);
        hotplex_event *result = next_of(engine, HOTPLEX_EVENT_TOOL_RESULT);
        CHECK_HAS(hotplex_event_text(result, NULL), table[i].result);
        CHECK_HAS(hotplex_event_json(result, NULL), table[i].is_error);
        hotplex_event_free(result);
        CHECK_INT(HOTPLEX_NOT_FOUND,
                  hotplex_respond(engine, turn, request, table[i].decision, &error));
        CHECK_HAS(error, request);
        hotplex_string_free(error);
        hotplex_event *end = next_of(engine, HOTPLEX_EVENT_TURN_END);
        hotplex_event_free(end);
    }
    close_engine(engine);
}

static void a_turn_is_cancelled_and_its_session_goes_on(void)
{
    hotplex_engine *engine = open_engine("");
    uint64_t turn = execute(engine, "s", "!text working\n!hang-soft");
    hotplex_event_free(next_of(engine, HOTPLEX_EVENT_ANSWER));
    CHECK_INT(HOTPLEX_OK, hotplex_cancel(engine, turn));
    expect_end(engine, turn, "cancelled");
    CHECK_INT(HOTPLEX_NOT_FOUND, hotplex_cancel(engine, turn));
    CHECK_INT(HOTPLEX_NOT_FOUND, hotplex_cancel(engine, 4711));
    echo(engine, "s");
    close_engine(engine);
}

static void each_way_to_end_has_its_outcome(void)
{
    static const struct {
        const char *prompt, *outcome;
    } table[] = {
        {"!die 3", "crashed"},
        {"!half", "crashed"},
        {"!status 500", "failed"},
        {"hello", "completed"},
        {"!hang", "timed_out"},
    };
    hotplex_engine *engine = open_engine(",\"turn_timeout_ms\":2000,\"kill_grace_ms\":100");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        uint64_t turn = execute(engine, table[i].outcome, table[i].prompt);
        hotplex_event *end = next_of(engine, HOTPLEX_EVENT_TURN_END);
        char outcome[64];
        copy_value(end, "outcome", outcome, sizeof outcome);
        CHECK_TEXT(table[i].outcome, outcome);
        CHECK_INT(turn, hotplex_event_turn(end));
        /* The text of an end is its error. */
        CHECK(!hotplex_event_text(end, NULL) == !strcmp(outcome, "completed"));
        CHECK_HAS(hotplex_event_json(end, NULL), "\"stats\":{\"start_time\":");
        hotplex_event_free(end);
    }
    close_engine(engine);
}

static void sessions_are_listed_and_stopped(void)
{
    hotplex_engine *engine = open_engine("");
    char *text = NULL;
    CHECK_INT(HOTPLEX_OK, hotplex_sessions_json(engine, &text));
    CHECK_TEXT("[]", text);
    hotplex_string_free(text);
    echo(engine, "one");
    uint64_t turn = execute(engine, "two", "!text working\n!hang-soft");
    hotplex_event_free(next_of(engine, HOTPLEX_EVENT_ANSWER));

    CHECK_INT(HOTPLEX_OK, hotplex_sessions_json(engine, &text));
    CHECK_HAS(text, "\"session_id\":\"one\"");
    CHECK_HAS(text, "\"state\":\"busy\"");
    hotplex_string_free(text);
    CHECK_INT(HOTPLEX_OK, hotplex_stats_json(engine, NULL, &text));
    CHECK_HAS(text, "\"live_processes\":2");
    hotplex_string_free(text);
    CHECK_INT(HOTPLEX_OK, hotplex_stats_json(engine, "one", &text));
    CHECK_HAS(text, "\"turns\":1");
    CHECK_HAS(text, "\"last_turn\":{\"start_time\":");
    hotplex_string_free(text);

    CHECK_INT(HOTPLEX_OK, hotplex_stop_session(engine, "two", "enough of it"));
    hotplex_event *end = next_of(engine, HOTPLEX_EVENT_TURN_END);
    CHECK_INT(turn, hotplex_event_turn(end));
    CHECK_HAS(hotplex_event_text(end, NULL), "enough of it");
    hotplex_event_free(end);
    CHECK_INT(HOTPLEX_NOT_FOUND, hotplex_stop_session(engine, "three", NULL));
    text = NULL;
    CHECK_INT(HOTPLEX_NOT_FOUND, hotplex_stats_json(engine, "three", &text));
    CHECK(!text);
    close_engine(engine);
}

static void too_many_turns_are_refused(void)
{
    hotplex_engine *engine = open_engine(",\"queue_turns\":1");
    uint64_t turns[2] = {execute(engine, "s", "!text working\n!hang-soft"),
                         execute(engine, "s", "hello")};
    uint64_t refused = 0;
    char *error = NULL;
    CHECK_INT(HOTPLEX_BUSY, try_execute(engine, "s", "hello", &refused, &error));
    CHECK(error && refused == 0);
    hotplex_string_free(error);
    hotplex_event_free(next_of(engine, HOTPLEX_EVENT_ANSWER));
    CHECK_INT(HOTPLEX_OK, hotplex_cancel(engine, turns[0]));
    expect_end(engine, turns[0], "cancelled");
    expect_end(engine, turns[1], "completed");
    close_engine(engine);
}

static void a_spare_serves_the_first_turn(void)
{
    hotplex_engine *engine = open_engine("");
    char config[4096], *text = NULL;
    snprintf(config, sizeof config, "{\"work_dir\":\"%s/work\"}", from_environment("STAGE"));
    CHECK_OK(hotplex_prewarm(engine, config, 1, &text), text);
    for (int64_t end = now_ms() + PATIENCE_MS;;) {
        CHECK_INT(HOTPLEX_OK, hotplex_stats_json(engine, NULL, &text));
        int ready = strstr(text, "\"ready_spares\":1") != NULL;
        hotplex_string_free(text);
        if (ready)
            break;
        CHECK(now_ms() < end);
        poll(NULL, 0, 5);
    }
    echo(engine, "s");
    CHECK_INT(HOTPLEX_OK, hotplex_stats_json(engine, NULL, &text));
    CHECK_HAS(text, "\"spare_hits\":1");
    hotplex_string_free(text);
    close_engine(engine);
}

/* A host that starts the agent in one directory and means another must be told. */
static void a_session_keeps_its_directory(void)
{
    hotplex_engine *engine = open_engine("");
    echo(engine, "s");
    uint64_t turn = 0;
    char *error = NULL;
    const char *config = "{\"session_id\":\"s\",\"work_dir\":\"/tmp\"}";
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_execute(engine, config, "p", 1, &turn, &error));
    CHECK_HAS(error, "works in");
    hotplex_string_free(error);
    close_engine(engine);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(a_turn_is_told_from_start_to_end),
        TEST(every_type_of_event),
        TEST(a_tag_comes_back_with_every_event),
        TEST(text_may_hold_nuls),
        TEST(questions_are_answered),
        TEST(a_turn_is_cancelled_and_its_session_goes_on),
        TEST(each_way_to_end_has_its_outcome),
        TEST(sessions_are_listed_and_stopped),
        TEST(too_many_turns_are_refused),
        TEST(a_spare_serves_the_first_turn),
        TEST(a_session_keeps_its_directory),
    };
    return RUN(tests);
}
