/* The C interface as Go can hold it.
 *
 * Handles cross as uintptr_t. They are numbers in the clothes of a pointer, and the numbers of later
 * engines lie where Go keeps its heap: Go's garbage collector, which follows whatever has the type of
 * a pointer, would end the program over one.
 *
 * Events cross in batches, as a call from Go into C costs more than most of these functions do.
 */

#ifndef HOTPLEX_GO_SHIM_H
#define HOTPLEX_GO_SHIM_H

#include "hotplex.h"

static inline hotplex_engine *go_engine(uintptr_t handle) { return (hotplex_engine *)handle; }

static inline int32_t go_engine_new(const char *options, uintptr_t *handle, char **error) {
    hotplex_engine *engine = NULL;
    int32_t status = hotplex_engine_new(options, &engine, error);
    if (status == HOTPLEX_OK)
        *handle = (uintptr_t)engine;
    return status;
}

static inline int32_t go_shutdown(uintptr_t handle, int32_t grace_ms) {
    return hotplex_engine_shutdown(go_engine(handle), grace_ms);
}

static inline int32_t go_engine_finish(uintptr_t handle, char **error) {
    return hotplex_engine_finish(go_engine(handle), error);
}

static inline void go_engine_free(uintptr_t handle) { hotplex_engine_free(go_engine(handle)); }

static inline int32_t go_prewarm(uintptr_t handle, const char *config, uint32_t count,
                                 char **error) {
    return hotplex_prewarm(go_engine(handle), config, count, error);
}

static inline int32_t go_execute(uintptr_t handle, const char *config, const char *prompt,
                                 size_t length, uint64_t *turn, char **error) {
    return hotplex_execute(go_engine(handle), config, prompt, length, turn, error);
}

static inline int32_t go_respond(uintptr_t handle, uint64_t turn, const char *request,
                                 const char *decision, char **error) {
    return hotplex_respond(go_engine(handle), turn, request, decision, error);
}

static inline int32_t go_respond_in_session(uintptr_t handle, const char *session,
                                            const char *request, const char *decision,
                                            char **error) {
    return hotplex_respond_in_session(go_engine(handle), session, request, decision, error);
}

static inline int32_t go_cancel(uintptr_t handle, uint64_t turn) {
    return hotplex_cancel(go_engine(handle), turn);
}

static inline int32_t go_turn_pause(uintptr_t handle, uint64_t turn, int32_t paused) {
    return hotplex_turn_pause(go_engine(handle), turn, paused);
}

static inline int32_t go_stop_session(uintptr_t handle, const char *session, const char *reason) {
    return hotplex_stop_session(go_engine(handle), session, reason);
}

static inline int32_t go_sessions_json(uintptr_t handle, char **out) {
    return hotplex_sessions_json(go_engine(handle), out);
}

static inline int32_t go_stats_json(uintptr_t handle, const char *session, char **out) {
    return hotplex_stats_json(go_engine(handle), session, out);
}

static inline int32_t go_check(uintptr_t handle, const char *context, const char *text,
                               size_t length, char **verdict) {
    return hotplex_check(go_engine(handle), context, text, length, verdict);
}

static inline int32_t go_set_guard(uintptr_t handle, const char *guard, char **error) {
    return hotplex_set_guard(go_engine(handle), guard, error);
}

static inline int32_t go_event_fd(uintptr_t handle) {
    return hotplex_event_fd(go_engine(handle));
}

/* An event with what Go reads of it. */
typedef struct {
    hotplex_event *event;
    const char *json;
    size_t length;
    const char *session;
    const char *text;
    size_t text_length;
    uint64_t turn;
    uint64_t tag;
    int32_t type;
} go_event;

enum { GO_BATCH = 64 };

/* Takes what is there, without waiting. */
static inline int32_t go_take(uintptr_t handle, go_event *events) {
    hotplex_event *taken[GO_BATCH];
    int32_t count = hotplex_next_events(go_engine(handle), taken, GO_BATCH, 0);
    for (int32_t i = 0; i < count; i++) {
        events[i].event = taken[i];
        events[i].json = hotplex_event_json(taken[i], &events[i].length);
        events[i].session = hotplex_event_session_id(taken[i]);
        events[i].text = hotplex_event_text(taken[i], &events[i].text_length);
        events[i].turn = hotplex_event_turn(taken[i]);
        events[i].tag = hotplex_event_tag(taken[i]);
        events[i].type = hotplex_event_get_type(taken[i]);
    }
    return count;
}

static inline void go_free_events(go_event *events, int32_t count) {
    for (int32_t i = 0; i < count; i++)
        hotplex_event_free(events[i].event);
}

#endif
