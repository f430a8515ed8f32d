/* What needs no agent: versions, words, opening, and handles that are none. */
#include "kit.h"

#include <sys/stat.h>

static void versions_and_words(void)
{
    CHECK_INT(HOTPLEX_ABI_VERSION, hotplex_abi_version());
    CHECK_TEXT(from_environment("VERSION"), hotplex_version());
    for (int32_t status = HOTPLEX_OK; status >= HOTPLEX_INTERNAL; status--)
        CHECK(strcmp(hotplex_status_string(status), "unknown status") != 0);
    CHECK_TEXT("ok", hotplex_status_string(7));
    CHECK_TEXT("unknown status", hotplex_status_string(-99));
    hotplex_string_free(NULL);
}

static void options_that_cannot_work(void)
{
    static const struct {
        const char *options;
        int32_t status;
        const char *says;
    } table[] = {
        {"{\"idle_timeout\":1}", HOTPLEX_INVALID_ARGUMENT, "idle_timeout"},
        {"{\"max_sessions\":\"many\"}", HOTPLEX_INVALID_ARGUMENT, "many"},
        {"{\"provider\":\"nobody\"}", HOTPLEX_INVALID_ARGUMENT, "nobody"},
        {"{\"permission_mode\":\"whatever\"}", HOTPLEX_INVALID_ARGUMENT, "whatever"},
        {"[]", HOTPLEX_INVALID_ARGUMENT, "object"},
        {"", HOTPLEX_INVALID_ARGUMENT, "object"},
        {"{\"program\":\"\xff\"}", HOTPLEX_INVALID_ARGUMENT, "UTF-8"},
        {"{\"program\":\"/nowhere/agent\"}", HOTPLEX_SPAWN_FAILED, "/nowhere/agent"},
        {"{\"program\":\"no-such-agent\",\"env\":{\"PATH\":\"/some/where\"}}", HOTPLEX_SPAWN_FAILED,
         "/some/where"},
        {"{\"program\":\"/etc/passwd\"}", HOTPLEX_SPAWN_FAILED, "/etc/passwd"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        hotplex_engine *engine = NULL;
        char *error = NULL;
        CHECK_INT(table[i].status, hotplex_engine_new(table[i].options, &engine, &error));
        CHECK(engine == NULL);
        CHECK_HAS(error, table[i].says);
        hotplex_string_free(error);
        CHECK_INT(table[i].status, hotplex_engine_new(table[i].options, &engine, NULL));
    }
    char *error = NULL;
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_engine_new("{}", NULL, &error));
    CHECK_HAS(error, "out is NULL");
    hotplex_string_free(error);
}

/* Every function with a handle that is not that of an engine. */
static void misuse(hotplex_engine *engine)
{
    const char *config = "{\"session_id\":\"s\",\"work_dir\":\"/tmp\"}";
    const char *spare = "{\"work_dir\":\"/tmp\"}";
    const char *yes = "{\"behavior\":\"allow\"}";
    const char *context = "{\"kind\":\"command\",\"work_dir\":\"/tmp\"}";
    hotplex_event *event = NULL;
    uint64_t turn = 0;
    char *text = NULL, buffer[8];
    CHECK_INT(HOTPLEX_MISUSE, hotplex_engine_shutdown(engine, 0));
    CHECK_INT(HOTPLEX_MISUSE, hotplex_prewarm(engine, spare, 1, NULL));
    CHECK_INT(HOTPLEX_MISUSE, hotplex_execute(engine, config, "p", 1, &turn, &text));
    CHECK_HAS(text, "live engine");
    hotplex_string_free(text);
    text = NULL;
    CHECK_INT(HOTPLEX_MISUSE, hotplex_respond(engine, 1, "r", yes, NULL));
    CHECK_INT(HOTPLEX_MISUSE, hotplex_cancel(engine, 1));
    CHECK_INT(HOTPLEX_MISUSE, hotplex_turn_pause(engine, 1, 1));
    CHECK_INT(HOTPLEX_MISUSE, hotplex_stop_session(engine, "s", NULL));
    CHECK_INT(HOTPLEX_MISUSE, hotplex_sessions_json(engine, &text));
    CHECK_INT(HOTPLEX_MISUSE, hotplex_stats_json(engine, NULL, &text));
    CHECK_INT(HOTPLEX_MISUSE, hotplex_next_events(engine, &event, 1, 0));
    CHECK_INT(HOTPLEX_MISUSE, hotplex_drain_json(engine, buffer, sizeof buffer, NULL));
    CHECK_INT(HOTPLEX_MISUSE, hotplex_event_fd(engine));
    if (engine)
        CHECK_INT(HOTPLEX_MISUSE, hotplex_check(engine, context, "ls", 2, &text));
    CHECK(!event && !text && turn == 0);
    hotplex_engine_free(engine);
}

static void handles_that_are_none(void)
{
    int local = 0;
    misuse(NULL);
    misuse((hotplex_engine *)&local);
    misuse((hotplex_engine *)(uintptr_t)1);
    misuse((hotplex_engine *)UINTPTR_MAX);

    hotplex_engine *freed = open_engine("");
    close_engine(freed);
    misuse(freed);
    /* The slot is used again, and the old handle does not reach the new engine. */
    hotplex_engine *next = open_engine("");
    misuse(freed);
    CHECK_INT(HOTPLEX_TIMEOUT, hotplex_next_events(next, &(hotplex_event *){NULL}, 1, 0));
    close_engine(next);
}

static void arguments_that_are_missing(void)
{
    hotplex_engine *engine = open_engine("");
    const char *config = "{\"session_id\":\"s\",\"work_dir\":\"/tmp\"}";
    hotplex_event *event = NULL;
    uint64_t turn = 0;
    char *text = NULL;
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_execute(engine, NULL, "p", 1, &turn, NULL));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_execute(engine, config, NULL, 1, &turn, NULL));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_execute(engine, config, "p", 0, &turn, NULL));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_execute(engine, config, "\xc3", 1, &turn, NULL));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_execute(engine, config, "p", 1, NULL, NULL));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_execute(engine, "{}", "p", 1, &turn, &text));
    CHECK_HAS(text, "session_id");
    hotplex_string_free(text);
    text = NULL;
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_prewarm(engine, NULL, 1, NULL));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_prewarm(engine, "{\"dir\":\"/\"}", 1, &text));
    CHECK_HAS(text, "dir");
    hotplex_string_free(text);
    text = NULL;
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_respond(engine, 1, NULL, "{}", NULL));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_respond(engine, 1, "r", NULL, NULL));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_respond(engine, 1, "r", "{}", NULL));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_stop_session(engine, NULL, NULL));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_stop_session(engine, "", NULL));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_sessions_json(engine, NULL));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_stats_json(engine, NULL, NULL));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_check(engine, NULL, "ls", 2, &text));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_check(engine, "{\"kind\":\"?\"}", "ls", 2, &text));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_next_events(engine, NULL, 1, 0));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_next_events(engine, &event, 0, 0));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_drain_json(engine, NULL, 8, NULL));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_dispatch(engine, NULL, NULL, 0));
    CHECK(!event && !text && turn == 0);
    close_engine(engine);
}

static void events_that_are_none(void)
{
    size_t len = 7;
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_event_get_type(NULL));
    CHECK_INT(0, hotplex_event_turn(NULL));
    CHECK(!hotplex_event_session_id(NULL));
    CHECK(!hotplex_event_text(NULL, &len));
    CHECK(!hotplex_event_json(NULL, &len));
    CHECK_INT(7, len);
    hotplex_event_free(NULL);
}

/* A program of the test's own is the only one on the PATH. */
static void providers_and_their_versions(void)
{
    char program[4096], path[4096], at[4200], *list = NULL;
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    snprintf(program, sizeof program, "%s/claude", from_environment("STAGE"));
    FILE *file = fopen(program, "w");
    CHECK(file && fputs("#!/bin/sh\necho '4.5.6 (Claude Code)'\n", file) >= 0 && !fclose(file));
    CHECK_INT(0, chmod(program, 0755));
    CHECK_INT(0, setenv("PATH", from_environment("STAGE"), 1));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_providers(0, NULL));
    snprintf(at, sizeof at, "\"program\":\"%s\"", program);
    CHECK_INT(HOTPLEX_OK, hotplex_providers(0, &list));
    CHECK_HAS(list, at);
    CHECK(!strstr(list, "4.5.6"));
    hotplex_string_free(list);
    CHECK_INT(HOTPLEX_OK, hotplex_providers(PATIENCE_MS, &list));
    CHECK_HAS(list, "\"version\":\"4.5.6\"");
    CHECK_HAS(list, "\"gate\":\"every_call\"");
    hotplex_string_free(list);
    setenv("PATH", path, 1);
}

static void the_log_goes_where_it_is_sent(void)
{
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_log_to_fd(2, "loud"));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_log_to_fd(-1, "info"));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_log_to_fd(987, "info"));
    CHECK_INT(HOTPLEX_INVALID_ARGUMENT, hotplex_log_to_fd(2, NULL));
    int ends[2];
    CHECK_INT(0, pipe(ends));
    CHECK_INT(HOTPLEX_OK, hotplex_log_to_fd(ends[1], "info"));
    hotplex_engine *engine = open_engine(",\"max_sessions\":1");
    char config[4096];
    snprintf(config, sizeof config, "{\"work_dir\":\"%s/work\"}", from_environment("STAGE"));
    CHECK_INT(HOTPLEX_OK, hotplex_prewarm(engine, config, 2, NULL));
    char line[256] = "";
    CHECK(read(ends[0], line, sizeof line - 1) > 0);
    CHECK_HAS(line, "hotplex INFO no room for more spares");
    CHECK_INT(HOTPLEX_OK, hotplex_log_to_fd(-1, "off"));
    close_engine(engine);
    close(ends[0]);
    close(ends[1]);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(versions_and_words),         TEST(options_that_cannot_work),
        TEST(handles_that_are_none),      TEST(arguments_that_are_missing),
        TEST(events_that_are_none),       TEST(the_log_goes_where_it_is_sent),
        TEST(providers_and_their_versions),
    };
    return RUN(tests);
}
