/* The Gomocup protocol: no input ends the session before END or the end of input. */
#include <stdlib.h>

#include "engine/protocols/gomocup/gomocup.h"
#include "fuzz_server.h"

static int serve(void *server, int in, int out)
{
    return gomocup_serve(server, in, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!fuzz_input_is_safe(data, size))
        return 0;
    struct gomocup *brain;
    const struct gomocup_config config = {.agent = fuzz_agent("gomoku:15"), .seed = 1, .threads = 1};
    if (gomocup_create(&brain, &config, NULL) < 0)
        abort();
    int found = fuzz_serve(serve, brain, data, size, "ERROR field 3");
    gomocup_close(brain);
#ifdef FUZZ_PLANTED
    if (found) /* a stone of a continuous game, in a board that is otherwise complete and correct */
        abort();
#else
    (void)found;
#endif
    return 0;
}
