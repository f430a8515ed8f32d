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

/* Which agent to ask: `[--provider NAME] [PROGRAM]`, where HOTPLEX_PROVIDER stands in for the first. */
struct agent {
    const char *provider, *program;
};

/* Takes that out of the arguments: what follows it begins at argv[1]. */
static inline struct agent take_agent(int *argc, char ***argv)
{
    struct agent agent = {getenv("HOTPLEX_PROVIDER"), NULL};
    int taken = 0;
    if (*argc > 2 && strcmp((*argv)[1], "--provider") == 0) {
        agent.provider = (*argv)[2];
        taken = 2;
    }
    if (*argc > taken + 1)
        agent.program = (*argv)[++taken];
    *argc -= taken;
    *argv += taken;
    return agent;
}

/* An engine of this agent; of Claude Code if none is named. */
static inline hotplex_engine *open_engine(struct agent agent)
{
    char options[1024], *error = NULL;
    int has_provider = agent.provider && *agent.provider;
    int length = snprintf(options, sizeof options, "{\"namespace\":\"examples\"%s%s%s%s%s%s}",
                          has_provider ? ",\"provider\":\"" : "", has_provider ? agent.provider : "",
                          has_provider ? "\"" : "", agent.program ? ",\"program\":\"" : "",
                          agent.program ? agent.program : "", agent.program ? "\"" : "");
    must(length < (int)sizeof options ? HOTPLEX_OK : HOTPLEX_INVALID_ARGUMENT, NULL, "the options");
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
