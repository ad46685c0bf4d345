/* A run made by hand: games of tic-tac-toe whose figures are known. */
#ifndef TENGEN_TESTS_ENGINE_REPORT_MADE_RUN_H
#define TENGEN_TESTS_ENGINE_REPORT_MADE_RUN_H

struct store;

/* A folder for it, whose name asks for escaping; NULL before. Both are freed by made_run_remove. */
struct made_run {
    char *parent, *folder;
    struct store *store; /* open for reading */
};
/* 30 games, of which the first player wins 20 in 5 plies and the second 10 in 6; three reports in two sessions, three checkpoints, and
 * games of the ladder. */
void made_run_create(struct made_run *made);
/* Only settings. */
void made_run_create_empty(struct made_run *made);
void made_run_remove(struct made_run *made);

#endif
