/* Further players in a lab's comparison: the nets of an arm, with another number of loop steps than their own, or with a loop that stops
 * once it has settled. Nothing is trained for them. */
#ifndef TENGEN_ENGINE_LAB_EFFORTS_H
#define TENGEN_ENGINE_LAB_EFFORTS_H

#include <glib.h>
#include <stdbool.h>

struct lab_plan;

struct lab_effort {
    int arm;
    char *name;    /* of the player, without its seed: "loop+steps-4" */
    char *options; /* of the agent: "steps=4" */
};

/* Reads "ARM+steps=N", "ARM+settle=X" or "ARM+steps=N+settle=X". False with the error set, also if the arm's net has no loop;
 * otherwise clear it. The plan is settled. */
bool lab_effort_parse(const struct lab_plan *plan, const char *text, struct lab_effort *effort, GError **error);
void lab_effort_clear(struct lab_effort *effort);

#endif
