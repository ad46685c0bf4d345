#include "engine/selfplay/selfplay.h"

#include <math.h>

#include "engine/store/record.h"
#include "engine/store/settings.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"

enum { OPENING_TRIES = 8 };

/* A worker's state for one of the run's games. Evaluator and search are tied to a board size and refer to the table's
 * own copy of the game, whose komi is set before each game. */
struct table {
    struct game game;
    struct evaluator *evaluator; /* the net evaluator stack, or the uniform evaluator */
    struct mcts *search;
};

struct selfplay {
    struct selfplay_config config;
    struct table tables[SETTINGS_MAX_GAMES];
    uint32_t generation;
    struct rng rng;
    /* Scratch buffers for one move. */
    float policy[GAME_MAX_MOVES];
    struct eval eval;
};

/* A game in progress. */
struct play {
    const struct game *game;
    struct table *table;
    union any_position position;
    struct history history;
};

static int make_evaluator(struct selfplay *worker, struct table *table, GError **error)
{
    const struct selfplay_config *config = &worker->config;
    const struct evaluator_config evaluator = {.kind = config->net ? EVALUATOR_NET : EVALUATOR_UNIFORM,
                                               .net = config->net,
                                               .backend = config->backend,
                                               .dtype = config->dtype,
                                               .symmetry = EVALUATOR_SYMMETRY_RANDOM,
                                               .seed = (uint64_t)config->settings->seed,
                                               .cache_bytes = config->net ? config->cache_bytes : 0};
    return evaluator_create(&table->evaluator, &table->game, &evaluator, error);
}

static int make_table(struct selfplay *worker, const struct game *game, struct table *table, GError **error)
{
    struct mcts_config config = mcts_defaults(MCTS_GUMBEL);
    config.gumbel_considered = (int)worker->config.settings->considered;
    config.gumbel_noise = true;
    config.gumbel_c_scale = (float)worker->config.settings->value_scale;
    config.threads = 1;
    config.memory_bytes = 16u << 20;
    table->game = *game;
    if (make_evaluator(worker, table, error) != 0)
        return -1;
    return mcts_create(&table->search, &table->game, &config, &table->evaluator, error);
}

int selfplay_create(struct selfplay **out, const struct selfplay_config *config, GError **error)
{
    *out = NULL;
    struct selfplay *worker = g_new0(struct selfplay, 1);
    worker->config = *config;
    for (int i = 0; i < config->game_count; i++)
        if (make_table(worker, &config->games[i], &worker->tables[i], error) != 0) {
            selfplay_close(worker);
            return -1;
        }
    *out = worker;
    return 0;
}

void selfplay_close(struct selfplay *worker)
{
    if (!worker)
        return;
    for (int i = 0; i < worker->config.game_count; i++) {
        mcts_close(worker->tables[i].search);
        evaluator_free(worker->tables[i].evaluator);
    }
    g_free(worker);
}

int selfplay_set_net(struct selfplay *worker, struct net *net, uint32_t generation, GError **error)
{
    worker->generation = generation;
    for (int i = 0; i < worker->config.game_count; i++) {
        if (worker->config.net && evaluator_net_set(worker->tables[i].evaluator, net, error) != 0)
            return -1;
        mcts_forget(worker->tables[i].search);
    }
    return 0;
}

uint64_t selfplay_evaluations(const struct selfplay *worker)
{
    uint64_t count = 0;
    for (int i = 0; i < worker->config.game_count; i++)
        count += evaluator_net_count(worker->tables[i].evaluator);
    return count;
}

/* ---- openings ---- */

/* Into worker->eval. */
static void evaluate(struct selfplay *worker, const struct play *play, int want)
{
    struct eval_query query = {.position = &play->position.p, .history = &play->history, .want = want};
    evaluator_evaluate(play->table->evaluator, 1, &query, &worker->eval);
}

static void restart(struct play *play)
{
    game_init(play->game, &play->position.p);
    history_truncate(&play->history, 0);
}

static bool is_central(const struct game *game, game_move move)
{
    int x = move % game->width, y = move / game->width;
    int side = game->width >= 7 ? game->width / 4 : 0, top = game->height >= 7 ? game->height / 4 : 0;
    return x >= side && y >= top && x < game->width - side && y < game->height - top;
}

/* Keeps the legal moves that suit an opening: points rather than a pass, if there are any. */
static int opening_moves(const struct play *play, game_move *moves)
{
    const struct game *game = play->game;
    int n = game->ops->legal_moves(game, &play->position.p, &play->history, moves), kept = 0;
    for (int i = 0; i < n; i++)
        if (moves[i] < game->points && (!game->ops->traits.learning.opening_central || is_central(game, moves[i])))
            moves[kept++] = moves[i];
    return kept ? kept : n;
}

static game_move sample_opening_move(struct selfplay *worker, const struct play *play)
{
    game_move moves[GAME_MAX_MOVES];
    int n = opening_moves(play, moves);
    if (rng_uniform(&worker->rng) < worker->config.settings->opening_uniform)
        return moves[rng_below(&worker->rng, (uint32_t)n)];
    evaluate(worker, play, EVAL_POLICY);
    eval_softmax(&worker->eval, moves, n, 1, worker->policy);
    return eval_sample(moves, worker->policy, n, &worker->rng);
}

/* Samples an opening into `line`; returns its length. Leaves the position at its end. */
static int sample_opening(struct selfplay *worker, struct play *play, game_move *line, int plies)
{
    restart(play);
    int made = 0;
    while (made < plies && !game_over(&play->position.p)) {
        line[made] = sample_opening_move(worker, play);
        game_play(play->game, &play->position.p, &play->history, line[made]);
        made++;
    }
    return made;
}

static void report_move(struct selfplay *worker, game_move move, float value_player_0)
{
    if (worker->config.moved)
        worker->config.moved(worker->config.user, move, value_player_0);
}

/* Plays the first sampled opening that is balanced enough, or else the most balanced of OPENING_TRIES; recorded as
 * plies without search. */
static void open_game(struct selfplay *worker, struct play *play, struct record *record)
{
    const struct settings *settings = worker->config.settings;
    game_move line[64], best[64];
    int best_length = 0;
    float best_value = INFINITY;
    int plies = (int)rng_below(&worker->rng, (uint32_t)settings->opening_plies + 1);
    for (int try = 0; try < OPENING_TRIES && best_value > settings->opening_balance; try++) {
        int length = sample_opening(worker, play, line, plies);
        if (game_over(&play->position.p))
            continue;
        float value = 0;
        if (settings->opening_balance < 1) {
            evaluate(worker, play, EVAL_VALUE);
            value = fabsf(eval_value(&worker->eval));
        }
        if (value < best_value) {
            best_value = value;
            best_length = length;
            memcpy(best, line, sizeof best);
        }
    }
    restart(play);
    for (int i = 0; i < best_length; i++) {
        record_add(record, &play->position.p, best[i], NULL, NULL, NULL, 0);
        report_move(worker, best[i], NAN);
        game_play(play->game, &play->position.p, &play->history, best[i]);
    }
}

/* ---- searched moves ---- */

static game_move sample_policy(struct selfplay *worker, const struct game *game)
{
    double power = 1 / worker->config.settings->temperature, sum = 0, weight[GAME_MAX_MOVES];
    game_move last = GAME_NO_MOVE;
    for (int move = 0; move < game->moves; move++)
        sum += weight[move] = pow(worker->policy[move], power);
    double left = rng_uniform(&worker->rng) * sum;
    for (int move = 0; move < game->moves; move++) {
        if (worker->policy[move] <= 0)
            continue;
        last = (game_move)move;
        if ((left -= weight[move]) < 0)
            break;
    }
    return last;
}

static void search(struct selfplay *worker, struct play *play, int64_t visits)
{
    struct mcts *mcts = play->table->search;
    mcts_set_root(mcts, &play->position.p, &play->history);
    if (!worker->config.settings->tree_reuse)
        mcts_forget(mcts);
    mcts_seed(mcts, rng_next(&worker->rng));
    mcts_run(mcts, &(struct mcts_limits){.visits = visits});
    mcts_observe(mcts);
    mcts_policy(mcts, worker->policy);
}

static game_move draw_legal_move(struct selfplay *worker, const struct play *play)
{
    game_move moves[GAME_MAX_MOVES];
    int n = play->game->ops->legal_moves(play->game, &play->position.p, &play->history, moves);
    return moves[rng_below(&worker->rng, (uint32_t)n)];
}

static void make_move(struct selfplay *worker, struct play *play, struct record *record, int searched)
{
    const struct settings *settings = worker->config.settings;
    bool full = settings->full_share >= 1 || rng_uniform(&worker->rng) < settings->full_share;
    search(worker, play, full ? settings->visits : settings->fast_visits);
    struct mcts_root root;
    mcts_root(play->table->search, &root);
    game_move move = searched < settings->sample_plies ? sample_policy(worker, play->game)
                                                       : mcts_choose(play->table->search, 0, &worker->rng);
    if (settings->random_moves > 0 && rng_uniform(&worker->rng) < settings->random_moves)
        move = draw_legal_move(worker, play);
    record_add(record, &play->position.p, move, full ? worker->policy : NULL, root.wdl, root.raw_wdl,
               RECORD_SEARCHED | (full ? RECORD_TRAIN : 0));
    report_move(worker, move, play->position.p.player ? -root.value : root.value);
    game_play(play->game, &play->position.p, &play->history, move);
}

/* Selects the next of the run's games, and thus the board size. */
static int draw_game(struct selfplay *worker)
{
    const struct selfplay_config *config = &worker->config;
    const int count = config->game_count;
    const double share = config->settings->largest_share;
    if (share == 0 || count == 1)
        return (int)rng_below(&worker->rng, (uint32_t)count);
    int largest = 0;
    for (int i = 1; i < count; i++)
        if (config->games[i].points > config->games[largest].points)
            largest = i;
    if (rng_uniform(&worker->rng) < share)
        return largest;
    int other = (int)rng_below(&worker->rng, (uint32_t)count - 1);
    return other + (other >= largest);
}

/* Komi in half points, normally distributed around the game's own; capped at the number of points on the board. */
static int draw_komi(struct selfplay *worker, const struct game *game)
{
    const struct settings *settings = worker->config.settings;
    double stdev = settings->komi_stdev * game->ops->komi->stdev_factor(game), most = 2.0 * game->points;
    if (settings->komi_wide_share > 0 && rng_uniform(&worker->rng) < settings->komi_wide_share)
        stdev = settings->komi_wide_stdev;
    double halves = game_komi(game) + 2 * stdev * rng_normal(&worker->rng);
    return (int)lrint(CLAMP(halves, -most, most));
}

/* Prepares the table for its next game, which differs from the run's in komi alone. Consumes no random numbers if komi is
 * fixed. */
static void set_game(struct selfplay *worker, struct table *table, const struct game *game)
{
    if (game->ops->komi && worker->config.settings->komi_stdev > 0)
        game_set_komi(&table->game, draw_komi(worker, game));
    /* Discard the tree of the previous game, which may have another komi: a game must depend on its seed alone. */
    mcts_forget(table->search);
}

struct record *selfplay_play(struct selfplay *worker, uint64_t number, uint64_t seed)
{
    const struct selfplay_config *config = &worker->config;
    rng_seed(&worker->rng, seed);
    const int which = draw_game(worker);
    struct play *play = g_new0(struct play, 1);
    play->table = &worker->tables[which];
    play->game = &play->table->game;
    set_game(worker, play->table, &config->games[which]);
    history_init(&play->history, play->game->max_plies);
    struct record *record = record_new(play->game, number, worker->generation);
    if (config->began)
        config->began(config->user, play->game, number, worker->generation);
    open_game(worker, play, record);
    bool proceed = true;
    for (int searched = 0; !game_over(&play->position.p) && record->ply_count < config->settings->max_plies;
         searched++) {
        proceed = !config->before_move || config->before_move(config->user, worker);
        if (!proceed)
            break;
        make_move(worker, play, record, searched);
    }
    if (proceed)
        record_finish(record, &play->position.p);
    history_clear(&play->history);
    g_free(play);
    if (proceed)
        return record;
    record_unref(record);
    return NULL;
}
