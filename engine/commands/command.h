/* Commands: one file each, NAME.c, one line each in command.c's table. A command gets argv with argv[0] = its name,
 * parses it with GOption, and returns the exit status: 0 done, 1 a check failed, 2 bad input, 3 the machine failed
 * (disk, memory, library). Errors go to stderr as one line "tengen NAME: what is wrong; how to mend it". */
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

/* What the user typed for this program, for hints that can be typed again: the script at the root sets
 * TENGEN_COMMAND to its own path; "tengen" without it. */
const char *command_program(void);
/* Prints "tengen NAME: MESSAGE" and frees the error; returns status for `return command_fail(...)`. */
int command_fail(const char *name, int status, GError *error);
/* Parses options; handles --help. Returns -1 to go on, else the exit status to return at once. */
int command_parse(GOptionContext *context, int *argc, char ***argv, const char *name);
/* What gtp and gomocup check alike: no argument left, threads in range, no negative seed. Takes the seed from the clock
 * where it still is COMMAND_SEED_OF_CLOCK. */
#define COMMAND_SEED_OF_CLOCK G_MININT64
bool command_check_server(int argc, int threads, gint64 *seed, GError **error);
/* The exit status when they end; served: what their serving returned, 0 at the end of the input. */
int command_served(const char *name, int served);
/* Prints the object as one line on stdout, and frees it. */
void command_print_json(cJSON *object);

#endif
