/* One measurement through the C interface, printed for overhead.rs:
 *
 *     overhead next_events|drain_json EVENTS    events a second, microseconds of CPU an event
 *     overhead echo TURNS                       median of a turn in microseconds
 */
#define _GNU_SOURCE
#include <hotplex.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void must(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "%s\n", what);
        exit(1);
    }
}

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static hotplex_engine *engine;

static void execute(const char *prompt)
{
    char config[512];
    snprintf(config, sizeof config, "{\"session_id\":\"s\",\"work_dir\":\"%s\"}", getenv("STAGE"));
    uint64_t turn;
    must(hotplex_execute(engine, config, prompt, strlen(prompt), &turn, NULL) == 0, "no turn");
}

/* Takes a turn's events, many at once, and looks at what a host looks at. */
static int take_events(void)
{
    hotplex_event *events[256];
    for (int count = 0;;) {
        int32_t taken = hotplex_next_events(engine, events, 256, -1);
        must(taken > 0, "no events");
        count += taken;
        int ended = 0;
        for (int32_t i = 0; i < taken; i++) {
            size_t length;
            ended |= hotplex_event_get_type(events[i]) == HOTPLEX_EVENT_TURN_END;
            hotplex_event_text(events[i], &length);
            hotplex_event_free(events[i]);
        }
        if (ended)
            return count;
    }
}

/* Takes a turn's events as lines of JSON, waiting at the descriptor. */
static int drain(void)
{
    static char buffer[256 * 1024];
    struct pollfd wait = {.fd = hotplex_event_fd(engine), .events = POLLIN};
    for (int count = 0;;) {
        int64_t bytes = hotplex_drain_json(engine, buffer, sizeof buffer, NULL);
        if (bytes == HOTPLEX_TIMEOUT) {
            poll(&wait, 1, -1);
            continue;
        }
        must(bytes > 0, "no lines");
        char *end = buffer + bytes;
        for (char *line = buffer; line < end; line = (char *)memchr(line, '\n', (size_t)(end - line)) + 1) {
            count++;
            if (strncmp(line, "{\"type\":\"turn_end\"", 18) == 0)
                return count;
        }
    }
}

static void flood(int (*take)(void), int events)
{
    char prompt[64];
    execute("hello");
    take();
    snprintf(prompt, sizeof prompt, "!flood %d 100", events);
    double start = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    execute(prompt);
    int count = take();
    double took = seconds(CLOCK_MONOTONIC) - start;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("%.0f %.3f\n", count / took, cpu / count * 1e6);
}

static int by_size(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static void echo(int turns)
{
    double *times = calloc((size_t)turns, sizeof *times);
    must(times != NULL, "no memory");
    execute("hello");
    take_events();
    for (int i = 0; i < turns; i++) {
        double start = seconds(CLOCK_MONOTONIC);
        execute("0123456789");
        take_events();
        times[i] = seconds(CLOCK_MONOTONIC) - start;
    }
    qsort(times, (size_t)turns, sizeof *times, by_size);
    printf("%.1f 0\n", times[turns / 2] * 1e6);
    free(times);
}

int main(int argc, char **argv)
{
    must(argc == 3, "overhead next_events|drain_json|echo COUNT");
    char options[512];
    snprintf(options, sizeof options, "{\"program\":\"%s\",\"state_dir\":\"%s/state\"}",
             getenv("STAND_IN"), getenv("STAGE"));
    must(hotplex_engine_new(options, &engine, NULL) == 0, "no engine");
    int count = atoi(argv[2]);
    if (strcmp(argv[1], "next_events") == 0)
        flood(take_events, count);
    else if (strcmp(argv[1], "drain_json") == 0)
        flood(drain, count);
    else
        echo(count);
    hotplex_engine_shutdown(engine, 2000);
    hotplex_event *event;
    while (hotplex_next_events(engine, &event, 1, -1) == 1)
        hotplex_event_free(event);
    hotplex_engine_free(engine);
    return 0;
}
