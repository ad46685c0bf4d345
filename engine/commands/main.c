#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "engine/cluster/load.h"
#include "engine/commands/command.h"

extern const struct command command_gomocup;

static void print_usage(FILE *out)
{
    fputs("Usage: tengen COMMAND [OPTIONS]\n\n", out);
    for (int i = 0; command_table[i]; i++)
        fprintf(out, "  %-8s %s\n", command_table[i]->name, command_table[i]->summary);
    fputs("\n`tengen COMMAND --help` lists the options of a command.\n", out);
}

/* GLib converts arguments from the locale's charset and rejects invalid ones; without a locale (cron, ssh, a bare
 * container) assume UTF-8. Only LC_CTYPE is set, so that the decimal separator stays a point. */
static void set_charset(void)
{
    if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "ANSI_X3.4-1968") == 0)
        setlocale(LC_CTYPE, "C.UTF-8");
}

static bool works_on_ranks(const struct command *command)
{
    for (int i = 0; command_table_of_ranks[i]; i++)
        if (command_table_of_ranks[i] == command)
            return true;
    return false;
}

static int run_command(const struct command *command, int argc, char **argv)
{
    int rank;
    if (cluster_environment(&rank) == 1 || works_on_ranks(command))
        return command->run(argc, argv);
    /* Several equal processes would write the same files. Only rank 0 fails: mpirun may end all when the first one does. */
    if (rank > 0)
        return COMMAND_OK;
    fprintf(stderr, "tengen %s: runs in one process, but was started as several; start it without mpirun or srun\n",
            command->name);
    return COMMAND_USAGE;
}

static int run(int argc, char **argv)
{
    /* Gomocup managers start an engine by its file name, without arguments. */
    const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];
    if (strncmp(name, "pbrain-", strlen("pbrain-")) == 0)
        return command_gomocup.run(argc, argv);
    if (argc < 2) {
        print_usage(stderr);
        return COMMAND_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return COMMAND_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("tengen " TENGEN_VERSION);
        return COMMAND_OK;
    }
    for (int i = 0; command_table[i]; i++)
        if (strcmp(command_table[i]->name, argv[1]) == 0)
            return run_command(command_table[i], argc - 1, argv + 1);
    fprintf(stderr, "tengen: unknown command \"%s\"; `tengen --help` lists the commands\n", command_printable(argv[1]));
    return COMMAND_USAGE;
}

int main(int argc, char **argv)
{
    command_prepare_process();
    set_charset();
    return command_flush(run(argc, argv));
}
