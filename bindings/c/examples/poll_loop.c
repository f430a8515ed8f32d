/* An engine in a loop of one's own: poll() over the engine's descriptor and standard input. Lines
 * that are typed are prompts; they are answered while others are being typed.
 *
 *     poll_loop [--provider NAME] [PROGRAM]
 */
#include "example.h"

#include <poll.h>
#include <unistd.h>

/* Shows what is there, never waits; how many turns ended. */
static int take_events(hotplex_engine *engine)
{
    hotplex_event *events[64];
    int32_t count;
    int ended = 0;
    /* Until there are none: only that makes the descriptor unreadable again. */
    while ((count = hotplex_next_events(engine, events, 64, 0)) > 0)
        for (int32_t i = 0; i < count; i++) {
            int32_t type = hotplex_event_get_type(events[i]);
            const char *text = hotplex_event_text(events[i], NULL);
            if (type == HOTPLEX_EVENT_ANSWER)
                printf("%s\n", text);
            if (type == HOTPLEX_EVENT_TURN_END) {
                ended++;
                if (text)
                    printf("[failed] %s\n", text);
            }
            hotplex_event_free(events[i]);
        }
    fflush(stdout);
    return ended;
}

/* Reads what is typed and asks line by line; -1 at the end of input, else how many turns began. */
static int take_lines(hotplex_engine *engine)
{
    static char line[4096];
    static size_t length;
    ssize_t count = read(STDIN_FILENO, line + length, sizeof line - 1 - length);
    if (count <= 0)
        return -1;
    length += (size_t)count;
    line[length] = '\0';
    int begun = 0;
    char *start = line, *end;
    while ((end = strchr(start, '\n'))) {
        *end = '\0';
        if (*start) {
            ask(engine, "poll-loop", start);
            begun++;
        }
        start = end + 1;
    }
    length -= (size_t)(start - line);
    memmove(line, start, length);
    return begun;
}

int main(int argc, char **argv)
{
    hotplex_engine *engine = open_engine(take_agent(&argc, &argv));
    int descriptor = hotplex_event_fd(engine);
    must(descriptor, NULL, "the descriptor");
    struct pollfd watched[] = {{.fd = descriptor, .events = POLLIN},
                               {.fd = STDIN_FILENO, .events = POLLIN}};
    int under_way = 0;
    /* A descriptor of -1 is not watched: the end of input is no reason to stop listening. */
    while (watched[1].fd >= 0 || under_way > 0) {
        if (poll(watched, 2, -1) < 0)
            return 1;
        if (watched[0].revents)
            under_way -= take_events(engine);
        if (watched[1].revents) {
            int begun = take_lines(engine);
            if (begun < 0)
                watched[1].fd = -1;
            else
                under_way += begun;
        }
    }
    close(descriptor);
    close_engine(engine);
    return 0;
}
