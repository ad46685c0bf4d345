/* Internal to the window of `tengen watch`. One thread, SDL's. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_WATCH_WATCH_INTERNAL_H
#define TENGEN_ENGINE_VIEWER_DRAW_WATCH_WATCH_INTERNAL_H

#include "engine/viewer/draw/shell.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/watch/run_view.h"

struct watch {
    struct shell shell;
    struct run_view run;
    struct brain *brain;
    int enlarged; /* index of the enlarged board; -1: grid */
    int shown;    /* number of its moves shown; -1: all, following the game */
    int checkpoint;
    bool heat;
    uint32_t ticket;
    struct analysis seen;            /* the checkpoint's evaluation */
    uint64_t asked;                  /* hash of the last request */
    bool answered;                   /* `seen` belongs to `board` after `count` moves */
    struct run_board board, pending; /* the enlarged game as shown, and as of the last request */
    int count, pending_count;
    int64_t asked_us;
    guint followed; /* the number of generations when the slider last followed them */
};

/* The number of moves shown of the enlarged game. */
int watch_shown_moves(const struct watch *w);
/* The generation of the checkpoint at this index of run.generations. */
uint32_t watch_generation_at(const struct watch *w, int index);
/* Enlarges a board. A live game is followed; a finished one is opened at its middle. */
void watch_enlarge(struct watch *w, int index);
/* Shows the enlarged game after `at` moves; at the end of a live game, follows it. */
void watch_walk_to(struct watch *w, int at);
/* Requests an evaluation if the position or the checkpoint has changed; for a game being followed, only after the last
 * request was answered or timed out. */
void watch_ask_checkpoint(struct watch *w);
/* Processes the brain's events. Returns true if there were any. */
bool watch_take_answers(struct watch *w);

/* Draws a board. large: the enlarged one, with coordinates and the checkpoint's policy. */
void watch_draw_board(struct watch *w, struct rect area, int index, bool large);
void watch_draw_grid(struct watch *w, struct rect area);
void watch_draw_walk(struct watch *w, struct rect row);
void watch_draw_panel(struct watch *w, struct rect area);

#endif
