/* The enlarged game: how many of its moves are shown, and the chosen checkpoint's evaluation. */
#include "engine/store/live.h"
#include "engine/viewer/draw/watch/watch_internal.h"
#include "engine/viewer/session/brain.h"
#include "engine/viewer/watch/run_view.h"
#include "games/game.h"

enum {
    TIMEOUT_US = 1500000, /* wait for a checkpoint's evaluation before the game advances without it */
    NET_VISITS = 1,       /* raw network output */
};

int watch_shown_moves(const struct watch *w)
{
    return w->count;
}

/* A live game that is being followed advances only when the checkpoint's evaluation arrives, so that both are shown
 * together. When the user navigates (now), the position is shown immediately. */
static void show_enlarged(struct watch *w, bool now)
{
    const struct run_board *board = &w->run.boards[w->enlarged];
    if (w->shown >= 0 && w->board.game.number == board->game.number) {
        w->board = *board;
        w->count = MIN(w->shown, board->game.count);
    } else if (now) {
        w->board = *board;
        w->count = w->shown < 0 ? board->game.count : MIN(w->shown, board->game.count);
        w->answered = false;
    }
}

uint32_t watch_generation_at(const struct watch *w, int index)
{
    return g_array_index(w->run.generations, uint32_t, index);
}

static uint64_t hash_moves(const struct run_board *board, int count)
{
    uint64_t hash = rng_mix(board->game.number);
    for (int i = 0; i < count; i++)
        hash = rng_mix(hash ^ board->game.moves[i]);
    return hash;
}

/* Requests the evaluation of w->pending. */
static void ask(struct watch *w)
{
    const struct run_board *board = &w->pending;
    struct brain_line line = {.game = board->game.game, .from_start = true, .count = w->pending_count};
    union any_position at;
    struct history history;
    history_init(&history, line.count + 1);
    bool valid = run_board_replay(board, line.count, &at.p, &history) && !game_over(&at.p);
    history_clear(&history);
    if (!valid)
        return;
    char *path = run_view_net(&w->run, watch_generation_at(w, w->checkpoint));
    line.moves = g_memdup2(board->game.moves, sizeof *line.moves * (size_t)MAX(line.count, 1));
    game_init(&line.game, &line.start.p);
    w->ticket = brain_analyse(w->brain, &line, path, NET_VISITS);
    g_free(line.moves);
    g_free(path);
}

void watch_ask_checkpoint(struct watch *w)
{
    int count = (int)w->run.generations->len;
    if (w->enlarged < 0 || count == 0)
        return;
    int64_t now = g_get_monotonic_time();
    show_enlarged(w, false);
    w->checkpoint = CLAMP(w->checkpoint, 0, count - 1);
    if (w->shown < 0 && !w->answered && now - w->asked_us < TIMEOUT_US && w->asked)
        return;
    const struct run_board *board = w->shown < 0 ? &w->run.boards[w->enlarged] : &w->board;
    int moves = w->shown < 0 ? board->game.count : w->count;
    uint64_t request = rng_mix(hash_moves(board, moves) ^ watch_generation_at(w, w->checkpoint));
    if (request == w->asked)
        return;
    w->pending = *board;
    w->pending_count = moves;
    w->asked = request;
    w->asked_us = now;
    w->answered = false;
    ask(w);
}

bool watch_take_answers(struct watch *w)
{
    struct brain_event event;
    bool changed = false;
    while (brain_poll(w->brain, &event, &w->seen) != BRAIN_NO_EVENT) {
        changed = true;
        if (event.kind != BRAIN_FOUND || event.ticket != w->ticket || w->enlarged < 0)
            continue;
        w->answered = true;
        w->board = w->pending;
        w->count = w->pending_count;
    }
    return changed;
}

void watch_enlarge(struct watch *w, int index)
{
    const struct run_board *board = &w->run.boards[index];
    w->enlarged = index;
    w->shown = board->finished ? board->game.count / 2 : -1;
    w->asked = 0;
    show_enlarged(w, true);
}

void watch_walk_to(struct watch *w, int at)
{
    const struct run_board *board = &w->run.boards[w->enlarged];
    at = CLAMP(at, 0, board->game.count);
    w->shown = at == board->game.count && !board->finished ? -1 : at;
    show_enlarged(w, true);
}
