#include "engine/viewer/watch/run_view.h"

#include <math.h>

#include "engine/ladder/ladder.h"
#include "engine/store/record.h"

enum { STORE_EVERY_US = 2000000, FRESH_SECONDS = 20, LAST_ROWS = 600 };

static bool read_ladder(struct run_view *view)
{
    GArray *generations = NULL;
    if (!store_ladder(view->store, &generations, NULL))
        return false;
    bool changed = generations->len != view->generations->len ||
                   (generations->len && g_array_index(generations, uint32_t, generations->len - 1) !=
                                            g_array_index(view->generations, uint32_t, generations->len - 1));
    g_array_unref(view->generations);
    view->generations = generations;
    return changed;
}

static bool read_strength(struct run_view *view)
{
    GArray *games = store_rung_games(view->store);
    const bool changed = (int)games->len != view->strength_games;
    if (changed) {
        g_array_unref(view->strength);
        view->strength = ladder_rate(games);
        view->strength_games = (int)games->len;
    }
    g_array_unref(games);
    return changed;
}

/* ---- boards ---- */

static void take_record(struct run_board *board, const struct record *record)
{
    board->present = board->finished = true;
    board->game = (struct live_game){.game = record->game,
                                     .number = record->number,
                                     .generation = record->generation,
                                     .value_player_0 = NAN,
                                     .count = MIN(record->ply_count, LIVE_MAX_MOVES)};
    for (int i = 0; i < board->game.count; i++)
        board->game.moves[i] = record->plies[i].move;
    board->result = record->result;
}

/* Shows the latest stored games, if the run is not in progress. */
static void read_last_games(struct run_view *view)
{
    GPtrArray *records = NULL;
    if (!store_load_games(view->store, view->games, view->game_count, LAST_ROWS, &records, NULL))
        return;
    view->board_count = MIN((int)records->len, RUN_VIEW_LAST_GAMES);
    for (int i = 0; i < view->board_count; i++)
        take_record(&view->boards[i], g_ptr_array_index(records, records->len - 1 - (guint)i));
    g_ptr_array_unref(records);
}

static bool read_live(struct run_view *view)
{
    uint64_t changes = live_changes(view->live);
    if (changes == view->live_seen)
        return false;
    view->live_seen = changes;
    view->board_count = MIN(live_boards(view->live), RUN_VIEW_BOARDS);
    for (int i = 0; i < view->board_count; i++) {
        struct live_game game;
        if (!live_read(view->live, i, &game))
            continue; /* keep the last state of the board */
        view->boards[i] = (struct run_board){.present = true, .game = game};
    }
    return true;
}

/* Training may start, stop or restart while it is being watched: reopens the mapping when it is no longer updated.
 * Returns whether the view has to be updated. */
static bool follow_live(struct run_view *view)
{
    bool was = view->running;
    if (view->live && live_is_fresh(view->live, FRESH_SECONDS)) {
        view->running = true;
        return !was;
    }
    live_close(view->live);
    view->live = live_open(view->folder);
    view->live_seen = 0;
    view->running = view->live && live_is_fresh(view->live, FRESH_SECONDS);
    if (view->running)
        return true;
    live_close(view->live);
    view->live = NULL;
    return was;
}

/* ---- the run ---- */

int run_view_open(struct run_view *view, const char *folder, GError **error)
{
    *view = (struct run_view){.folder = g_strdup(folder)};
    view->metrics = g_array_new(FALSE, FALSE, sizeof(struct store_metric));
    view->generations = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    view->strength = g_array_new(FALSE, TRUE, sizeof(struct ladder_rating));
    struct game game;
    bool found = false;
    if (store_open(&view->store, folder, STORE_READ, error) != 0 ||
        !store_load_settings(view->store, &view->settings, &found, error))
        goto error;
    if (!found) {
        g_set_error(error, STORE_ERROR, STORE_ERROR_ABSENT,
                    "%s contains no settings yet; wait until training has started", folder);
        goto error;
    }
    if (!game_parse(&game, view->settings.game, error) ||
        (view->game_count = settings_games(&view->settings, view->games, error)) == 0)
        goto error;
    run_view_poll(view);
    if (!view->running)
        read_last_games(view);
    return 0;
error:
    run_view_close(view);
    return -1;
}

void run_view_close(struct run_view *view)
{
    store_close(view->store);
    live_close(view->live);
    if (view->metrics)
        g_array_unref(view->metrics);
    if (view->generations)
        g_array_unref(view->generations);
    if (view->strength)
        g_array_unref(view->strength);
    g_free(view->folder);
    *view = (struct run_view){0};
}

bool run_view_poll(struct run_view *view)
{
    int64_t now = g_get_monotonic_time();
    bool changed = false;
    if (!view->store_read_us || now - view->store_read_us > STORE_EVERY_US) {
        bool was = view->running;
        changed = follow_live(view);
        changed |= store_read_metrics(view->store, &view->last_metric, view->metrics) > 0;
        changed |= read_ladder(view);
        changed |= read_strength(view);
        if (changed)
            store_count(view->store, &view->counts, NULL);
        if (was && !view->running)
            read_last_games(view);
        view->store_read_us = now;
    }
    if (view->live)
        changed |= read_live(view);
    return changed;
}

bool run_board_replay(const struct run_board *board, int count, struct position *position, struct history *history)
{
    const struct game *game = &board->game.game;
    game_init(game, position);
    history_truncate(history, 0);
    for (int i = 0; i < MIN(count, board->game.count); i++)
        if (!game_try(game, position, history, board->game.moves[i]))
            return false;
    return true;
}

char *run_view_net(const struct run_view *view, uint32_t generation)
{
    char *name = store_generation_name(generation), *path = store_net_path(view->store, name);
    g_free(name);
    return path;
}
