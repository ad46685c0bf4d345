#include "engine/training/judge/truth.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/store/record.h"
#include "games/game.h"

enum {
    EXACT_NODES = 40000,   /* of a search of all continuations */
    EXACT_MOVES = 9,       /* at most so many moves at its root */
    EXACT_PLIES = 14,      /* on boards larger than EXACT_ALWAYS, tried only so near the end of a game, unless its rules have a solver */
    EXACT_ALWAYS = 16,     /* points */
    THREATS_BUDGET = 4000, /* positions of a search for threats */
    THREATS_BYTES = 1 << 20,
    PLIES_APART = 3, /* of the plies of a game that are looked at */
};

void truth_init(struct truth *truth, int64_t work)
{
    *truth = (struct truth){.left = work};
}

void truth_clear(struct truth *truth)
{
    free(truth->memory);
    truth->memory = NULL;
}

/* ---- all continuations ---- */

/* The result for the player to move: 1, 0 or -1, exact if within alpha..beta, else a bound. *nodes: left; negative once there were too
 * few, and the result means nothing. */
static int negamax(const struct game *game, const struct position *position, int alpha, int beta, int64_t *nodes)
{
    if (game_over(position)) {
        struct game_result result = game_result(game, position);
        return game_result_sign(&result, position->player);
    }
    game_move moves[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, NULL, moves), best = -1;
    for (int i = 0; i < count && best < beta && --*nodes >= 0; i++) {
        union any_position next;
        game_copy(game, &next.p, position);
        game_play(game, &next.p, NULL, moves[i]);
        int floor = MAX(alpha, best);
        int value = next.p.player == position->player ? negamax(game, &next.p, floor, beta, nodes)
                                                      : -negamax(game, &next.p, -beta, -floor, nodes);
        best = MAX(best, value);
    }
    return best;
}

static bool find_exact(struct truth *truth, const struct game *game, const struct position *position, double *points)
{
    game_move moves[GAME_MAX_MOVES];
    if (game->ops->traits.history_decides || game->ops->legal_moves(game, position, NULL, moves) > EXACT_MOVES)
        return false;
    int64_t nodes = EXACT_NODES;
    *points = (1 + negamax(game, position, -1, 1, &nodes)) / 2.0;
    truth->left -= EXACT_NODES - MAX(nodes, 0);
    return nodes >= 0;
}

/* ---- threats ---- */

static bool find_threats(struct truth *truth, const struct game *game, const struct position *position, double *points)
{
    if (!game->ops->solve)
        return false;
    if (!truth->memory) {
        truth->memory = aligned_alloc(64, THREATS_BYTES);
        if (!truth->memory)
            return false;
        memset(truth->memory, 0, THREATS_BYTES);
    }
    struct game_solver *solver = g_new0(struct game_solver, 1);
    *solver =
        (struct game_solver){.memory = truth->memory, .bytes = THREATS_BYTES, .level = 2, .budget = THREATS_BUDGET};
    bool won = game->ops->solve(game, position, solver) == GAME_SOLVED_WON;
    truth->left -= solver->examined + 1;
    g_free(solver);
    *points = 1;
    return won;
}

/* ---- finished games ---- */

static bool find_finished(struct truth *truth, const struct game *game, const struct position *position, double *points)
{
    const struct game_counting *counting = game->ops->counting;
    uint8_t dead[GAME_MAX_POINTS];
    struct game_count count;
    if (!counting || position->ply < game->points / 2)
        return false;
    counting->count(game, position, NULL, &count, NULL);
    if (count.prisoners_count && !count.dead_removed) /* a cleanup phase charges passes, and counts seki otherwise */
        return false;
    truth->left -= 100 * game->points; /* as measured */
    if (!counting->finished(game, position, dead))
        return false;
    counting->count(game, position, dead, &count, NULL);
    float margin = position->player == position->black_player ? count.margin : -count.margin;
    *points = margin > 0 ? 1 : margin < 0 ? 0 : 0.5;
    return true;
}

bool truth_find(struct truth *truth, const struct game *game, const struct position *position, double *points,
                enum truth_source *source)
{
    static bool (*const finds[TRUTH_SOURCES])(struct truth *, const struct game *, const struct position *,
                                              double *) = {
        [TRUTH_EXACT] = find_exact, [TRUTH_THREATS] = find_threats, [TRUTH_FINISHED] = find_finished};
    for (int i = 0; i < TRUTH_SOURCES && truth->left > 0 && !game_over(position); i++)
        if (finds[i](truth, game, position, points)) {
            *source = (enum truth_source)i;
            return true;
        }
    return false;
}

/* ---- a run's games ---- */

int64_t truth_known(const struct truth_tally *tally)
{
    int64_t known = 0;
    for (int i = 0; i < TRUTH_SOURCES; i++)
        known += tally->positions[i];
    return known;
}

static void compare(struct truth_tally *tally, const struct record_ply *ply, double points)
{
    const double raw = (double)ply->raw_wdl[0] + (double)ply->raw_wdl[1] / 2,
                 searched = (double)ply->wdl[0] + (double)ply->wdl[1] / 2;
    tally->raw_error += fabs(raw - points);
    tally->searched_error += fabs(searched - points);
    tally->raw_right += fabs(raw - points) < 0.25;
    tally->searched_right += fabs(searched - points) < 0.25;
}

void truth_count(struct truth *truth, const struct record *record, struct truth_tally *tally)
{
    union any_position position;
    struct history history;
    history_init(&history, record->ply_count);
    game_init(&record->game, &position.p);
    for (int i = 0; i < record->ply_count && truth->left > 0; i++) {
        const struct record_ply *ply = &record->plies[i];
        double points;
        enum truth_source source;
        const bool searchable = record->game.points <= EXACT_ALWAYS || record->game.ops->counting ||
                                record->game.ops->solve || record->ply_count - i <= EXACT_PLIES;
        if ((ply->flags & RECORD_SEARCHED) && !(ply->flags & RECORD_OPPONENT) && i % PLIES_APART == 0 && searchable &&
            truth_find(truth, &record->game, &position.p, &points, &source)) {
            tally->positions[source]++;
            compare(tally, ply, points);
        }
        game_play(&record->game, &position.p, &history, ply->move);
    }
    history_clear(&history);
}
