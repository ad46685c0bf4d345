/* Option tables: each row has an option's name, the values it accepts, and the offset of its value in a struct.
 * Parsing, formatting, and the ranges in error messages and help all come from the row. Game specs, agent specs, a
 * run's settings, tournament files and the window's preferences are such tables. */
#ifndef TENGEN_GAMES_OPTION_H
#define TENGEN_GAMES_OPTION_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum option_type {
    OPTION_WHOLE,   /* int64_t */
    OPTION_INT,     /* int */
    OPTION_HALF,    /* int: a multiple of one half, stored doubled (6.5 as 13) */
    OPTION_REAL,    /* double */
    OPTION_TIME,    /* int64_t, milliseconds; written 500ms, 1s, 1.5m, 2h */
    OPTION_CHOICE,  /* int: index into choices */
    OPTION_FLAG,    /* int, 0 or 1; written no, yes, false, true, 0, 1; yes if the value is omitted */
    OPTION_TEXT,    /* char [max], including the terminating 0 */
    OPTION_STRING,  /* char *, owned by the struct; NULL: not given */
    OPTION_STRINGS, /* GPtrArray * of char *, owned by the array: each value is appended */
};

/* A table ends with a NULL name. */
struct option_row {
    const char *name;
    enum option_type type;
    size_t offset;              /* of the member in the struct of values */
    double min, max;            /* of numbers and times, in the stored unit */
    const char *const *choices; /* NULL-terminated */
    const char *help;
    double preset;        /* in the stored unit */
    int flags;            /* defined by the owner of the table */
    const char *argument; /* placeholder for the value in --help */
    const char *before;   /* value, as text, to assume in files older than the option; NULL: the preset */
};

/* The row with this name, of `length` bytes; NULL if there is none. */
const struct option_row *option_find(const struct option_row *rows, const char *name, size_t length);
/* The message for an unknown name: 'there is no NOUN "NAME"; did you mean "X"? There are A, B, C'. Rows with any of the
 * flags in `hidden` are not listed. Freed by the caller. */
char *option_unknown(const struct option_row *rows, const char *noun, const char *name, int hidden);

/* Parses `text` (NULL: no value given) into the row's member of `values`. If it is not accepted, returns false, changes
 * nothing and sets *why to a message ('games takes a whole number, 1 to 9, not "x"'; freed by the caller). */
bool option_read(const struct option_row *row, const char *text, void *values, char **why);
/* Sets a member to a number, if the row accepts it; false, with nothing changed, if not. */
bool option_set_number(const struct option_row *row, double number, void *values);
/* The value as text that option_read parses back; freed by the caller. NULL for a string that was not given. Not for
 * OPTION_STRINGS. */
char *option_write(const struct option_row *row, const void *values);
/* The preset as text, for numbers, choices and flags; freed by the caller. */
char *option_write_preset(const struct option_row *row);
/* Sets every number, choice and flag to its preset. */
void option_set_presets(const struct option_row *rows, void *values);

/* Appends the values that a row accepts, for help: "1 to 9", "left|right". */
void option_append_range(GString *out, const struct option_row *row);

/* Parses NAME=VALUE,NAME=VALUE (may be empty); options that are not named keep their values. False, with *why set, for
 * an unknown or repeated name or a value that is not accepted. */
bool option_read_list(const struct option_row *rows, const char *text, void *values, char **why);

/* Parses a time such as "90s", "1.5m", "250ms" or "2h" at *at and advances *at past it. Returns milliseconds; negative
 * if there is no time. */
double option_take_time(const char **at);

#endif
