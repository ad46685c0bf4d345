/* tengen gtp: an engine for GTP clients. */
#include <unistd.h>

#include "agents/agent.h"
#include "engine/commands/command.h"
#include "engine/protocols/gtp/gtp.h"

static int serve(const struct gtp_config *config)
{
    struct gtp *gtp;
    GError *error = NULL;
    if (gtp_create(&gtp, config, &error) < 0)
        return command_fail("gtp", COMMAND_USAGE, error);
    int served = gtp_serve(gtp, STDIN_FILENO, STDOUT_FILENO);
    gtp_close(gtp);
    return command_served("gtp", served);
}

static int run(int argc, char **argv)
{
    char *agent = NULL, *game = NULL;
    int threads = agent_share_of_threads(g_get_num_processors(), 1);
    gint64 seed = COMMAND_SEED_OF_CLOCK;
    GOptionEntry entries[] = {
        {"agent", 0, 0, G_OPTION_ARG_STRING, &agent, "the player (net:default)", "SPEC"},
        {"game", 0, 0, G_OPTION_ARG_STRING, &game, "initial game, until the client changes it (go:19,rules=chinese)",
         "SPEC"},
        {"threads", 0, 0, G_OPTION_ARG_INT, &threads, "search threads (one per core, at most 64)", "N"},
        {"seed", 0, 0, G_OPTION_ARG_INT64, &seed, "random seed (from the clock)", "S"},
        {NULL, 0, 0, 0, NULL, NULL, NULL}};
    GOptionContext *context = g_option_context_new("- engine for Sabaki, GoGui, Lizzie, CGOS and other GTP clients");
    g_option_context_set_summary(
        context,
        "Speaks GTP version 2 on stdin and stdout, with the analysis commands of Leela Zero, KataGo and Sabaki.\n"
        "Clients set size, komi, rules and clocks.");
    g_option_context_add_main_entries(context, entries, NULL);
    int status = command_parse(context, &argc, &argv, "gtp");
    g_option_context_free(context);
    if (status < 0) {
        GError *error = NULL;
        if (command_check_server(argc, threads, &seed, &error)) {
            const struct gtp_config config = {
                .agent = agent ? agent : "net:default",
                /* Most clients do not set rules, and most of their referees forbid suicide. */
                .game = game ? game : "go:19,rules=chinese",
                .seed = (uint64_t)seed,
                .threads = threads};
            status = serve(&config);
        } else {
            status = command_fail("gtp", COMMAND_USAGE, error);
        }
    }
    g_free(agent);
    g_free(game);
    return status;
}

const struct command command_gtp = {"gtp", "engine for GTP clients: Sabaki, GoGui, Lizzie, CGOS", run};
