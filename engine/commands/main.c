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

/* Several equal processes would write the same files. */
static bool works_here(const struct command *command)
{
    int rank;
    bool works = cluster_environment(&rank) == 1;
    for (int i = 0; command_table_of_ranks[i]; i++)
        works = works || command_table_of_ranks[i] == command;
    if (works)
        return true;
    if (rank == 0)
        fprintf(stderr, "tengen %s: runs in one process, but was started as several; start it without mpirun or srun\n",
                command->name);
    return false;
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
            return works_here(command_table[i]) ? command_table[i]->run(argc - 1, argv + 1) : COMMAND_USAGE;
    fprintf(stderr, "tengen: unknown command \"%s\"; `tengen --help` lists the commands\n", command_printable(argv[1]));
    return COMMAND_USAGE;
}

int main(int argc, char **argv)
{
    command_prepare_process();
    set_charset();
    return command_flush(run(argc, argv));
}
