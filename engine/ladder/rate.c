/* The ratings of a ladder. */
#include <string.h>

#include "engine/ladder/ladder.h"
#include "engine/match/statistics/rating.h"
#include "engine/store/store.h"

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

GArray *ladder_rate(const GArray *games)
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
    if (games->len > 0) {
        const struct rating_config config = {.players = (int)ratings->len,
                                             .games = played,
                                             .count = (int)games->len,
                                             .anchors = &anchor,
                                             .anchor_count = anchor.player >= 0};
        struct rating_table table;
        rating_fit(&config, &table);
        for (guint i = 0; i < ratings->len; i++)
            rating_at(ratings, i)->rating = table.ratings[i];
        rating_table_clear(&table);
    }
    g_free(played);
    /* Stable, so that the rungs keep their order. */
    g_array_sort(ratings, compare);
    return ratings;
}
