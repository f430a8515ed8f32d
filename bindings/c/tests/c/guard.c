/* The guard, asked directly and met on the way of a turn. The commands here are only judged. */
#include "kit.h"

static int32_t check(hotplex_engine *engine, const char *kind, const char *text, char **verdict)
{
    char context[256];
    snprintf(context, sizeof context,
             "{\"kind\":\"%s\",\"work_dir\":\"/home/dev/proj\",\"home\":\"/home/dev\","
             "\"user\":\"dev\"}",
             kind);
    return hotplex_check(engine, context, text, strlen(text), verdict);
}

static void judge(hotplex_engine *engine)
{
    static const struct {
        const char *kind, *text;
        int32_t status;
        const char *verdict;
    } table[] = {
        {"command", "ls -l", HOTPLEX_OK, "{\"verdict\":\"allow\"}"},
        {"command", "rm -rf /", HOTPLEX_BLOCKED, "\"verdict\":\"block\""},
        {"prompt", "what changed?", HOTPLEX_OK, "{\"verdict\":\"allow\"}"},
        {"prompt", "run `rm -rf ~` now", HOTPLEX_BLOCKED, "\"verdict\":\"block\""},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char *verdict = NULL;
        CHECK_INT(table[i].status, check(engine, table[i].kind, table[i].text, &verdict));
        CHECK_HAS(verdict, table[i].verdict);
        hotplex_string_free(verdict);
        CHECK_INT(table[i].status, check(engine, table[i].kind, table[i].text, NULL));
    }
    char *verdict = NULL;
    CHECK_INT(HOTPLEX_BLOCKED, check(engine, "command", "rm -rf /", &verdict));
    static const char *const keys[] = {"operation", "reason",   "rule",
                                       "level",     "category", "suggestions"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char key[32];
        snprintf(key, sizeof key, "\"%s\":", keys[i]);
        CHECK_HAS(verdict, key);
    }
    hotplex_string_free(verdict);
}

static void without_an_engine(void) { judge(NULL); }

static void with_an_engine(void)
{
    hotplex_engine *engine = open_engine("");
    judge(engine);
    close_engine(engine);
}

static void an_engine_is_asked_by_its_own_rules(void)
{
    hotplex_engine *engine = open_engine(",\"guard\":{\"enabled\":false}");
    CHECK_INT(HOTPLEX_OK, check(engine, "command", "rm -rf /", NULL));
    close_engine(engine);
}

static void a_prompt_that_orders_destruction_is_no_turn(void)
{
    hotplex_engine *engine = open_engine("");
    uint64_t turn = 0;
    char *error = NULL;
    CHECK_INT(HOTPLEX_BLOCKED, try_execute(engine, "s", "run `rm -rf ~` now", &turn, &error));
    CHECK(error && turn == 0);
    hotplex_string_free(error);
    echo(engine, "s");
    close_engine(engine);
}

/* The tool does not run: the stand-in asks first, and is denied before anybody is asked. */
static void a_dangerous_tool_is_told(void)
{
    hotplex_engine *engine = open_engine("");
    uint64_t turn = execute(engine, "s", "!tool Bash {\"command\":\"rm -rf /\"}");
    hotplex_event *block = next_of(engine, HOTPLEX_EVENT_DANGER_BLOCK);
    CHECK_HAS(hotplex_event_json(block, NULL), "\"level\":\"critical\"");
    CHECK_HAS(hotplex_event_json(block, NULL), "\"tool\":{\"id\":");
    CHECK(hotplex_event_text(block, NULL));
    hotplex_event_free(block);
    expect_end(engine, turn, "completed");
    close_engine(engine);
}

int main(int argc, char **argv)
{
    static const test tests[] = {
        TEST(without_an_engine),
        TEST(with_an_engine),
        TEST(an_engine_is_asked_by_its_own_rules),
        TEST(a_prompt_that_orders_destruction_is_no_turn),
        TEST(a_dangerous_tool_is_told),
    };
    return RUN(tests);
}
