/* What the files of the window of `tengen watch` share. One thread, SDL's. */
#ifndef TENGEN_ENGINE_VIEWER_DRAW_WATCH_WATCH_INTERNAL_H
#define TENGEN_ENGINE_VIEWER_DRAW_WATCH_WATCH_INTERNAL_H

#include "engine/viewer/draw/shell.h"
#include "engine/viewer/watch/run_elo.h"
#include "engine/viewer/watch/run_view.h"

struct watch {
    struct shell shell;
    struct run_view run;
    struct run_elo *elo;
    struct brain *brain;
    int enlarged; /* board, -1: the grid */
    int shown;    /* moves shown of it; -1: all, following */
    int checkpoint;
    bool heat;
    uint32_t ticket;
    struct analysis seen;            /* by the checkpoint */
    uint64_t asked;                  /* hash of what the brain was asked */
    bool answered;                   /* `seen` is about `board` after `count` moves */
    struct run_board board, pending; /* the enlarged game as it is shown, and as the brain was asked about it */
    int count, pending_count;
    int64_t asked_us;
    uint64_t rated; /* of the ladder that Elo was set to */
    struct run_elo_point points[RUN_ELO_MAX];
    int point_count, elo_games;
};

/* Moves shown of the enlarged game. */
int watch_shown_moves(const struct watch *w);
/* The generation of the checkpoint at this index of the run's list. */
uint32_t watch_generation_at(const struct watch *w, int index);
/* A game under way is followed; a finished one opens in its middle, where there is something to judge. */
void watch_enlarge(struct watch *w, int index);
/* To a move of the enlarged game; at the end of one under way, it is followed. */
void watch_walk_to(struct watch *w, int at);
/* Asks the brain when the position or the checkpoint has changed; of a game that is followed, when it has answered. */
void watch_ask_checkpoint(struct watch *w);
/* Takes what the brain has found; true when there was anything. */
bool watch_take_answers(struct watch *w);

/* The board of a game of the run; large: the enlarged one, with coordinates and the checkpoint's policy. */
void watch_draw_board(struct watch *w, struct rect area, int index, bool large);
void watch_draw_grid(struct watch *w, struct rect area);
void watch_draw_walk(struct watch *w, struct rect row);
void watch_draw_panel(struct watch *w, struct rect area);

#endif
