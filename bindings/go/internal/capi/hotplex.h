/* hotplex.h - the C interface of libhotplex, which keeps AI command-line agents alive in a pool,
 * sends prompts to them by session and gives back typed events.
 *
 * Made from the sources of bindings/c by `make header`: do not edit.
 *
 * Rules
 *
 * Returns   Functions return 0 or a count when all is well, else a negative hotplex_status. What
 *           they write through pointers they write only on success, but for `error`.
 * Memory    What comes through `**out` or `**error` belongs to the caller and is freed with the
 *           function of this library that its description names, never with free(). `const char *`
 *           is borrowed: from an event for as long as the event lives, else static. What is passed
 *           in is copied before the function returns.
 * Text      UTF-8. Text with a length may hold NULs, text without one ends at its NUL.
 * JSON      Options, configurations and contexts are JSON objects; a key that is not known is an
 *           error that names it. In what the library gives, keys and event types that the reader
 *           does not know must be ignored.
 * Threads   Any function may be called from any thread that has 256 KiB of stack left (those of musl
 *           have 128 unless they are asked to have more). Events of one engine are taken by one thread
 *           at a time. No function waits but those with a `timeout_ms`. The library never calls
 *           back from a thread of its own, and never touches the signals of the host.
 * Turns     Each turn that hotplex_execute() accepts gives exactly one HOTPLEX_EVENT_TURN_END,
 *           whatever becomes of the agent, the session or the engine.
 * fork()    In the child every engine of the parent answers HOTPLEX_FORKED. The child may open engines
 *           of its own, ask hotplex_check(), and read and free events that were taken before. Nothing
 *           that it does with what it inherited, nor its end, reaches the parent's engines.
 *
 * Options of an engine (hotplex_engine_new), all of them optional; times of 0 mean no limit:
 *
 *   provider "claude-code"            program, program_args             namespace "default"
 *   permission_mode                   allowed_tools, disallowed_tools   base_system_prompt, model
 *   env {"NAME":"value"|null}         inherit_env true|["NAME"]         state_dir
 *   turn_timeout_ms 300000            idle_timeout_ms 1800000           start_timeout_ms 30000
 *   silence_timeout_ms 0              approval_timeout_ms 0             kill_grace_ms 5000
 *   max_processes 0 (no bound)        queue_turns 16                    window_bytes 1048576
 *   max_line_bytes 16777216           partial_messages false            background_timeout_ms 14400000
 *   guard {"enabled":true, "rules_file", "disabled_rules", "promoted_rules", "extra_roots",
 *          "audit_file"}
 *   jail "write"|"strict"|"off"       jail_roots ["/more/directories"]
 *   project "instructions"|"trusted"|"none"                             trust_without_jail false
 *
 * A loop over the events of an engine:
 *
 *   hotplex_event *event;
 *   while (hotplex_next_events(engine, &event, 1, -1) == 1) {
 *       if (hotplex_event_get_type(event) == HOTPLEX_EVENT_ANSWER)
 *           puts(hotplex_event_text(event, NULL));
 *       hotplex_event_free(event);
 *   }
 */


#ifndef HOTPLEX_H
#define HOTPLEX_H

#include <stddef.h>
#include <stdint.h>

#ifndef HOTPLEX_API
#if defined(_WIN32)
#define HOTPLEX_API __declspec(dllimport)
#else
#define HOTPLEX_API
#endif
#endif

/**
 * The number of this interface. It changes when a function or the meaning of one changes in a way
 * that programs built earlier could notice; it is also the number of the shared library.
 */
#define HOTPLEX_ABI_VERSION 0

/**
 * What functions return: 0 or a count when all is well, else one of these. Functions return
 * int32_t and not this type, so that a status that is added later is a legal value.
 *
 */
typedef enum hotplex_status {
  /**
   * All is well.
   */
  HOTPLEX_OK = 0,
  /**
   * Nothing came in the time given.
   */
  HOTPLEX_TIMEOUT = -1,
  /**
   * An argument can never work; the message says which.
   */
  HOTPLEX_INVALID_ARGUMENT = -2,
  /**
   * The engine is closed or closing, and has nothing more to give.
   */
  HOTPLEX_CLOSED = -3,
  /**
   * There is no such turn, session or request, or not any more.
   */
  HOTPLEX_NOT_FOUND = -4,
  /**
   * A bound is reached: try again when a turn has ended.
   */
  HOTPLEX_BUSY = -5,
  /**
   * The guard refuses it.
   */
  HOTPLEX_BLOCKED = -6,
  /**
   * The agent's program is missing or cannot be started.
   */
  HOTPLEX_SPAWN_FAILED = -7,
  /**
   * The first event does not fit; `*needed` says how large the buffer must be.
   */
  HOTPLEX_BUFFER_TOO_SMALL = -8,
  /**
   * The handle is of no engine, or of one that was freed; or two threads take events at once.
   */
  HOTPLEX_MISUSE = -9,
  /**
   * This process is a child of fork(): the engine stayed with its parent. It may open its own.
   */
  HOTPLEX_FORKED = -10,
  /**
   * A defect of this library. The engine that it struck answers every call with this.
   */
  HOTPLEX_INTERNAL = -11,
  /**
   * Another engine uses the session, of this process or of another; the message names the
   * process.
   */
  HOTPLEX_IN_USE = -12,
} hotplex_status;

/**
 * What happened. Numbers that this header does not know must be ignored: later versions of the
 * library give more.
 *
 */
typedef enum hotplex_event_type {
  /**
   * The agent's process began this conversation or took it up again. Told once a process.
   */
  HOTPLEX_EVENT_SESSION_START = 1,
  /**
   * A finished piece of the model's thinking.
   */
  HOTPLEX_EVENT_THINKING = 2,
  /**
   * A finished piece of the model's answer.
   */
  HOTPLEX_EVENT_ANSWER = 3,
  /**
   * The model calls a tool.
   */
  HOTPLEX_EVENT_TOOL_USE = 4,
  /**
   * A tool gave its result.
   */
  HOTPLEX_EVENT_TOOL_RESULT = 5,
  /**
   * The agent asks whether it may run a tool; answer with hotplex_respond(), or
   * with hotplex_respond_in_session() if it is of no turn.
   */
  HOTPLEX_EVENT_PERMISSION_REQUEST = 6,
  /**
   * The guard kept the agent from doing something.
   */
  HOTPLEX_EVENT_DANGER_BLOCK = 7,
  /**
   * Something worth knowing that is not part of the answer.
   */
  HOTPLEX_EVENT_NOTICE = 8,
  /**
   * A line of the agent that nobody here understands, as it was.
   */
  HOTPLEX_EVENT_RAW = 9,
  /**
   * The turn is over; nothing of it follows.
   */
  HOTPLEX_EVENT_TURN_END = 10,
  /**
   * The next few characters of an answer (option `partial_messages`).
   */
  HOTPLEX_EVENT_ANSWER_DELTA = 11,
  /**
   * The next few characters of thinking (option `partial_messages`).
   */
  HOTPLEX_EVENT_THINKING_DELTA = 12,
} hotplex_event_type;

/**
 * An engine: a pool of agents that are kept alive, and the queue of their events. A handle, not an
 * address: it may be compared and copied, and is told apart from one that was freed. A language
 * whose collector follows pointers must keep it as a number.
 */
typedef struct hotplex_engine hotplex_engine;

/**
 * Something that happened in a session. It belongs to whoever took it, is never changed, and may be
 * read by several threads at once.
 */
typedef struct hotplex_event hotplex_event;

/**
 * Called by hotplex_dispatch() for each event, on the thread that called it. The event is lent: it
 * is freed when the callback returns.
 */
typedef void (*hotplex_event_cb)(const struct hotplex_event *event, void *user_data);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Returns the status in words, for logs: a static string, never NULL. Counts are "ok", numbers
 * that this version does not know are "unknown status".
 *
 * Threads: any. Never fails.
 */
HOTPLEX_API const char *hotplex_status_string(int32_t status);

/**
 * Frees a string that this library gave through a `char **`. NULL is allowed. Strings that came as
 * `const char *` are not the caller's and must not come here.
 *
 * Threads: any. Never fails.
 */
HOTPLEX_API void hotplex_string_free(char *string);

/**
 * Returns the version of the library, such as "0.1.0": a static string. Threads: any. Never fails.
 */
HOTPLEX_API const char *hotplex_version(void);

/**
 * Returns the number of the interface that the library was built with; a program may compare it to
 * the HOTPLEX_ABI_VERSION it was built with. Threads: any. Never fails.
 */
HOTPLEX_API uint32_t hotplex_abi_version(void);

/**
 * Has the library write its log to a descriptor, of all engines of this process, a line each:
 * `hotplex WARN text`. Nothing is written before this is called.
 *
 * `level` is "off", "error", "warn", "info", "debug" or "trace". The descriptor is duplicated; it
 * replaces the one given earlier. With "off" nothing is written any more and `fd` is not looked at.
 * A descriptor that blocks when it is full holds up the thread that writes, which may be one of
 * the engine's or one that calls this library.
 *
 * Returns HOTPLEX_OK, or HOTPLEX_INVALID_ARGUMENT for an unknown level or a descriptor that is not
 * open. Threads: any.
 */
HOTPLEX_API int32_t hotplex_log_to_fd(int32_t fd, const char *level);

/**
 * Has the engine freed when the calling thread ends, as by hotplex_engine_free(). For languages
 * whose threads can be ended from outside without a word to what they run, such as the workers of
 * Node. Not for a thread that ends together with the process.
 *
 * Returns HOTPLEX_OK; HOTPLEX_MISUSE. Threads: the one whose end is meant.
 */
HOTPLEX_API int32_t hotplex_engine_free_with_thread(struct hotplex_engine *engine);

/**
 * Frees an engine of which hotplex_next_events() or hotplex_drain_json() has said HOTPLEX_CLOSED,
 * and says what became of its processes; hotplex_engine_free() says nothing. `error` as for
 * hotplex_engine_new().
 *
 * Returns HOTPLEX_OK if nothing is left; HOTPLEX_INTERNAL if a process could not be ended, whose
 * number is in the message (the handle is stale all the same); HOTPLEX_BUSY if the engine has not
 * ended yet, which changes nothing; HOTPLEX_MISUSE. Threads: any.
 */
HOTPLEX_API int32_t hotplex_engine_finish(struct hotplex_engine *engine, char **error);

/**
 * Opens an engine. No agent is started yet, but its program is looked for.
 *
 * `options_json` is a JSON object of options; NULL stands for `{}`. On success `*out` is the new
 * engine, to be freed with hotplex_engine_free(). `error` may be NULL; else `*error` is NULL on
 * success, and on failure a message to be freed with hotplex_string_free().
 *
 * Returns HOTPLEX_OK; HOTPLEX_INVALID_ARGUMENT for options that can never work, unknown keys
 * among them; HOTPLEX_SPAWN_FAILED if the agent's program is missing or not executable (the
 * message says where it was looked for), or if there is no room for the engine's threads.
 *
 * Threads: any. Starts two threads, which block all signals, and one small watchdog process, which
 * ends the agents should this process be killed.
 */
HOTPLEX_API
int32_t hotplex_engine_new(const char *options_json,
                           struct hotplex_engine **out,
                           char **error);

/**
 * Begins to close the engine and returns at once. No turn is accepted from now on, running ones
 * end as stopped, and agents get `grace_ms` milliseconds to end by themselves before they are
 * killed; a negative number stands for the option `kill_grace_ms`. Events still come, every
 * turn's HOTPLEX_EVENT_TURN_END among them, until HOTPLEX_CLOSED says that the engine has ended.
 * Called again it can only shorten the grace. The engine must still be freed.
 *
 * Returns HOTPLEX_OK, or HOTPLEX_MISUSE for a handle that is not live. Threads: any.
 */
HOTPLEX_API int32_t hotplex_engine_shutdown(struct hotplex_engine *engine, int32_t grace_ms);

/**
 * Frees the engine and makes its handle stale. NULL and stale handles do nothing.
 *
 * Returns at once. An engine that has not ended is closed in the background with the option
 * `kill_grace_ms`; when the process exits before that is done its agents are killed. To end them
 * politely call hotplex_engine_shutdown() and take events until HOTPLEX_CLOSED first.
 *
 * A thread that waits for events of this engine gets those that are left, every turn's
 * HOTPLEX_EVENT_TURN_END among them, over as many calls as it takes, and then HOTPLEX_CLOSED;
 * nobody else may use the handle meanwhile. Events that were taken stay valid until they are freed
 * themselves. May be called from within hotplex_dispatch(); nothing more comes then.
 *
 * Threads: any. Never fails.
 */
HOTPLEX_API void hotplex_engine_free(struct hotplex_engine *engine);

/**
 * Starts `count` spare agents, which any new session with the same work directory and model may
 * take, so that its first turn need not wait for a start. Returns at once; over the option
 * `max_processes` none is started.
 *
 * `config_json` is a JSON object with `work_dir` and, if wanted, `model`. `error` as for
 * hotplex_engine_new().
 *
 * Returns HOTPLEX_OK, HOTPLEX_INVALID_ARGUMENT, HOTPLEX_CLOSED or HOTPLEX_MISUSE. Threads: any.
 */
HOTPLEX_API
int32_t hotplex_prewarm(struct hotplex_engine *engine,
                        const char *config_json,
                        uint32_t count,
                        char **error);

/**
 * Sends a prompt into its session and returns at once. The turn's events come out of
 * hotplex_next_events() and its sisters, up to exactly one HOTPLEX_EVENT_TURN_END. Another thread
 * that takes events may see the first of them before this function returns.
 *
 * `config_json` is a JSON object with `session_id`, `work_dir` (made if it is missing) and, if
 * wanted, `task_system_prompt`, `model`, `project`, `turn_timeout_ms` and `tag`, a number of the caller's
 * own that hotplex_event_tag() gives of each event of the turn. `prompt` is UTF-8 of `prompt_len` bytes. Both are copied. On success `*turn` is the turn's number, unique within the engine and
 * never 0. `error` as for hotplex_engine_new().
 *
 * Returns HOTPLEX_OK; HOTPLEX_INVALID_ARGUMENT, also for a work directory or model that differs
 * from that of the session's live agent; HOTPLEX_BUSY if too many turns wait; HOTPLEX_IN_USE if
 * another engine uses the session (the message names the process); HOTPLEX_BLOCKED if the guard
 * refuses the prompt (the message says why); HOTPLEX_CLOSED; HOTPLEX_MISUSE. Unless it returns
 * HOTPLEX_OK there is no turn. Threads: any.
 */
HOTPLEX_API
int32_t hotplex_execute(struct hotplex_engine *engine,
                        const char *config_json,
                        const char *prompt,
                        size_t prompt_len,
                        uint64_t *turn,
                        char **error);

/**
 * Answers a HOTPLEX_EVENT_PERMISSION_REQUEST. `request_id` is the event's. `decision_json` is
 * `{"behavior":"allow"}`, with `"updated_input":{...}` to run the tool with another input, or
 * `{"behavior":"deny"}`, with `"message"` for the model and `"interrupt":true` to end the turn as
 * well, if wanted. `error` as for hotplex_engine_new().
 *
 * Returns HOTPLEX_OK; HOTPLEX_NOT_FOUND if no such request is pending (answered, withdrawn or timed
 * out); HOTPLEX_INVALID_ARGUMENT, HOTPLEX_CLOSED, HOTPLEX_MISUSE. Threads: any.
 */
HOTPLEX_API
int32_t hotplex_respond(struct hotplex_engine *engine,
                        uint64_t turn,
                        const char *request_id,
                        const char *decision_json,
                        char **error);

/**
 * Answers a HOTPLEX_EVENT_PERMISSION_REQUEST by its session, which is the way to answer one of no
 * turn: agents ask so for what they do in the background. `session_id` is the event's, the rest as
 * for hotplex_respond().
 *
 * Returns HOTPLEX_OK; HOTPLEX_NOT_FOUND if no such request is open in the session;
 * HOTPLEX_INVALID_ARGUMENT, HOTPLEX_CLOSED, HOTPLEX_MISUSE. Threads: any.
 */
HOTPLEX_API
int32_t hotplex_respond_in_session(struct hotplex_engine *engine,
                                   const char *session_id,
                                   const char *request_id,
                                   const char *decision_json,
                                   char **error);

/**
 * Asks the agent to let go of a turn and returns at once; the session and its process go on. The
 * turn ends as cancelled within about a second, or as something else if it was over already.
 *
 * Returns HOTPLEX_OK; HOTPLEX_NOT_FOUND if the turn is over or never was; HOTPLEX_CLOSED,
 * HOTPLEX_MISUSE. Threads: any.
 */
HOTPLEX_API int32_t hotplex_cancel(struct hotplex_engine *engine, uint64_t turn);

/**
 * Holds back the events of a turn, its end too (`paused` not 0), or lets them through again
 * (`paused` 0): for hosts that hand each turn to a reader of its own, one of whom is slow. When
 * the session's `window_bytes` are full its agent is not read any more; no other turn notices.
 * Its time limit goes on. Once the engine has ended nothing is held back.
 *
 * Returns HOTPLEX_OK; HOTPLEX_NOT_FOUND if the turn's end was taken or it never was;
 * HOTPLEX_MISUSE. Threads: any.
 */
HOTPLEX_API
int32_t hotplex_turn_pause(struct hotplex_engine *engine,
                           uint64_t turn,
                           int32_t paused);

/**
 * Stops a session: its turns end as stopped at once, its agent is ended politely. The conversation
 * is kept; the next prompt takes it up again. `reason` goes into the turns' ends; NULL is allowed.
 *
 * Returns HOTPLEX_OK; HOTPLEX_NOT_FOUND if the pool holds no such session;
 * HOTPLEX_INVALID_ARGUMENT, HOTPLEX_CLOSED, HOTPLEX_MISUSE. Threads: any.
 */
HOTPLEX_API
int32_t hotplex_stop_session(struct hotplex_engine *engine,
                             const char *session_id,
                             const char *reason);

/**
 * Gives a JSON array of the sessions and spares that the pool holds now. On success `*out` is to
 * be freed with hotplex_string_free().
 *
 * Returns HOTPLEX_OK, HOTPLEX_INVALID_ARGUMENT, HOTPLEX_CLOSED or HOTPLEX_MISUSE. Threads: any.
 */
HOTPLEX_API int32_t hotplex_sessions_json(struct hotplex_engine *engine, char **out);

/**
 * Gives a JSON object of figures: what the engine has done and holds now if `session_id` is NULL,
 * else what that session has done since it came into the pool. On success `*out` is to be freed
 * with hotplex_string_free().
 *
 * Returns HOTPLEX_OK; HOTPLEX_NOT_FOUND if the pool holds no such session;
 * HOTPLEX_INVALID_ARGUMENT, HOTPLEX_CLOSED, HOTPLEX_MISUSE. Threads: any.
 */
HOTPLEX_API
int32_t hotplex_stats_json(struct hotplex_engine *engine,
                           const char *session_id,
                           char **out);

/**
 * Asks the guard about a text without sending it anywhere.
 *
 * `context_json` is `{"kind":"command","work_dir":"/home/dev/proj","home":"/home/dev",
 * "user":"dev"}`; `kind` is `command` (source of a shell) or `prompt`; `home` and `user` are this
 * process's if they are left out. `rules`, only without an engine, is the text of a rules file whose
 * rules are asked beside the usual ones. `text` is UTF-8 of `len` bytes. `engine` may be NULL: the usual
 * rules are asked then, else the engine's. For both answers `*verdict_json` gets a JSON object, to
 * be freed with hotplex_string_free(): `verdict` (`allow`, `flag` or `block`) and, unless that is a
 * plain allow, `operation`, `reason`, `rule`, `level`, `category` and `suggestions`.
 * `verdict_json` may be NULL.
 *
 * Returns HOTPLEX_OK if it may go on, HOTPLEX_BLOCKED if not; HOTPLEX_INVALID_ARGUMENT,
 * HOTPLEX_MISUSE. Threads: any.
 */
HOTPLEX_API
int32_t hotplex_check(struct hotplex_engine *engine,
                      const char *context_json,
                      const char *text,
                      size_t len,
                      char **verdict_json);

/**
 * Puts another guard in place of the engine's, from the next prompt and the next call of a tool on,
 * in running turns too.
 *
 * `guard_json` is a JSON object as under the option `guard`; what it leaves out has its default and
 * not the value it had. The audit file stays the one the engine was opened with. `error` as for
 * hotplex_engine_new().
 *
 * Returns HOTPLEX_OK; HOTPLEX_INVALID_ARGUMENT for what hotplex_engine_new() would refuse (the
 * guard stays as it was then); HOTPLEX_MISUSE. Threads: any.
 */
HOTPLEX_API
int32_t hotplex_set_guard(struct hotplex_engine *engine,
                          const char *guard_json,
                          char **error);

/**
 * Gives a JSON array of the agents that this library can run, whether they are there or not, one
 * object each: `name` (for the option `provider`), `default_program`, `program` (where it was
 * found on this process's PATH, or null), `looked_at` (where it was looked for in vain),
 * `version`, `tested_versions` (the releases with which this library was tested) and
 * `capabilities` (`gate`: `every_call`, `asks_only` or `none`; `tool_gate`, `denial_reason`,
 * `updated_input`, `interrupt`, `resume`, `deltas`).
 *
 * `version` is what the program says by `--version`, or null. The programs that were found are asked
 * for it at the same time, and waited for up to `timeout_ms` together; 0 asks none, and a negative
 * number stands for 5000. On success `*out` is to be freed with hotplex_string_free().
 *
 * Returns HOTPLEX_OK, HOTPLEX_INVALID_ARGUMENT. Threads: any.
 */
HOTPLEX_API
int32_t hotplex_providers(int32_t timeout_ms,
                          char **out);

/**
 * Returns the event's type, one of hotplex_event_type or a later one; HOTPLEX_INVALID_ARGUMENT for
 * NULL. Threads: any.
 */
HOTPLEX_API int32_t hotplex_event_get_type(const struct hotplex_event *event);

/**
 * Returns the number of the turn that the event belongs to; 0 for what an agent does by itself, and
 * for NULL. Threads: any.
 */
HOTPLEX_API uint64_t hotplex_event_turn(const struct hotplex_event *event);

/**
 * Returns the number that the caller gave the turn as `tag`; 0 if none, for what an agent does by itself,
 * and for NULL. Events are told apart by it before hotplex_execute() has given the turn's own number.
 * Threads: any.
 */
HOTPLEX_API
uint64_t hotplex_event_tag(const struct hotplex_event *event);

/**
 * Returns the name of the session that the event belongs to, "" for a spare; NULL for NULL. Valid
 * as long as the event. Threads: any.
 */
HOTPLEX_API const char *hotplex_event_session_id(const struct hotplex_event *event);

/**
 * Returns the event's text, as far as it has one: the answer, the thinking, the tool's output, the
 * notice, the raw line, the guard's reason; of a tool's call and a permission request the summary
 * in one line; of a turn's end the error, and NULL if the turn completed. NULL for an event without
 * text and for NULL.
 *
 * UTF-8, with a NUL behind it; `*len` gets its length without that, as the text may hold NULs
 * itself; `len` may be NULL. Valid as long as the event. Threads: any.
 */
HOTPLEX_API const char *hotplex_event_text(const struct hotplex_event *event, size_t *len);

/**
 * Returns the whole event as one line of JSON, and in `*len`, unless that is NULL, its length;
 * NULL for NULL. Valid as long as the event. Keys that the reader does not know must be ignored.
 * A tool's `parent` is the `id` of the call that started the sub-agent whose call it is, or null.
 * Threads: any.
 */
HOTPLEX_API const char *hotplex_event_json(const struct hotplex_event *event, size_t *len);

/**
 * Frees an event, and with it all that was borrowed from it. NULL is allowed. The engine may be
 * gone. Threads: any.
 */
HOTPLEX_API void hotplex_event_free(struct hotplex_event *event);

/**
 * Takes the events that are there, at most `capacity`; if there is none, waits for the first one
 * `timeout_ms` milliseconds (0: not at all; negative: as long as it takes). Events of one turn come
 * in order; turns take turns. Taking an event is what lets its agent go on: events may be kept.
 *
 * Returns how many were written to `out`, at least 1; each is to be freed with
 * hotplex_event_free(). HOTPLEX_TIMEOUT if none came; HOTPLEX_CLOSED once the engine has ended and
 * all was taken; HOTPLEX_INVALID_ARGUMENT; HOTPLEX_MISUSE, also if another thread takes events now.
 *
 * Threads: any, one at a time over all functions that take events of this engine.
 */
HOTPLEX_API
int32_t hotplex_next_events(struct hotplex_engine *engine,
                            struct hotplex_event **out,
                            size_t capacity,
                            int32_t timeout_ms);

/**
 * Takes events as text: fills the buffer with whole lines, each one event as JSON and a newline,
 * no NUL behind the last. Never waits.
 *
 * Returns how many bytes were written; HOTPLEX_TIMEOUT if there is no event;
 * HOTPLEX_BUFFER_TOO_SMALL if the first line does not fit; HOTPLEX_CLOSED, HOTPLEX_INVALID_ARGUMENT
 * and HOTPLEX_MISUSE as hotplex_next_events(). `*needed` gets the length of the line that did not
 * fit and comes first at the next call, or 0; `needed` may be NULL.
 *
 * Threads: as hotplex_next_events().
 */
HOTPLEX_API
int64_t hotplex_drain_json(struct hotplex_engine *engine,
                           char *buffer,
                           size_t size,
                           size_t *needed);

/**
 * Takes events as hotplex_next_events() does and calls `callback` for each of them, on this thread,
 * with the same `user_data`. The callback may call any function of this library; after one that
 * freed the engine nothing more is shown. A C++ exception may leave it: events that were taken but
 * not shown are lost then.
 *
 * Returns how many events were shown, at least 1, or what hotplex_next_events() returns.
 * Threads: as hotplex_next_events().
 */
HOTPLEX_API
int32_t hotplex_dispatch(struct hotplex_engine *engine,
                         hotplex_event_cb callback,
                         void *user_data,
                         int32_t timeout_ms);

/**
 * Gives a descriptor for the caller's own poll loop (poll, epoll, libuv, asyncio): the read end of
 * a pipe, non-blocking and close-on-exec. Each call gives a new one, which the caller closes, before
 * or after the engine is freed.
 *
 * It is readable when there are events. After a wake take events until HOTPLEX_TIMEOUT: that makes
 * it unreadable again. Bytes may be read from it or left in it. Its end of file means that the
 * engine has ended and all was taken, or that it was freed.
 *
 * Returns the descriptor (0 or more), HOTPLEX_CLOSED, HOTPLEX_INTERNAL if the process has no
 * descriptors left, or HOTPLEX_MISUSE. Threads: any.
 */
HOTPLEX_API
int32_t hotplex_event_fd(struct hotplex_engine *engine);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* HOTPLEX_H */
