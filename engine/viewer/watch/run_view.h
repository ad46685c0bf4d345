/* A training run as `tengen watch` shows it: its live boards, or the last games of a run that stands still, its curves
 * and its checkpoints. Reads the store and the live mapping, writes nothing. One thread. */
#ifndef TENGEN_ENGINE_VIEWER_WATCH_RUN_VIEW_H
#define TENGEN_ENGINE_VIEWER_WATCH_RUN_VIEW_H

#include "engine/store/live.h"
#include "engine/store/store.h"

enum { RUN_VIEW_BOARDS = 16, RUN_VIEW_LAST_GAMES = 6 };

struct run_board {
    bool present;
    struct live_game game; /* of a stored game too */
    bool finished;         /* a stored game, with its result */
    struct game_result result;
};

struct run_view {
    char *folder;
    struct store *store;
    struct live *live; /* NULL: nobody writes one */
    struct settings settings;
    struct game games[SETTINGS_MAX_GAMES];
    int game_count;
    bool running;
    struct run_board boards[RUN_VIEW_BOARDS];
    int board_count;
    GArray *metrics;     /* of struct store_metric, in order */
    GArray *generations; /* uint32_t: those whose net is on disk, ascending */
    struct store_counts counts;
    uint64_t live_seen;
    int64_t last_metric, store_read_us;
};

/* 0, or -1 with the error set when the folder holds no run. */
int run_view_open(struct run_view *view, const char *folder, GError **error);
void run_view_close(struct run_view *view);
/* Looks again; true when something has changed. The store is asked every two seconds, the boards at each call. */
bool run_view_poll(struct run_view *view);
/* The position of a board after so many moves (at most all). history: initialised by the caller. False where a move is
 * illegal, which a torn mapping may hold. */
bool run_board_replay(const struct run_board *board, int count, struct position *position, struct history *history);
/* The path of a generation's net, freed by the caller. */
char *run_view_net(const struct run_view *view, uint32_t generation);

#endif
