/* The ratings of a ladder. */
#include <math.h>
#include <string.h>

#include "engine/ladder/ladder.h"
#include "engine/ladder/ladder_internal.h"
#include "engine/match/statistics/rating.h"
#include "engine/store/store.h"

/* The probability from which on a checkpoint counts as stronger than another. */
#define STRONGER 0.99
/* The Elo of one unit of the logarithm of the odds of a win, 400 / ln 10. */
#define LOGIT_ELO 173.718

static struct ladder_rating *rating_at(GArray *ratings, guint i)
{
    return &g_array_index(ratings, struct ladder_rating, i);
}

/* "generation:12" and generation 12 are the same player. */
static int find(GArray *ratings, const char *name, uint32_t generation)
{
    if (ladder_rung_generation(name, &generation))
        name = "";
    for (guint i = 0; i < ratings->len; i++) {
        const struct ladder_rating *rating = rating_at(ratings, i);
        if (strcmp(rating->name, name) == 0 && (name[0] || rating->generation == generation))
            return (int)i;
    }
    struct ladder_rating fresh = {.generation = name[0] ? 0 : generation};
    g_strlcpy(fresh.name, name, sizeof fresh.name);
    g_array_append_val(ratings, fresh);
    return (int)ratings->len - 1;
}

static void count(struct ladder_rating *rating, double points)
{
    rating->score = (rating->score * rating->games + points) / (rating->games + 1);
    rating->games++;
}

static int compare(const void *a, const void *b)
{
    const struct ladder_rating *x = a, *y = b;
    if (x->name[0] || y->name[0])
        return (y->name[0] != 0) - (x->name[0] != 0);
    return (x->generation > y->generation) - (x->generation < y->generation);
}

/* Players in order of their first game, as in the table, which the caller clears. */
static GArray *rate(const GArray *games, struct rating_table *table)
{
    GArray *ratings = g_array_new(FALSE, TRUE, sizeof(struct ladder_rating));
    struct rating_game *played = g_new(struct rating_game, games->len + 1);
    struct rating_anchor anchor = {-1, 0};
    for (guint i = 0; i < games->len; i++) {
        const struct store_rung_game *game = &g_array_index(games, struct store_rung_game, i);
        int own = find(ratings, "", game->generation), rung = find(ratings, game->rung, 0);
        played[i] = (struct rating_game){own, rung, game->points, (int)game->pair};
        count(rating_at(ratings, (guint)own), game->points);
        count(rating_at(ratings, (guint)rung), 1 - game->points);
        if (anchor.player < 0 && rating_at(ratings, (guint)rung)->name[0])
            anchor.player = rung;
    }
    const struct rating_config config = {.players = (int)ratings->len,
                                         .games = played,
                                         .count = (int)games->len,
                                         .anchors = &anchor,
                                         .anchor_count = anchor.player >= 0};
    rating_fit(&config, table);
    for (guint i = 0; i < ratings->len; i++)
        rating_at(ratings, i)->rating = table->ratings[i];
    g_free(played);
    return ratings;
}

GArray *ladder_rate(const GArray *games)
{
    struct rating_table table;
    if (games->len == 0)
        return g_array_new(FALSE, TRUE, sizeof(struct ladder_rating));
    GArray *ratings = rate(games, &table);
    rating_table_clear(&table);
    /* Stable, so that the rungs keep their order. */
    g_array_sort(ratings, compare);
    return ratings;
}

static bool is_measured(const struct ladder_rating *rating)
{
    return !rating->name[0] && rating->games >= LADDER_JUDGED && rating->rating.known;
}

/* The variance of a checkpoint's Elo if its games were independent. The one estimated from its pairs is too small where a few pairs
 * happen to be alike, and even 0 if one game of each was won: chance would then be taken for strength too soon. */
static double least_variance(const struct ladder_rating *rating)
{
    const double games = rating->games, score = (rating->score * games + 0.5) / (games + 1);
    return LOGIT_ELO * LOGIT_ELO / (games * score * (1 - score));
}

/* The probability that checkpoint a is stronger than b. */
static double superiority(GArray *ratings, const struct rating_table *table, int a, int b)
{
    const int n = table->players;
    const struct ladder_rating *of_a = rating_at(ratings, (guint)a), *of_b = rating_at(ratings, (guint)b);
    const double *c = table->covariance, estimated = c[a * n + a] + c[b * n + b] - 2 * c[a * n + b];
    const double variance = fmax(estimated, least_variance(of_a) + least_variance(of_b));
    return 0.5 * erfc((of_b->rating.elo - of_a->rating.elo) / sqrt(2 * variance));
}

/* The index of the newest measured checkpoint; -1: none. */
static int newest_measured(GArray *ratings)
{
    int newest = -1;
    for (guint i = 0; i < ratings->len; i++)
        if (is_measured(rating_at(ratings, i)) &&
            (newest < 0 || rating_at(ratings, i)->generation > rating_at(ratings, (guint)newest)->generation))
            newest = (int)i;
    return newest;
}

static int compare_indices(const void *a, const void *b, void *ratings)
{
    return compare(rating_at(ratings, (guint) * (const int *)a), rating_at(ratings, (guint) * (const int *)b));
}

/* The indices of the rated checkpoints, ascending by generation. */
static GArray *checkpoints_of(GArray *ratings)
{
    GArray *indices = g_array_new(FALSE, FALSE, sizeof(int));
    for (int i = 0; i < (int)ratings->len; i++)
        if (!rating_at(ratings, (guint)i)->name[0] && rating_at(ratings, (guint)i)->rating.known)
            g_array_append_val(indices, i);
    g_array_sort_with_data(indices, compare_indices, ratings);
    return indices;
}

/* The place in indices at which the later half of the games begins. */
static guint middle_of(GArray *ratings, const GArray *indices)
{
    int all = 0, before = 0;
    guint middle = 0;
    for (guint i = 0; i < indices->len; i++)
        all += rating_at(ratings, (guint)g_array_index(indices, int, i))->games;
    for (; middle + 1 < indices->len; middle++) {
        const int games = rating_at(ratings, (guint)g_array_index(indices, int, middle))->games;
        if (middle > 0 && 2 * before + games > all) /* further from the half with it than without */
            break;
        before += games;
    }
    return middle;
}

/* Weights that make the sum of ratings the later part's mean less the earlier part's. Returns the games of the part with fewer. */
static int weigh(GArray *ratings, const GArray *indices, guint middle, double *weights)
{
    int games[2] = {0};
    for (guint i = 0; i < indices->len; i++)
        games[i >= middle] += rating_at(ratings, (guint)g_array_index(indices, int, i))->games;
    for (guint i = 0; i < indices->len; i++) {
        const int at = g_array_index(indices, int, i), later = i >= middle;
        weights[at] = (later ? 1.0 : -1.0) * rating_at(ratings, (guint)at)->games / games[later];
    }
    return MIN(games[0], games[1]);
}

static void measure_gain(GArray *ratings, const struct rating_table *table, struct ladder_gain *gain)
{
    GArray *indices = checkpoints_of(ratings);
    double *weights = g_new0(double, ratings->len), variance = 0, least = 0;
    const guint middle = middle_of(ratings, indices);
    gain->known = indices->len >= 2 && weigh(ratings, indices, middle, weights) >= LADDER_JUDGED;
    for (int i = 0; gain->known && i < (int)ratings->len; i++) {
        gain->elo += weights[i] * rating_at(ratings, (guint)i)->rating.elo;
        least += weights[i] == 0 ? 0 : weights[i] * weights[i] * least_variance(rating_at(ratings, (guint)i));
        for (int k = 0; k < (int)ratings->len; k++)
            variance += weights[i] * weights[k] * table->covariance[i * table->players + k];
    }
    if (gain->known) {
        gain->low = gain->elo - table->quantile * sqrt(fmax(variance, least));
        gain->high = gain->elo + table->quantile * sqrt(fmax(variance, least));
        gain->first = rating_at(ratings, (guint)g_array_index(indices, int, 0))->generation;
        gain->middle = rating_at(ratings, (guint)g_array_index(indices, int, middle))->generation;
        gain->last = rating_at(ratings, (guint)g_array_index(indices, int, indices->len - 1))->generation;
    }
    g_free(weights);
    g_array_unref(indices);
}

struct ladder_gain ladder_gain_of(const GArray *games)
{
    struct ladder_gain gain = {.known = false};
    struct rating_table table;
    if (games->len == 0)
        return gain;
    GArray *ratings = rate(games, &table);
    measure_gain(ratings, &table, &gain);
    rating_table_clear(&table);
    g_array_unref(ratings);
    return gain;
}

uint32_t ladder_best(const GArray *games, const GArray *generations)
{
    uint32_t best = g_array_index(generations, uint32_t, generations->len - 1);
    struct rating_table table;
    double elo = -INFINITY;
    if (games->len == 0)
        return best;
    GArray *ratings = rate(games, &table);
    const int newest = newest_measured(ratings);
    for (guint i = 0; newest >= 0 && i < ratings->len; i++) {
        const struct ladder_rating *rating = rating_at(ratings, i);
        if (is_measured(rating) && rating->generation < rating_at(ratings, (guint)newest)->generation &&
            ladder_is_on_disk(generations, rating->generation) &&
            superiority(ratings, &table, (int)i, newest) > STRONGER && rating->rating.elo > elo) {
            best = rating->generation;
            elo = rating->rating.elo;
        }
    }
    rating_table_clear(&table);
    g_array_unref(ratings);
    return best;
}
