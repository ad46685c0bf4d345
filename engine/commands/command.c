#include "engine/commands/command.h"

#include "agents/agent.h"
#include "games/game.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Defined in NAME.c. */
extern const struct command command_analysis, command_bench, command_doctor, command_export, command_gomocup,
    command_gtp, command_import, command_lab, command_match, command_memory, command_play, command_report,
    command_robust, command_torture, command_train, command_watch;

const struct command *const command_table[] = {
    &command_play,    &command_train,  &command_watch,   &command_report, &command_match, &command_lab,
    &command_robust,  &command_memory, &command_export,  &command_import, &command_gtp,   &command_analysis,
    &command_gomocup, &command_bench,  &command_torture, &command_doctor, NULL,
};

const struct command *const command_table_of_ranks[] = {&command_train, &command_match, &command_lab, NULL};

const char *command_program(void)
{
    const char *typed = g_getenv("TENGEN_COMMAND");
    return typed && *typed ? typed : "tengen";
}

/* GLib's own abort() on a fatal message follows unless this function does not return. No memory is allocated here: the
 * message may be that there is none. */
static void end_on_fatal(const char *domain, GLogLevelFlags level, const char *message, void *data)
{
    (void)domain, (void)data;
    fprintf(stderr, "tengen: %s\n", message);
    if (level & G_LOG_LEVEL_ERROR)
        _exit(COMMAND_MACHINE);
}

void command_prepare_process(void)
{
    int fd;
    while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO)
        ;
    if (fd >= 0)
        close(fd);
    g_log_set_default_handler(end_on_fatal, NULL);
    /* Of itself cJSON leaves out what it has no memory for: the header of a net's file would lack a member. */
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = g_malloc, .free_fn = g_free});
    signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is then a failed write, which has a message */
}

int command_flush(int status)
{
    bool lost = ferror(stdout) != 0;
    if (fflush(stdout) == 0 && !lost)
        return status;
    int why = errno;
    if (status != COMMAND_MACHINE)
        fprintf(stderr, "tengen: cannot write to standard output: %s\n", g_strerror(why));
    return COMMAND_MACHINE;
}

char *command_printable(char *text)
{
    for (char *at = text; *at; at++) {
        bool c1 = (guint8)*at == 0xc2 && (guint8)at[1] >= 0x80 && (guint8)at[1] < 0xa0; /* U+0080 to U+009F in UTF-8 */
        if (c1)
            *at++ = '?';
        if (c1 || g_ascii_iscntrl(*at))
            *at = '?';
    }
    return text;
}

int command_fail(const char *name, int status, GError *error)
{
    fprintf(stderr, "tengen %s: %s\n", name, error ? command_printable(error->message) : "failed");
    g_clear_error(&error);
    return status;
}

int command_parse(GOptionContext *context, int *argc, char ***argv, const char *name)
{
    /* GOption answers --help itself, but under the program's name rather than the command's. */
    g_option_context_set_help_enabled(context, FALSE);
    for (int i = 1; i < *argc && strcmp((*argv)[i], "--") != 0; i++)
        if (strcmp((*argv)[i], "--help") == 0 || strcmp((*argv)[i], "-h") == 0) {
            char *program = g_strconcat("tengen ", name, NULL);
            g_set_prgname(program);
            g_free(program);
            char *help = g_option_context_get_help(context, TRUE, NULL);
            fputs(help, stdout);
            g_free(help);
            return COMMAND_OK;
        }
    GError *error = NULL;
    if (!g_option_context_parse(context, argc, argv, &error)) {
        fprintf(stderr, "tengen %s: %s; `tengen %s --help` lists the options\n", name,
                command_printable(error->message), name);
        g_clear_error(&error);
        return COMMAND_USAGE;
    }
    return -1;
}

bool command_check_server(int argc, int threads, gint64 *seed, GError **error)
{
    if (*seed == COMMAND_SEED_OF_CLOCK)
        *seed = g_get_real_time();
    const char *wrong = argc > 1 ? "unexpected argument; use --agent SPEC to select the player"
                        : threads < 1 || threads > AGENT_MAX_THREADS ? "--threads must be 1 to 64"
                        : *seed < 0 ? "--seed must be 0 or more; omit it to use the clock"
                                    : NULL;
    if (wrong)
        g_set_error_literal(error, GAME_ERROR, GAME_ERROR_SPEC, wrong);
    return !wrong;
}

int command_served(const char *name, int served)
{
    GError *error = NULL;
    if (served == 0)
        return COMMAND_OK;
    g_set_error(&error, AGENT_ERROR, AGENT_ERROR_DIED, "output closed by the client");
    return command_fail(name, COMMAND_MACHINE, error);
}

void command_print_json(cJSON *object)
{
    char *text = cJSON_PrintUnformatted(object);
    puts(text);
    cJSON_free(text);
    cJSON_Delete(object);
}
