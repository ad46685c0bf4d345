/* Settings of a tournament: one table of options, for both the command line and tournament files. */
#ifndef TENGEN_ENGINE_MATCH_SETTINGS_H
#define TENGEN_ENGINE_MATCH_SETTINGS_H

#include "games/option.h"

enum {                            /* flags of an option */
       MATCH_AFFECTS_RESULTS = 1, /* affects the results: stored in the journal and compared */
       MATCH_NO_FILE = 2,         /* command line only */
       MATCH_PATH = 4,            /* a file name, in the system encoding */
       MATCH_OF_GAMES = 8,        /* what whoever plays single games needs */
};

extern const struct option_row match_options[]; /* of struct match_settings */
enum { MATCH_MAX_OPTIONS = 48 };

struct match_settings {
    char *game, *schedule, *openings, *opening_net, *time, *adjudicate, *referee, *sprt, *draw_model, *out, *format,
        *sgf;
    GPtrArray *agents, *anchors; /* char * */
    gint64 games, rounds, threads, seed, opening_plies, move_time_ms, time_margin_ms, visits, reply_timeout_s,
        memory_mb, cpus, cpu_time_s, withdraw;
    gboolean openings_shuffled, repeated, json, check, print_file;
    char *file;

    /* Where each option came from. */
    enum match_source { MATCH_PRESET, MATCH_FROM_FILE, MATCH_FROM_LINE } source[MATCH_MAX_OPTIONS];
    int line[MATCH_MAX_OPTIONS]; /* in the file */
    GArray *agent_lines;         /* int, one per agent; 0: from the command line */
};

void match_settings_init(struct match_settings *settings);
void match_settings_clear(struct match_settings *settings);

/* The index of an option in match_options, or -1. */
int match_option_find(const char *name);
/* Sets an option from text (appends to a list); a file does not override the command line. line: line of the file, or 0
 * for the command line. Errors name the option and the accepted values, but not the file or line. */
bool match_settings_set(struct match_settings *settings, int option, const char *value, int line, GError **error);
/* The value as text, freed by the caller; NULL for a string that is not set. Not for lists. */
char *match_settings_value(const struct match_settings *settings, int option);
/* "cup.yaml, line 7: schedule" or "--schedule", freed by the caller. */
char *match_settings_where(const struct match_settings *settings, const char *name);
char *match_settings_where_agent(const struct match_settings *settings, int agent);

#endif
