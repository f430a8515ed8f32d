/* Asks one question and prints the answer: the whole of what a blocking caller needs.
 *
 *     hello [PROMPT] [PROGRAM]
 *
 * PROGRAM is the agent's program, "claude" if it is left out.
 */
#include <hotplex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ends the program if something cannot be done, and says why. */
static void must(int32_t status, char *error, const char *what)
{
    if (status >= 0)
        return;
    fprintf(stderr, "%s: %s (%s)\n", what, error ? error : "no more is known",
            hotplex_status_string(status));
    hotplex_string_free(error);
    exit(1);
}

int main(int argc, char **argv)
{
    const char *prompt = argc > 1 ? argv[1] : "say hello";
    char options[1024];
    snprintf(options, sizeof options, "{\"program\":\"%s\"}", argc > 2 ? argv[2] : "claude");

    char *error = NULL;
    hotplex_engine *engine;
    must(hotplex_engine_new(options, &engine, &error), error, "the engine");

    uint64_t turn;
    const char *config = "{\"session_id\":\"hello\",\"work_dir\":\"/tmp/hotplex-hello\"}";
    must(hotplex_execute(engine, config, prompt, strlen(prompt), &turn, &error), error, "the turn");

    int failed = 0;
    for (int ended = 0; !ended;) {
        hotplex_event *event;
        must(hotplex_next_events(engine, &event, 1, -1), NULL, "the events");
        switch (hotplex_event_get_type(event)) {
        case HOTPLEX_EVENT_ANSWER:
            puts(hotplex_event_text(event, NULL));
            break;
        case HOTPLEX_EVENT_TURN_END:
            ended = 1;
            /* A turn that completed has no error, which is its end's text. */
            if (hotplex_event_text(event, NULL)) {
                fprintf(stderr, "the turn: %s\n", hotplex_event_text(event, NULL));
                failed = 1;
            }
            break;
        default: /* Thinking, tools, notices, and what later versions may tell. */
            break;
        }
        hotplex_event_free(event);
    }

    /* Lets the agent end by itself, which keeps the tail of its transcript. */
    hotplex_engine_shutdown(engine, 5000);
    hotplex_event *event;
    while (hotplex_next_events(engine, &event, 1, -1) == 1)
        hotplex_event_free(event);
    hotplex_engine_free(engine);
    return failed;
}
