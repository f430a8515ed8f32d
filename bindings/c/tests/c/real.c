/* Plays three turns with a real agent: text, a tool that is asked about and allowed, and one that is
 * cancelled. The real-agent tests of the repository run it in a network namespace, beside a model
 * server that does what the prompts say.
 *
 * HOTPLEX_REAL_OPTIONS is the engine's options, HOTPLEX_REAL_WORK_DIR the work directory. Status 0
 * means that all three went as they must.
 */
#include "kit.h"

static uint64_t ask(hotplex_engine *engine, const char *prompt)
{
    char config[4096];
    snprintf(config, sizeof config, "{\"session_id\":\"c\",\"work_dir\":\"%s\"}",
             from_environment("HOTPLEX_REAL_WORK_DIR"));
    uint64_t turn = 0;
    char *error = NULL;
    CHECK_OK(hotplex_execute(engine, config, prompt, strlen(prompt), &turn, &error), error);
    return turn;
}

static void text(hotplex_engine *engine)
{
    uint64_t turn = ask(engine, "MODEL:text hello there");
    hotplex_event *answer = next_of(engine, HOTPLEX_EVENT_ANSWER);
    CHECK_TEXT("hello there", hotplex_event_text(answer, NULL));
    hotplex_event_free(answer);
    expect_end(engine, turn, "completed");
}

static void tool(hotplex_engine *engine)
{
    uint64_t turn = ask(engine, "MODEL:bash touch asked && echo hi-from-tool");
    hotplex_event *question = next_of(engine, HOTPLEX_EVENT_PERMISSION_REQUEST);
    char id[256];
    copy_value(question, "request_id", id, sizeof id);
    hotplex_event_free(question);
    char *error = NULL;
    CHECK_OK(hotplex_respond(engine, turn, id, "{\"behavior\":\"allow\"}", &error), error);
    hotplex_event *result = next_of(engine, HOTPLEX_EVENT_TOOL_RESULT);
    CHECK_HAS(hotplex_event_text(result, NULL), "hi-from-tool");
    hotplex_event_free(result);
    expect_end(engine, turn, "completed");
}

static void cancelled(hotplex_engine *engine)
{
    uint64_t turn = ask(engine, "MODEL:hang 30");
    CHECK_INT(HOTPLEX_OK, hotplex_cancel(engine, turn));
    expect_end(engine, turn, "cancelled");
    text(engine);
}

int main(void)
{
    hotplex_engine *engine = NULL;
    char *error = NULL;
    CHECK_OK(hotplex_engine_new(from_environment("HOTPLEX_REAL_OPTIONS"), &engine, &error), error);
    text(engine);
    tool(engine);
    cancelled(engine);
    close_engine(engine);
    return 0;
}
