// A C++ exception may leave a callback: it goes through hotplex_dispatch() to whoever called that.
#include <hotplex.h>
#include <hotplex.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

namespace {

void refuse(const hotplex_event *event, void *)
{
    if (hotplex_event_get_type(event) == HOTPLEX_EVENT_ANSWER)
        throw std::runtime_error(hotplex_event_text(event, nullptr));
}

void end(const hotplex_event *event, void *ended)
{
    *static_cast<bool *>(ended) |= hotplex_event_get_type(event) == HOTPLEX_EVENT_TURN_END;
}

int fail(const char *what)
{
    std::fprintf(stderr, "%s\n", what);
    return 1;
}

} // namespace

int main()
{
    const std::string stage = std::getenv("STAGE");
    const std::string options = "{\"program\":\"" + std::string(std::getenv("STAND_IN"))
                                + "\",\"state_dir\":\"" + stage + "/state\"}";
    const std::string config = "{\"session_id\":\"s\",\"work_dir\":\"" + stage + "/work\"}";
    hotplex_engine *engine = nullptr;
    uint64_t turn = 0;
    if (hotplex_engine_new(options.c_str(), &engine, nullptr) != HOTPLEX_OK)
        return fail("no engine");
    if (hotplex_execute(engine, config.c_str(), "hello", 5, &turn, nullptr) != HOTPLEX_OK)
        return fail("no turn");
    bool caught = false;
    while (!caught) {
        try {
            if (hotplex_dispatch(engine, refuse, nullptr, 60000) < 0)
                return fail("no events");
        } catch (const std::runtime_error &error) {
            caught = std::strcmp(error.what(), "echo: hello") == 0;
        }
    }
    // The engine is as good as before.
    bool ended = false;
    if (hotplex_execute(engine, config.c_str(), "hello", 5, &turn, nullptr) != HOTPLEX_OK)
        return fail("no second turn");
    while (!ended)
        if (hotplex_dispatch(engine, end, &ended, 60000) < 0)
            return fail("no more events");
    hotplex_engine_shutdown(engine, 2000);
    while (hotplex_dispatch(engine, end, &ended, 60000) > 0) {
    }
    hotplex_engine_free(engine);
    return 0;
}
