/* YAML files in memory, with the place of every value for error messages. (libyaml: a maintained C library that reports
 * the line and column of every value and can write as well as read.)
 *
 *   cup.yaml, line 7, column 3: duplicate key "games"; give it once */
#ifndef TENGEN_ENGINE_YAML_YAML_FILE_H
#define TENGEN_ENGINE_YAML_YAML_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

/* Counted from 1. */
struct yaml_place {
    size_t line, column; /* column 0: errors name only the line */
};

struct yaml_file {
    const char *name; /* for messages; borrowed */
    bool columns;     /* whether errors name the column, too */
    yaml_document_t document;
};

/* Parses one document. On failure returns false with the error set, and there is nothing to clear. name: outlives the
 * file. */
bool yaml_file_parse(struct yaml_file *file, const char *text, size_t length, const char *name, bool columns,
                     GError **error);
void yaml_file_clear(struct yaml_file *file);

/* The root; NULL for an empty file. */
yaml_node_t *yaml_file_root(struct yaml_file *file);
/* The node of an index, as keys, values and items are stored. */
yaml_node_t *yaml_file_node(struct yaml_file *file, int index);
/* The text of a scalar; NULL for a list or a mapping. */
const char *yaml_file_text(const yaml_node_t *node);
struct yaml_place yaml_file_place(const struct yaml_file *file, const yaml_node_t *node);

/* Sets the error "NAME, line L, column C: MESSAGE"; returns false. */
bool yaml_file_fail(const struct yaml_file *file, const yaml_node_t *node, GError **error, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
/* The same for a place that was kept when the file is gone. */
bool yaml_place_fail(const char *name, struct yaml_place place, GError **error, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

#endif
