/* Options as tables: each row says what an option is called, what it accepts, and where its value lies in a struct.
 * Reading, writing, ranges in messages and in help all come from the row. Game specs, agent specs, a run's settings,
 * tournament files and the window's preferences are such tables. */
#ifndef TENGEN_GAMES_OPTION_H
#define TENGEN_GAMES_OPTION_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {
    OPTION_WHOLE,   /* int64_t */
    OPTION_INT,     /* int */
    OPTION_HALF,    /* int: twice the value, which is a multiple of one half (6.5 is 13) */
    OPTION_REAL,    /* double */
    OPTION_TIME,    /* int64_t, milliseconds; written 500ms, 1s, 1.5m, 2h */
    OPTION_CHOICE,  /* int: index into choices */
    OPTION_FLAG,    /* int, 0 or 1; written no, yes, false, true, 0, 1; without a value it is yes */
    OPTION_TEXT,    /* char [max], with its terminating 0 */
    OPTION_STRING,  /* char *, owned by the struct; NULL: not given */
    OPTION_STRINGS, /* GPtrArray * of char *, which owns them: reading appends */
};

/* A table ends with a NULL name. */
struct option_row {
    const char *name;
    enum option_type type;
    size_t offset;              /* of the member in the struct of values */
    double min, max;            /* in the kept unit; of numbers and times */
    const char *const *choices; /* NULL-terminated */
    const char *help;
    double preset;        /* in the kept unit */
    int flags;            /* the table's owner's own */
    const char *argument; /* placeholder of the value in --help */
    const char *before;   /* value, as text, in what was written before the option existed; NULL: the preset */
};

/* The row of a name, NULL when there is none; `length` bytes of it. */
const struct option_row *option_find(const struct option_row *rows, const char *name, size_t length);
/* What to say of a name that is not there: 'there is no NOUN "NAME"; did you mean "X"? There are A, B, C'. Rows that
 * have a flag of `without` are not named. Freed by the caller. */
char *option_unknown(const struct option_row *rows, const char *noun, const char *name, int without);

/* Reads a value into the row's member of `values`. False, with *why set ("games takes a whole number, 1 to 9, not
 * "x""; freed by the caller) and nothing changed, where it is not accepted. text: NULL for none. */
bool option_read(const struct option_row *row, const char *text, void *values, char **why);
/* As option_read for a number that is there already. */
bool option_set_number(const struct option_row *row, double number, void *values);
/* The value as text that option_read reads back; freed by the caller. NULL for a string that was not given. Not for
 * OPTION_STRINGS. */
char *option_write(const struct option_row *row, const void *values);
/* The preset as text, likewise; for numbers, choices and flags. */
char *option_write_preset(const struct option_row *row);
/* Sets every number, choice and flag to its preset. */
void option_set_presets(const struct option_row *rows, void *values);

/* What a row accepts, for help: "1 to 9", "left|right". */
void option_append_range(GString *out, const struct option_row *row);

/* Reads NAME=VALUE,NAME=VALUE ("" is fine); what is not named keeps its value. False, with *why set, for an unknown or
 * repeated name or a value that is not accepted. */
bool option_read_list(const struct option_row *rows, const char *text, void *values, char **why);

/* "90s", "1.5m", "250ms", "2h" at *at, which moves behind it, in milliseconds; negative when there is no such time. */
double option_take_time(const char **at);

#endif
