#include "engine/training/replay/relabel.h"

#include <glib.h>
#include <math.h>

#include "engine/store/record.h"
#include "games/game.h"

enum { STDEV = 2 * 15, WIDEST = 2 * 80 }; /* half points */

bool relabel_applies(const struct record *record, int ply)
{
    float margin = record->result.margin;
    return 3 * (ply + 1) > 2 * record->ply_count && record->game.ops->komi && record->source != RECORD_OUTCOME_STATED &&
           game_result_sign(&record->result, 0) == (margin > 0) - (margin < 0);
}

int relabel_draw(const struct record *record, struct rng *rng)
{
    const struct game *game = &record->game;
    int most = MIN(2 * game->points, WIDEST), centre;
    if (rng_uniform(rng) < 0.5)
        return (int)rng_below(rng, (uint32_t)(2 * most + 1)) - most;
    if (!game->ops->komi->even(game, &centre))
        centre = game_komi(game);
    int komi = (int)lrint(centre + STDEV * rng_normal(rng));
    return CLAMP(komi, -most, most);
}
