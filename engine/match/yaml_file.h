/* Reading a YAML file whose errors name the file and the line, and the column if asked for. */
#ifndef TENGEN_ENGINE_MATCH_YAML_FILE_H
#define TENGEN_ENGINE_MATCH_YAML_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

/* Counted from 1. */
struct yaml_place {
    size_t line, column; /* column 0: errors name only the line */
};

struct yaml_file {
    const char *name;
    bool columns; /* whether errors name the column, too */
    yaml_document_t document;
    GError **error;
};

/* Sets the error "NAME, line N: MESSAGE", where N is the node's line (NULL: 1), and returns false. */
bool yaml_file_fail(const struct yaml_file *file, const yaml_node_t *node, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* The place at which a node (NULL: the file) begins. */
struct yaml_place yaml_file_place(const struct yaml_file *file, const yaml_node_t *node);
/* Like yaml_file_fail, for a place that was kept when the file is gone. */
bool yaml_place_fail(const char *name, struct yaml_place place, GError **error, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
/* The line on which a node begins, from 1. */
size_t yaml_file_line(const yaml_node_t *node);
/* The text of a scalar; NULL for a list or a mapping. */
const char *yaml_file_text(const yaml_node_t *node);
/* The node that a list or a mapping refers to. */
yaml_node_t *yaml_file_node(const struct yaml_file *file, int index);

/* Parses `text` and calls `read` with the document's root (NULL: the file is empty), which returns false with the
 * file's error set. `name` is used in messages. Returns what `read` does; false, with the error set, for invalid
 * YAML. */
bool yaml_file_parse(const char *text, size_t length, const char *name, bool columns,
                     bool (*read)(const struct yaml_file *file, yaml_node_t *root, void *data), void *data,
                     GError **error);

#endif
