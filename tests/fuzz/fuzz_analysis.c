/* The analysis protocol: whatever the lines contain, the session continues to the end of its input. */
#include <stdlib.h>

#include "engine/protocols/katago/analysis.h"
#include "fuzz_server.h"

static int serve(void *server, int in, int out)
{
    return analysis_serve(server, in, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!fuzz_input_is_safe(data, size))
        return 0;
    struct analysis *analysis;
    const struct analysis_config config = {
        .agent = fuzz_agent("go:5"), .game = "go:5", .seed = 1, .workers = 1, .threads = 1, .visits = 1};
    if (analysis_create(&analysis, &config, NULL) < 0)
        abort();
    int found = fuzz_serve(serve, analysis, data, size, "\"field\":\"priorities\"");
    analysis_close(analysis);
#ifdef FUZZ_PLANTED
    if (found) /* priorities that do not match the turns, in a query that is otherwise correct */
        abort();
#else
    (void)found;
#endif
    return 0;
}
