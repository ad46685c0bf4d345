/* Scoring in Go: area, territory, results; exact liberties. */
#include <math.h>

#include "games/game.h"
#include "games/go/board.h"
#include "games/go/go.h"
#include "games/go/ops.h"

int go_komi2(const struct game *game, const struct go_position *go)
{
    int stones = go->handicap, bonus = 0;
    if (stones && game->derived[GO_DERIVED_BONUS] == GO_BONUS_N)
        bonus = stones;
    if (stones && game->derived[GO_DERIVED_BONUS] == GO_BONUS_N_LESS_ONE)
        bonus = stones - 1;
    return game->option[GO_OPTION_KOMI] + 2 * bonus;
}

/* Fills owner (by cell): the colour of a stone; for an empty region the colour that it borders on, or 3 if it borders
 * on both or on none. colours: by cell, without dead stones. */
static void flood_owners(const struct go_tables *t, const uint8_t *colours, uint8_t *owner)
{
    uint16_t region[GO_MAX_POINTS];
    memset(owner, 0, (size_t)t->cells);
    for (int i = 0; i < t->points; i++) {
        int start = t->cell[i], count = 0, borders = 0;
        if (owner[start])
            continue;
        if (colours[start] != GAME_EMPTY) {
            owner[start] = colours[start];
            continue;
        }
        region[count++] = (uint16_t)start;
        owner[start] = 3;
        for (int k = 0; k < count; k++) {
            const int p = region[k], around[4] = {p - 1, p + 1, p - t->stride, p + t->stride};
            for (int n = 0; n < 4; n++) {
                if (colours[around[n]] == GAME_EMPTY && !owner[around[n]]) {
                    owner[around[n]] = 3;
                    region[count++] = (uint16_t)around[n];
                } else if (go_is_stone(colours[around[n]])) {
                    borders |= colours[around[n]];
                }
            }
        }
        if (borders == GAME_BLACK || borders == GAME_WHITE)
            for (int k = 0; k < count; k++)
                owner[region[k]] = (uint8_t)borders;
    }
}

static void copy_colours(const struct go_tables *t, const struct go_cell *cells, uint8_t *colours)
{
    for (int c = 0; c < t->cells; c++)
        colours[c] = cells[c].colour;
}

int go_area(const struct game *game, const struct position *position, int8_t *owner)
{
    const struct go_tables *t = go_tables(game);
    uint8_t colours[GO_MAX_CELLS], cell_owner[GO_MAX_CELLS];
    int difference = 0;
    copy_colours(t, go_position(position)->cells, colours);
    flood_owners(t, colours, cell_owner);
    for (int i = 0; i < t->points; i++) {
        int who = cell_owner[t->cell[i]];
        int sign = (who == GAME_BLACK) - (who == GAME_WHITE);
        difference += sign;
        if (owner)
            owner[i] = (int8_t)sign;
    }
    return difference;
}

/* Under territory scoring, points enclosed by a group in seki count for nobody. */
static void neutralise_seki(const struct game *game, const struct position *position, const uint8_t *dead,
                            const uint8_t *colours, uint8_t *owner)
{
    const struct go_tables *t = go_tables(game);
    int chain[GAME_MAX_POINTS];
    uint8_t seki[GAME_MAX_POINTS];
    uint16_t queue[GO_MAX_POINTS];
    int count = 0;
    go_chains(game, position, chain);
    go_find_seki(game, position, chain, dead, seki);
    for (int i = 0; i < t->points; i++)
        if (seki[i])
            queue[count++] = t->cell[i];
    for (int k = 0; k < count; k++) {
        const int p = queue[k], around[4] = {p - 1, p + 1, p - t->stride, p + t->stride};
        for (int n = 0; n < 4; n++)
            if (colours[around[n]] == GAME_EMPTY && owner[around[n]] != 3) {
                owner[around[n]] = 3;
                queue[count++] = (uint16_t)around[n];
            }
    }
}

/* without_seki: points that groups in seki enclose are neutral. */
static void count_board(const struct game *game, const struct position *position, const uint8_t *dead,
                        bool without_seki, struct game_count *count, int8_t *owner)
{
    const struct go_tables *t = go_tables(game);
    const struct go_position *go = go_position(position);
    uint8_t colours[GO_MAX_CELLS], cell_owner[GO_MAX_CELLS];
    memset(count, 0, sizeof *count);
    copy_colours(t, go->cells, colours);
    for (int side = 0; side < 2; side++)
        count->prisoners[side] = go->prisoners[side];
    for (int i = 0; dead && i < t->points; i++)
        if (dead[i] && go_is_stone(colours[t->cell[i]])) {
            count->prisoners[game_other(colours[t->cell[i]]) - 1]++;
            colours[t->cell[i]] = GAME_EMPTY;
        }
    flood_owners(t, colours, cell_owner);
    count->prisoners_count = game->derived[GO_DERIVED_SCORING] == GO_TERRITORY;
    count->dead_removed = !game->derived[GO_DERIVED_CLEANUP] &&
                          (count->prisoners_count || game->option[GO_OPTION_RULES] != GO_RULES_TROMP_TAYLOR);
    if (without_seki)
        neutralise_seki(game, position, dead, colours, cell_owner);
    for (int i = 0; i < t->points; i++) {
        int there = colours[t->cell[i]], who = cell_owner[t->cell[i]];
        if (owner)
            owner[i] = (int8_t)((who == GAME_BLACK) - (who == GAME_WHITE));
        if (there != GAME_EMPTY)
            count->stones[there - 1]++;
        else if (who == 3)
            count->dame++;
        else
            count->territory[who - 1]++;
    }
    count->komi = (float)go_komi2(game, go) / 2.0f;
    for (int side = 0; side < 2; side++) {
        float komi = side ? count->komi : 0.0f;
        count->area[side] = (float)(count->stones[side] + count->territory[side]) + komi;
        count->by_territory[side] = (float)(count->territory[side] + count->prisoners[side]) + komi;
    }
    const float *total = count->prisoners_count ? count->by_territory : count->area;
    count->margin = total[0] - total[1];
}

/* Counts by territory without agreement on dead stones: dead are those in the opponent's pass-alive area. */
static void count_cleaned_up(const struct game *game, const struct position *position, struct game_count *count,
                             int8_t *owner)
{
    int8_t sure[GO_MAX_POINTS];
    uint8_t dead[GO_MAX_POINTS];
    go_pass_alive(game, position, sure);
    for (int p = 0; p < game->points; p++) {
        int colour = go_position(position)->cells[go_tables(game)->cell[p]].colour;
        dead[p] = sure[p] && colour == (sure[p] > 0 ? GAME_WHITE : GAME_BLACK);
    }
    count_board(game, position, dead, false, count, owner);
}

static int twice_margin(const struct game *game, const struct position *position)
{
    struct game_count count;
    if (!game->derived[GO_DERIVED_CLEANUP])
        return 2 * go_area(game, position, NULL) - go_komi2(game, go_position(position));
    count_cleaned_up(game, position, &count, NULL);
    return (int)lrintf(2 * count.margin);
}

void go_final_map(const struct game *game, const struct position *position, int8_t *map)
{
    struct game_count count;
    if (game->derived[GO_DERIVED_CLEANUP])
        count_cleaned_up(game, position, &count, map);
    else
        go_area(game, position, map);
}

void go_result(const struct game *game, const struct position *position, struct game_result *result)
{
    const int twice = twice_margin(game, position);
    result->margin = (float)twice / 2.0f;
    result->outcome = twice > 0 ? GAME_WON_0 : twice < 0 ? GAME_WON_1 : GAME_DRAWN;
    result->over = position->outcome != GAME_ONGOING;
}

void go_count(const struct game *game, const struct position *position, const uint8_t *dead, struct game_count *count,
              int8_t *owner)
{
    count_board(game, position, dead, dead && game->derived[GO_DERIVED_SCORING] == GO_TERRITORY, count, owner);
}

static int count_liberties(const struct go_cell *cells, int stride, int root)
{
    uint64_t seen[(GO_MAX_CELLS + 63) / 64] = {0};
    int count = 0, p = root;
    do {
        const int around[4] = {p - 1, p + 1, p - stride, p + stride};
        for (int i = 0; i < 4; i++) {
            int n = around[i];
            if (cells[n].colour != GAME_EMPTY || (seen[n >> 6] >> (n & 63) & 1))
                continue;
            seen[n >> 6] |= (uint64_t)1 << (n & 63);
            count++;
        }
        p = cells[p].next;
    } while (p != root);
    return count;
}

int go_liberties(const struct game *game, const struct position *position, int point)
{
    const struct go_tables *t = go_tables(game);
    const struct go_cell *cells = go_position(position)->cells;
    int root = cells[t->cell[point]].chain;
    return root ? count_liberties(cells, t->stride, root) : 0;
}
