#include "games/game.h"

#include <pthread.h>

static uint16_t tables[GAME_MAX_SIZE + 1][GAME_SYMMETRIES][GAME_MAX_POINTS];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

int game_symmetry_point(int size, int symmetry, int point)
{
    int x = point % size, y = point / size;
    if (symmetry & 1)
        x = size - 1 - x;
    if (symmetry & 2)
        y = size - 1 - y;
    return symmetry & 4 ? x * size + y : y * size + x;
}

static void fill_tables(void)
{
    for (int size = 1; size <= GAME_MAX_SIZE; size++)
        for (int s = 0; s < GAME_SYMMETRIES; s++)
            for (int p = 0; p < size * size; p++)
                tables[size][s][p] = (uint16_t)game_symmetry_point(size, s, p);
}

const uint16_t *game_symmetry_table(int size, int symmetry)
{
    pthread_once(&tables_once, fill_tables);
    return tables[size][symmetry];
}

void game_encode(const struct game *game, const struct game_features *features, const struct position *position,
                 const struct history *history, int symmetry, float *planes, float *globals)
{
    features->encode(game, position, history, game_symmetry_table(game->size, symmetry), planes, globals);
}
