/* The parts of a lab file that say what is trained: shared settings, arms, factors. Internal to the reader (file.c). Each
 * returns false with the file's error set. */
#ifndef TENGEN_ENGINE_LAB_FILE_ARMS_H
#define TENGEN_ENGINE_LAB_FILE_ARMS_H

#include <stdbool.h>
#include <yaml.h>

struct lab_plan;
struct yaml_file;

bool lab_read_settings(const struct yaml_file *file, struct lab_plan *plan, yaml_node_t *node);
bool lab_read_arms(const struct yaml_file *file, struct lab_plan *plan, yaml_node_t *node);
bool lab_read_factors(const struct yaml_file *file, struct lab_plan *plan, yaml_node_t *node);

#endif
