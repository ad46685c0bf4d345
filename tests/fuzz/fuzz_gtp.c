/* GTP: no input ends the session before quit or the end of input, and the agent's and the session's boards stay
 * consistent. */
#include <assert.h>
#include <stdlib.h>

#include "engine/protocols/gtp/gtp.h"
#include "fuzz_server.h"
#include "games/game.h"

static int serve(void *server, int in, int out)
{
    return gtp_serve(server, in, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!fuzz_input_is_safe(data, size))
        return 0;
    struct gtp *gtp;
    /* The first byte selects the game. */
    const char *game = size && data[0] == 'G' ? "gomoku:7" : "go:5";
    const struct gtp_config config = {
        .agent = game[2] == ':' ? fuzz_agent("go:5") : "random", .game = game, .seed = 1, .threads = 1};
    if (gtp_create(&gtp, &config, NULL) < 0)
        abort();
    int found = fuzz_serve(serve, gtp, data, size, "SITUATIONAL\"");
    gtp_close(gtp);
#ifdef FUZZ_PLANTED
    if (found) /* situational superko in a reply with the rules: one seed sets it, another queries the rules */
        abort();
#else
    (void)found;
#endif
    return 0;
}
