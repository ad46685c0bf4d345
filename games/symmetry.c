#include <pthread.h>

#include "games/game.h"

typedef uint16_t table[GAME_MAX_POINTS];
static table *tables[GAME_MAX_SIZE + 1][GAME_MAX_SIZE + 1]; /* by width and height; NULL until first requested */
static pthread_mutex_t tables_lock = PTHREAD_MUTEX_INITIALIZER;

static int transform_point(int width, int height, int symmetry, int point)
{
    int x = point % width, y = point / width;
    if (symmetry & 1)
        x = width - 1 - x;
    if (symmetry & 2)
        y = height - 1 - y;
    return symmetry & 4 ? x * height + y : y * width + x;
}

const uint16_t (*game_symmetry_tables(int width, int height))[GAME_MAX_POINTS]
{
    pthread_mutex_lock(&tables_lock);
    table **made = &tables[width][height];
    if (!*made) {
        *made = g_new0(table, GAME_SYMMETRIES);
        for (int s = 0; s < GAME_SYMMETRIES; s++)
            for (int p = 0; p < width * height; p++)
                (*made)[s][p] = (uint16_t)transform_point(width, height, s, p);
    }
    pthread_mutex_unlock(&tables_lock);
    return (const uint16_t(*)[GAME_MAX_POINTS]) * made;
}

bool game_symmetry_keeps_start(const struct game *game, int symmetry)
{
    union any_position start;
    game_init(game, &start.p);
    for (int p = 0; p < game->points; p++)
        if (game->ops->stone(game, &start.p, p) !=
            game->ops->stone(game, &start.p, game_symmetry_point(game, symmetry, p)))
            return false;
    return true;
}

void game_encode(const struct game *game, const struct game_features *features, const struct position *position,
                 const struct history *history, int symmetry, float *planes, float *globals)
{
    features->encode(game, position, history, game_symmetry_table(game, symmetry), planes, globals);
}
