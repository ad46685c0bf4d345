/* Commands: one file NAME.c each, and one line in command.c's table. A command gets argv with argv[0] = its name,
 * parses it with GOption, and returns the exit status: 0 success, 1 check failed, 2 bad input, 3 system failure (disk,
 * memory, library). Errors go to stderr as one line "tengen NAME: PROBLEM; REMEDY". */
#ifndef TENGEN_ENGINE_COMMANDS_COMMAND_H
#define TENGEN_ENGINE_COMMANDS_COMMAND_H

#include <cjson/cJSON.h>
#include <glib.h>
#include <stdbool.h>

enum command_status { COMMAND_OK = 0, COMMAND_FAILED = 1, COMMAND_USAGE = 2, COMMAND_MACHINE = 3 };

struct command {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
};
extern const struct command *const command_table[]; /* NULL-terminated */
/* Those that mpirun can start as several processes, which then work together (engine/cluster/ranks.h). */
extern const struct command *const command_table_of_ranks[];

/* How the user started this program, for hints that can be copied: TENGEN_COMMAND, which the script at the root sets to
 * its own path, else "tengen". */
const char *command_program(void);
/* Once, before any command: what the system fails at inside a library ends the program with a message and
 * COMMAND_MACHINE instead of a core file, and descriptors 0 to 2 are open, so that no file of a run gets one of them. */
void command_prepare_process(void);
/* Flushes stdout; COMMAND_MACHINE, with a message, if something that a command printed was lost. */
int command_flush(int status);
/* Replaces control characters in place, so that text from a file cannot drive the terminal; returns text. */
char *command_printable(char *text);
/* Prints "tengen NAME: MESSAGE", control characters replaced, and frees the error; returns status for `return command_fail(...)`. */
int command_fail(const char *name, int status, GError *error);
/* Parses options; handles --help. Returns -1 to continue, else the exit status to return. */
int command_parse(GOptionContext *context, int *argc, char ***argv, const char *name);
/* Checks common to gtp, gomocup and analysis: no arguments left, threads in range, no negative seed. Replaces
 * COMMAND_SEED_OF_CLOCK by a seed from the clock. */
#define COMMAND_SEED_OF_CLOCK G_MININT64
bool command_check_server(int argc, int threads, gint64 *seed, GError **error);
/* Their exit status; served: the result of the serving function, 0 at end of input. */
int command_served(const char *name, int served);
/* Prints the object as one line on stdout, and frees it. */
void command_print_json(cJSON *object);

#endif
