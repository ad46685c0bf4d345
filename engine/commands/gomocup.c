/* tengen gomocup: an engine for Piskvork, Gomocup managers and Yixin's boards. */
#include <unistd.h>

#include "engine/commands/command.h"
#include "engine/protocols/gomocup/gomocup.h"

static int serve(const struct gomocup_config *config)
{
    struct gomocup *gomocup;
    GError *error = NULL;
    if (gomocup_create(&gomocup, config, &error) < 0)
        return command_fail("gomocup", COMMAND_USAGE, error);
    int served = gomocup_serve(gomocup, STDIN_FILENO, STDOUT_FILENO);
    gomocup_close(gomocup);
    return command_served("gomocup", served);
}

static int run(int argc, char **argv)
{
    char *agent = NULL;
    int threads = 1;
    gint64 seed = COMMAND_SEED_OF_CLOCK;
    GOptionEntry entries[] = {{"agent", 0, 0, G_OPTION_ARG_STRING, &agent, "the player (net:default)", "SPEC"},
                              {"threads", 0, 0, G_OPTION_ARG_INT, &threads, "search threads (1, as at Gomocup)", "N"},
                              {"seed", 0, 0, G_OPTION_ARG_INT64, &seed, "random seed (from the clock)", "S"},
                              {NULL, 0, 0, 0, NULL, NULL, NULL}};
    GOptionContext *context = g_option_context_new("- engine for Piskvork, Gomocup managers and Yixin's boards");
    g_option_context_set_summary(
        context, "Speaks the Gomocup protocol on stdin and stdout. The manager sets size, rules, time and memory.\n"
                 "A program name that starts with pbrain- selects this command.");
    g_option_context_add_main_entries(context, entries, NULL);
    int status = command_parse(context, &argc, &argv, "gomocup");
    g_option_context_free(context);
    if (status < 0) {
        GError *error = NULL;
        if (command_check_server(argc, threads, &seed, &error)) {
            const struct gomocup_config config = {
                .agent = agent ? agent : "net:default", .seed = (uint64_t)seed, .threads = threads};
            status = serve(&config);
        } else {
            status = command_fail("gomocup", COMMAND_USAGE, error);
        }
    }
    g_free(agent);
    return status;
}

const struct command command_gomocup = {"gomocup", "engine for Piskvork, Gomocup managers and Yixin's boards", run};
