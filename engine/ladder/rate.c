/* The ratings of a ladder. */
#include <math.h>
#include <string.h>

#include "engine/ladder/ladder.h"
#include "engine/match/statistics/rating.h"
#include "engine/store/store.h"

/* The probability from which on a checkpoint counts as stronger than another. */
#define STRONGER 0.99

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

static bool contains(const GArray *generations, uint32_t generation)
{
    for (guint i = 0; i < generations->len; i++)
        if (g_array_index(generations, uint32_t, i) == generation)
            return true;
    return false;
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
            contains(generations, rating->generation) && rating_superiority(&table, (int)i, newest) > STRONGER &&
            rating->rating.elo > elo) {
            best = rating->generation;
            elo = rating->rating.elo;
        }
    }
    rating_table_clear(&table);
    g_array_unref(ratings);
    return best;
}
