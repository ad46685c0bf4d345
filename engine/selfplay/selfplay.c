#include "engine/selfplay/selfplay.h"

#include <math.h>

#include "engine/selfplay/selfplay_internal.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "mcts/evaluator.h"
#include "mcts/search.h"

enum {
    HANDICAP_KOMI = 1, /* half points */
    /* Positions, at about a microsecond each: with the defences, together as long as a visit takes. */
    THREATS_A_VISIT = 50,
};

int selfplay_make_evaluator(const struct selfplay *worker, const struct table *table, struct net *net,
                            struct evaluator **out, GError **error)
{
    const struct selfplay_config *config = &worker->config;
    const struct evaluator_config evaluator = {.kind = net ? EVALUATOR_NET : EVALUATOR_UNIFORM,
                                               .net = net,
                                               .backend = config->backend,
                                               .dtype = config->dtype,
                                               .symmetry = EVALUATOR_SYMMETRY_RANDOM,
                                               .seed = (uint64_t)config->settings->seed,
                                               .cache_bytes = net ? config->cache_bytes : 0};
    return evaluator_create(out, &table->game, &evaluator, error);
}

static int make_table(struct selfplay *worker, const struct game *game, struct table *table, GError **error)
{
    struct mcts_config config = mcts_defaults(MCTS_GUMBEL);
    config.gumbel_considered = (int)worker->config.settings->considered;
    config.gumbel_noise = true;
    config.gumbel_c_scale = (float)worker->config.settings->value_scale;
    config.score_utility = (float)worker->config.settings->score;
    config.threats = (int)worker->config.settings->threats;
    config.threats_a_visit = THREATS_A_VISIT;
    config.threads = 1;
    config.memory_bytes = 16u << 20;
    table->variant_count = settings_rules(worker->config.settings, game, table->variants, table->shares);
    table->game = table->variants[0];
    table->lengths = settings_lengths(worker->config.settings, &table->game);
    if (selfplay_make_evaluator(worker, table, worker->config.net, &table->evaluator, error) != 0 ||
        (worker->config.opponent && selfplay_add_opponent(worker, table, &config, error) != 0))
        return -1;
    return mcts_create(&table->search, &table->game, &config, &table->evaluator, error);
}

int selfplay_create(struct selfplay **out, const struct selfplay_config *config, GError **error)
{
    *out = NULL;
    struct selfplay *worker = g_new0(struct selfplay, 1);
    worker->config = *config;
    settings_game_shares(config->settings, config->games, config->game_count, worker->shares);
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
        mcts_close(worker->tables[i].modelling);
        mcts_close(worker->tables[i].opponent_search);
        evaluator_free(worker->tables[i].opponent);
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
        if (worker->tables[i].modelling)
            mcts_forget(worker->tables[i].modelling);
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

/* ---- searched moves ---- */

static void report_move(struct selfplay *worker, game_move move, float value_player_0)
{
    if (worker->config.moved)
        worker->config.moved(worker->config.user, move, value_player_0);
}

static game_move sample_policy(struct selfplay *worker, const struct game *game, double temperature)
{
    double power = 1 / temperature, sum = 0, weight[GAME_MAX_MOVES];
    float most = 0; /* the largest weight is 1, so that not all underflow */
    game_move last = GAME_NO_MOVE;
    for (int move = 0; move < game->moves; move++)
        most = MAX(most, worker->policy[move]);
    for (int move = 0; move < game->moves; move++)
        sum += weight[move] = pow(worker->policy[move] / most, power);
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

/* Whether all moves but one lose at once. */
static bool is_forced(const struct play *play)
{
    game_move legal[GAME_MAX_MOVES], moves[GAME_MAX_MOVES];
    const int count = play->game->ops->legal_moves(play->game, &play->position.p, &play->history, legal);
    return game_sensible_moves(play->game, &play->position.p, true, legal, count, moves) == 1;
}

static void search(struct selfplay *worker, struct play *play, int64_t visits)
{
    const bool threats = worker->config.settings->threats;
    struct mcts *mcts = play->search;
    mcts_set_root(mcts, &play->position.p, &play->history);
    if (!worker->config.settings->tree_reuse)
        mcts_forget(mcts);
    mcts_seed(mcts, rng_next(&worker->rng));
    mcts_run(mcts, &(struct mcts_limits){.visits = threats && is_forced(play) ? 1 : visits, .early_stop = threats});
    mcts_observe(mcts);
    mcts_policy(mcts, worker->policy);
}

static game_move draw_legal_move(struct selfplay *worker, const struct play *play)
{
    game_move moves[GAME_MAX_MOVES];
    int n = play->game->ops->legal_moves(play->game, &play->position.p, &play->history, moves);
    return moves[rng_below(&worker->rng, (uint32_t)n)];
}

/* The divergence of the improved policy from the net's prior over the moves that the search considers: sum of p log(p /
 * prior), nats. */
static float policy_surprise(const struct play *play)
{
    struct mcts_move moves[GAME_MAX_MOVES];
    const int n = mcts_moves(play->search, moves, GAME_MAX_MOVES);
    double sum = 0;
    for (int i = 0; i < n; i++)
        if (moves[i].improved > 0)
            sum += (double)moves[i].improved * log((double)moves[i].improved / fmax((double)moves[i].prior, 1e-9));
    return (float)fmax(sum, 0);
}

/* Two of each side; against a fixed opponent, which the net does not search for, four of its own. */
enum { DECIDED_SEARCHES = 4 };

/* Notes the value for player 0 after a search. */
static void note_value(const struct settings *settings, struct play *play, float value)
{
    const int winner = value >= (float)settings->decided ? 1 : value <= -(float)settings->decided ? -1 : 0;
    play->decided = winner * play->decided > 0 ? play->decided + winner : winner;
}

/* Whether the next search is a full one. Where the game is decided most are not: that saves time for games in which there is
 * something to learn. */
static bool draw_full(struct selfplay *worker, const struct play *play)
{
    const struct settings *settings = worker->config.settings;
    bool full = settings->full_share >= 1 || rng_uniform(&worker->rng) < settings->full_share;
    if (settings->decided < 1 && abs(play->decided) >= DECIDED_SEARCHES)
        full = rng_uniform(&worker->rng) < settings->decided_full && full;
    return full && play->position.p.player != play->weak;
}

static void make_move(struct selfplay *worker, struct play *play, struct record *record, int searched)
{
    const struct settings *settings = worker->config.settings;
    const bool full = draw_full(worker, play);
    search(worker, play, full ? play->visits : settings->fast_visits);
    struct mcts_root root;
    mcts_root(play->search, &root);
    const double temperature =
        searched < play->table->lengths.sample_plies ? settings->temperature : settings->late_temperature;
    game_move move =
        temperature > 0 ? sample_policy(worker, play->game, temperature) : mcts_choose(play->search, 0, &worker->rng);
    if (settings->random_moves > 0 && rng_uniform(&worker->rng) < settings->random_moves)
        move = draw_legal_move(worker, play);
    if (settings->improved_value)
        mcts_improved_value(play->search, root.wdl);
    record_add(record, &play->position.p, move, full ? worker->policy : NULL, root.wdl, root.raw_wdl,
               RECORD_SEARCHED | (full ? RECORD_TRAIN : 0));
    if (full)
        record_set_surprise(record, policy_surprise(play));
    const float value = (root.wdl[0] - root.wdl[2]) * (play->position.p.player ? -1 : 1);
    note_value(settings, play, value);
    report_move(worker, move, value);
    game_play(play->game, &play->position.p, &play->history, move);
}

static void make_opponent_move(struct selfplay *worker, struct play *play, struct record *record)
{
    const game_move move = selfplay_opponent_move(worker, play, record);
    report_move(worker, move, eval_value(&worker->eval) * (play->position.p.player ? -1 : 1));
    game_play(play->game, &play->position.p, &play->history, move);
}

/* An index, by shares that sum to 1. */
static int draw_index(struct selfplay *worker, const double *shares, int count)
{
    double left = rng_uniform(&worker->rng);
    int at = 0;
    while (at < count - 1 && (left -= shares[at]) >= 0)
        at++;
    return at;
}

/* Komi in half points, normally distributed around the game's own; capped at the number of points on the board. */
static int draw_komi(struct selfplay *worker, const struct game *game)
{
    const struct settings *settings = worker->config.settings;
    double stdev = settings->komi_stdev * game->ops->komi->stdev_factor(game), most = 2.0 * game->points;
    if (settings->komi_wide_share > 0 && rng_uniform(&worker->rng) < settings->komi_wide_share)
        stdev = settings->komi_wide_stdev * (settings->komi_wide_scaled ? MAX(game->width, game->height) / 9.0 : 1);
    double halves = game_komi(game) + 2 * stdev * rng_normal(&worker->rng);
    return (int)lrint(CLAMP(halves, -most, most));
}

/* One of the run's games, and thus the board size. */
static struct table *draw_table(struct selfplay *worker)
{
    const int count = worker->config.game_count;
    bool equal = true;
    for (int i = 1; i < count; i++)
        equal &= worker->shares[i] == worker->shares[0];
    /* Equal shares are drawn as in versions that had no shares, so that deterministic runs of those versions stay the same. */
    return &worker->tables[equal ? (int)rng_below(&worker->rng, (uint32_t)count)
                                 : draw_index(worker, worker->shares, count)];
}

bool selfplay_draw_event(struct selfplay *worker, double share)
{
    return share > 0 && rng_uniform(&worker->rng) < share;
}

/* Sets what does not depend on where the game begins. fair_share: fraction of such games whose komi is made even. */
static void set_sides(struct selfplay *worker, struct play *play, double fair_share)
{
    play->fair_komi = selfplay_draw_event(worker, fair_share) && play->game->ops->komi && worker->config.net;
    play->weak =
        selfplay_draw_event(worker, worker->config.settings->weak_share) ? (int)rng_below(&worker->rng, 2) : -1;
    const bool against = worker->config.opponent && selfplay_draw_event(worker, worker->config.settings->against_share);
    play->opponent = against ? (int)rng_below(&worker->rng, 2) : -1;
    play->search = against ? play->table->modelling : play->table->search;
    evaluator_opponent_is(play->table->evaluator, -1); /* in the opening */
    /* Discard the tree of the previous game, which may have had another komi or rules: a game must depend on its seed
     * alone. */
    mcts_forget(play->search);
    if (against)
        mcts_forget(play->table->opponent_search);
}

/* Prepares the table for its next game, one of the run's with rules, handicap and komi of its own. Consumes random numbers
 * only for what varies. */
static void set_game(struct selfplay *worker, struct play *play)
{
    const struct settings *settings = worker->config.settings;
    struct table *table = play->table;
    struct game *game = &table->game;
    *game = table->variants[table->variant_count > 1 ? draw_index(worker, table->shares, table->variant_count) : 0];
    bool handicap = selfplay_draw_event(worker, settings->handicap_share);
    int most = handicap ? game->ops->handicap->max(game) : 0;
    if (most >= 2) {
        *game = game_with_handicap(game, 2 + (int)rng_below(&worker->rng, (uint32_t)most - 1));
        if (game->ops->komi)
            game_set_komi(game, HANDICAP_KOMI);
    }
    if (game->ops->komi && settings->komi_stdev > 0)
        game_set_komi(game, draw_komi(worker, game));
    set_sides(worker, play, most >= 2 ? settings->handicap_fair_share : settings->komi_fair_share);
}

/* Prepares the table for a game that begins at a position of an earlier one: with the rules, handicap and komi of that. */
static void set_start_game(struct selfplay *worker, struct play *play, const struct record *start)
{
    play->table->game = start->game;
    set_sides(worker, play, worker->config.settings->start_fair_share);
}

/* The table for games of this size, whose games all have the same features. */
static struct table *table_of(struct selfplay *worker, const struct game *game)
{
    int i = 0;
    while (worker->tables[i].game.width != game->width || worker->tables[i].game.height != game->height) {
        i++;
        g_assert(i < worker->config.game_count);
    }
    return &worker->tables[i];
}

static struct play *begin(struct selfplay *worker, const struct selfplay_assignment *assignment)
{
    const struct record *start = assignment->start;
    struct play *play = g_new0(struct play, 1);
    rng_seed(&worker->rng, assignment->seed);
    play->visits = settings_visits(worker->config.settings, assignment->progress);
    play->opponent_visits =
        assignment->opponent_visits ? assignment->opponent_visits : worker->config.settings->against_visits;
    play->table = start ? table_of(worker, &start->game) : draw_table(worker);
    play->game = &play->table->game;
    if (start)
        set_start_game(worker, play, start);
    else
        set_game(worker, play);
    history_init(&play->history, play->game->max_plies);
    if (start)
        selfplay_copy_start(worker, play, start, assignment->start_plies);
    else
        selfplay_choose_opening(worker, play);
    if (play->fair_komi)
        selfplay_set_fair_komi(worker, play);
    return play;
}

/* Records the plies without search. */
static void play_opening(struct selfplay *worker, struct play *play, struct record *record)
{
    selfplay_restart(play);
    for (int i = 0; i < play->length; i++) {
        const int flags = i < play->copied ? RECORD_COPIED : 0;
        record_add(record, &play->position.p, play->line[i], NULL, NULL, NULL, flags);
        report_move(worker, play->line[i], NAN);
        game_play(play->game, &play->position.p, &play->history, play->line[i]);
    }
}

struct record *selfplay_play(struct selfplay *worker, uint64_t number, uint64_t seed)
{
    return selfplay_play_assignment(worker, &(struct selfplay_assignment){.number = number, .seed = seed});
}

struct record *selfplay_play_assignment(struct selfplay *worker, const struct selfplay_assignment *assignment)
{
    const struct selfplay_config *config = &worker->config;
    struct play *play = begin(worker, assignment);
    struct record *record = record_new(play->game, assignment->number, worker->generation);
    if (config->began)
        config->began(config->user, play->game, assignment->number, worker->generation);
    play_opening(worker, play, record);
    evaluator_opponent_is(play->table->evaluator, play->opponent);
    bool proceed = true;
    for (int searched = 0; !game_over(&play->position.p) && record->ply_count < play->table->lengths.max_plies;
         searched++) {
        proceed = !config->before_move || config->before_move(config->user, worker);
        if (!proceed)
            break;
        if (play->position.p.player == play->opponent)
            make_opponent_move(worker, play, record);
        else
            make_move(worker, play, record, searched);
    }
    if (proceed)
        record_finish(record, &play->position.p);
    history_clear(&play->history);
    g_free(play->line);
    g_free(play);
    if (proceed)
        return record;
    record_unref(record);
    return NULL;
}
