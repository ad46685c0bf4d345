#include "engine/robust/figures.h"

#include <math.h>

#include "engine/match/game.h"

struct rating robust_elo(const struct rating_table *table)
{
    double weight[MATCH_MAX_PLAYERS] = {0}, elo = 0, variance = 0;
    int n = table->players, others = 0;
    for (int i = 1; i < n; i++)
        others += table->ratings[i].known;
    if (!others || !table->ratings[0].known)
        return (struct rating){0};
    for (int i = 0; i < n; i++) {
        weight[i] = i == 0 ? 1 : table->ratings[i].known ? -1.0 / others : 0;
        elo += weight[i] * table->ratings[i].elo;
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            variance += weight[i] * weight[j] * table->covariance[i * n + j];
    double half = table->quantile * sqrt(fmax(variance, 0));
    return (struct rating){true, elo, elo - half, elo + half};
}

struct rating robust_lost(const struct rating *main, const struct rating *cell)
{
    if (!main->known || !cell->known)
        return (struct rating){0};
    double elo = main->elo - cell->elo, half = hypot(main->high - main->elo, cell->high - cell->elo);
    return (struct rating){true, elo, elo - half, elo + half};
}
