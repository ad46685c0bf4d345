/* The model of `tengen watch`: the live games of a training run, or the last stored games if it is not running, its
 * metrics and its checkpoints. Only reads the store and the live mapping. One thread. */
#ifndef TENGEN_ENGINE_VIEWER_WATCH_RUN_VIEW_H
#define TENGEN_ENGINE_VIEWER_WATCH_RUN_VIEW_H

#include "engine/settings/settings.h"
#include "engine/store/live.h"
#include "engine/store/store.h"
#include "games/game.h"

enum { RUN_VIEW_BOARDS = 16, RUN_VIEW_LAST_GAMES = 6 };

struct run_board {
    bool present;
    struct live_game game; /* also used for stored games */
    bool finished;         /* a stored game, with its result */
    struct game_result result;
};

struct run_view {
    char *folder;
    struct store *store;
    struct live *live; /* NULL: the run is not in progress */
    struct settings settings;
    struct game games[SETTINGS_MAX_GAMES];
    int game_count;
    bool running;
    struct run_board boards[RUN_VIEW_BOARDS];
    int board_count;
    GArray *metrics;     /* struct store_metric, in chronological order */
    GArray *generations; /* uint32_t: generations whose network is on disk, ascending */
    GArray *strength;    /* struct ladder_rating: see ladder_rate */
    int strength_games;
    struct store_counts counts;
    uint64_t live_seen;
    int64_t last_metric, store_read_us;
};

/* Opens the run in `folder`. Returns 0, or -1 with the error set and nothing to close. */
int run_view_open(struct run_view *view, const char *folder, GError **error);
void run_view_close(struct run_view *view);
/* Updates the view: live boards at each call, the store every two seconds. Returns true if anything has changed. */
bool run_view_poll(struct run_view *view);
/* Fills the position and history after the first `count` moves of a board, or all if there are fewer. history:
 * initialised by the caller. Returns false if a move is illegal, which is possible if the live mapping was read during
 * a write. */
bool run_board_replay(const struct run_board *board, int count, struct position *position, struct history *history);
/* The path of a generation's network, freed by g_free. */
char *run_view_net(const struct run_view *view, uint32_t generation);

#endif
