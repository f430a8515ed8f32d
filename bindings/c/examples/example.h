/* What the examples share: giving up with a reason, and a turn of a session in one call. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <hotplex.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ends the program if something cannot be done, and says why. */
static inline void must(int32_t status, char *error, const char *what)
{
    if (status >= 0)
        return;
    fprintf(stderr, "%s: %s (%s)\n", what, error ? error : "no more is known",
            hotplex_status_string(status));
    hotplex_string_free(error);
    exit(1);
}

/* An engine of the agent's program, or of "claude". */
static inline hotplex_engine *open_engine(const char *program)
{
    char options[1024], *error = NULL;
    snprintf(options, sizeof options,
             "{\"program\":\"%s\",\"namespace\":\"examples\",\"permission_mode\":\"default\"}",
             program ? program : "claude");
    hotplex_engine *engine;
    must(hotplex_engine_new(options, &engine, &error), error, "the engine");
    return engine;
}

/* Sends a prompt into a session. */
static inline uint64_t ask(hotplex_engine *engine, const char *session, const char *prompt)
{
    char config[1024], *error = NULL;
    snprintf(config, sizeof config,
             "{\"session_id\":\"%s\",\"work_dir\":\"/tmp/hotplex-examples\"}", session);
    uint64_t turn;
    must(hotplex_execute(engine, config, prompt, strlen(prompt), &turn, &error), error, "the turn");
    return turn;
}

/* Waits for the next event. */
static inline hotplex_event *next_event(hotplex_engine *engine)
{
    hotplex_event *event;
    must(hotplex_next_events(engine, &event, 1, -1), NULL, "the events");
    return event;
}

/* Prints a turn up to its end; 0 if it completed. One turn is under way at a time here. */
static inline int show_turn(hotplex_engine *engine)
{
    for (;;) {
        hotplex_event *event = next_event(engine);
        int32_t type = hotplex_event_get_type(event);
        const char *text = hotplex_event_text(event, NULL);
        int failed = 0;
        switch (type) {
        case HOTPLEX_EVENT_SESSION_START:
            puts(strstr(hotplex_event_json(event, NULL), "\"resumed\":true") ? "[resumed]" : "[new]");
            break;
        case HOTPLEX_EVENT_ANSWER:
            puts(text);
            break;
        case HOTPLEX_EVENT_TOOL_USE:
            printf("[tool] %s\n", text);
            break;
        case HOTPLEX_EVENT_TURN_END:
            /* A turn that completed has no error, which is its end's text. */
            failed = text != NULL;
            if (failed)
                fprintf(stderr, "[failed] %s\n", text);
            break;
        default: /* Thinking, notices, and what later versions may tell. */
            break;
        }
        hotplex_event_free(event);
        if (type == HOTPLEX_EVENT_TURN_END)
            return failed;
    }
}

/* Lets the agents end by themselves, which keeps the tails of their transcripts. */
static inline void close_engine(hotplex_engine *engine)
{
    hotplex_engine_shutdown(engine, 5000);
    hotplex_event *event;
    while (hotplex_next_events(engine, &event, 1, -1) == 1)
        hotplex_event_free(event);
    hotplex_engine_free(engine);
}

#endif
