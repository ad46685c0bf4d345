#include "engine/exchange/likeness.h"

#include "agents/memory/likeness_file.h"
#include "engine/exchange/games.h"
#include "engine/settings/settings.h"
#include "engine/store/record.h"
#include "engine/store/store.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/likeness.h"
#include "net/net.h"

enum { EVERY = 4, ASKED = 10 }; /* of the positions of a game, and of all positions */

/* Positions with their errors, of the newest games first. */
struct gathering {
    struct net *net;
    size_t most, size;
    GArray *features, *errors; /* float */
    GArray *ends;              /* size_t: positions after each game */
    struct rng rng;
};

static void add(struct gathering *gathering, struct evaluator *evaluator, const struct eval_query *query,
                const struct record_ply *ply)
{
    struct eval eval;
    evaluator_evaluate(evaluator, 1, query, &eval);
    const float *pooled = evaluator_net_pooled(evaluator, &gathering->size);
    const float error = (float)record_value(ply->wdl) - eval_value(&eval);
    g_array_append_vals(gathering->features, pooled, (guint)gathering->size);
    g_array_append_val(gathering->errors, error);
}

static void replay(struct gathering *gathering, struct evaluator *evaluator, const struct record *record)
{
    const struct game *game = &record->game;
    union any_position position;
    struct history history;
    history_init(&history, game->max_plies + 1);
    game_init(game, &position.p);
    for (int i = 0; i < record->ply_count; i++) {
        const struct record_ply *ply = &record->plies[i];
        const struct eval_query query = {.position = &position.p, .history = &history, .want = EVAL_VALUE};
        const bool searched = (ply->flags & RECORD_SEARCHED) && !(ply->flags & (RECORD_COPIED | RECORD_OPPONENT));
        if (searched && rng_below(&gathering->rng, EVERY) == 0)
            add(gathering, evaluator, &query, ply);
        game_play(game, &position.p, &history, ply->move);
    }
    history_clear(&history);
}

/* For games_each; stops once there are enough positions. */
static bool gather(const struct record *record, void *user, GError **error)
{
    struct gathering *gathering = user;
    const struct evaluator_config config = {.kind = EVALUATOR_NET,
                                            .net = gathering->net,
                                            .backend = NET_BACKEND_FAST,
                                            .dtype = NET_AUTO,
                                            .symmetry = EVALUATOR_SYMMETRY_RANDOM,
                                            .seed = 1};
    struct evaluator *evaluator;
    const size_t before = gathering->errors->len;
    if (before >= gathering->most)
        return true;
    if (evaluator_create(&evaluator, &record->game, &config, error) != 0)
        return false;
    evaluator_net_keep_pooled(evaluator);
    replay(gathering, evaluator, record);
    evaluator_free(evaluator);
    const size_t now = gathering->errors->len;
    if (now > before)
        g_array_append_val(gathering->ends, now);
    return true;
}

/* Fits the weight on the first `asked` positions, which are held out: least squares. */
static void fit(const struct gathering *gathering, const struct likeness *likeness, size_t asked,
                struct likeness_summary *summary)
{
    const float *features = (const float *)(const void *)gathering->features->data;
    double products = 0, squares = 0, errors = 0;
    for (size_t i = 0; i < asked; i++) {
        const double said = (double)likeness_error(likeness, features + i * gathering->size),
                     error = (double)g_array_index(gathering->errors, float, i);
        products += said * error;
        squares += said * said;
        errors += error * error;
    }
    summary->asked = asked;
    summary->weight = squares > 0 ? CLAMP(products / squares, 0, 1) : 0;
    summary->explained = errors > 0 ? summary->weight * (2 * products - summary->weight * squares) / errors : 0;
}

static bool write_memory(const struct gathering *gathering, const char *folder, const char *path,
                         struct likeness_summary *summary, GError **error)
{
    size_t game = 0; /* the newest game that is remembered */
    const size_t wanted = gathering->errors->len / ASKED;
    while (game < gathering->ends->len && g_array_index(gathering->ends, size_t, game) < wanted)
        game++;
    if (game + 1 >= gathering->ends->len)
        return settings_fail(error, "%s has too few games with searches: %u positions of %u games; train it longer",
                             folder, gathering->errors->len, gathering->ends->len);
    const size_t asked = g_array_index(gathering->ends, size_t, game);
    struct likeness_positions positions = {.count = gathering->errors->len - asked,
                                           .size = gathering->size,
                                           .features = (const float *)(const void *)gathering->features->data +
                                                       asked * gathering->size,
                                           .errors = (const float *)(const void *)gathering->errors->data + asked};
    struct likeness *likeness = likeness_new(positions.size, positions.count, positions.features, positions.errors, 1);
    fit(gathering, likeness, asked, summary);
    likeness_unref(likeness);
    summary->positions = positions.count;
    summary->games = gathering->ends->len - game - 1;
    positions.weight = (float)summary->weight;
    return likeness_file_write(path, gathering->net, &positions, folder, error);
}

bool likeness_of_run(struct store *store, struct net *net, size_t positions, const char *path,
                     struct likeness_summary *summary, GError **error)
{
    struct settings settings;
    struct game games[SETTINGS_MAX_GAMES];
    struct gathering gathering = {.net = net, .most = positions};
    const int count = games_of_run(store, &settings, games, error);
    if (!count || evaluator_net_prepare(net, &games[0], NET_BACKEND_FAST, NET_AUTO, 1, error) != 0)
        return false;
    gathering.features = g_array_new(FALSE, FALSE, sizeof(float));
    gathering.errors = g_array_new(FALSE, FALSE, sizeof(float));
    gathering.ends = g_array_new(FALSE, FALSE, sizeof(size_t));
    rng_seed(&gathering.rng, 1);
    /* as many rows as have more searched positions than are taken */
    const bool good = games_each(store, games, count, (int64_t)positions * EVERY * 2, gather, &gathering, error) &&
                      write_memory(&gathering, store_folder(store), path, summary, error);
    g_array_unref(gathering.features);
    g_array_unref(gathering.errors);
    g_array_unref(gathering.ends);
    return good;
}
