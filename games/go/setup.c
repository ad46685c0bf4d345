/* Set-up positions, handicap stones, and the consistency check. */
#include "games/game.h"
#include "games/go/board.h"
#include "games/go/go.h"
#include "games/go/ops.h"

int go_max_handicap(int size)
{
    if (size < 7)
        return 0;
    return size == 7 || size % 2 == 0 ? 4 : 9;
}

bool go_fixed_handicap(int size, int count, game_move *points)
{
    if (count < 2 || count > go_max_handicap(size))
        return false;
    /* The third line below 13x13, as GTP 2 specifies (GNU Go alone uses the fourth on 12x12). */
    const int low = size < 13 ? 2 : 3, high = size - 1 - low, middle = size / 2;
    /* Order of placement, from 0:     2 7 1
     *                                 4 8 5
     *                                 0 6 3 */
    /* clang-format off */
    const int spots[9][2] = { /* {x, y}, y downwards */
        {low, high},    {high, low},    {low, low},     {high, high},
        {low, middle},  {high, middle}, {middle, high}, {middle, low},
        {middle, middle}};
    /* clang-format on */
    int placed = 0, paired = count < 5 ? count : count & ~1;
    for (; placed < paired; placed++)
        points[placed] = (game_move)(spots[placed][1] * size + spots[placed][0]);
    if (placed < count) /* 5, 7, 9: the odd stone takes the centre */
        points[placed] = (game_move)(spots[8][1] * size + spots[8][0]);
    return true;
}

bool go_place_handicap(const struct game *game, struct position *position, const game_move *points, int count,
                       GError **error)
{
    struct go_position *go = (struct go_position *)position;
    const struct go_tables *t = go_tables(game);
    bool used[GO_MAX_POINTS] = {false};
    if (position->ply || position->stones_hash) {
        g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC,
                    "handicap stones can only be placed on an empty board, before the first move");
        return false;
    }
    if (count < 1 || count >= t->points) {
        g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "%d handicap stones do not fit on the board: give 1 to %d",
                    count, t->points - 1);
        return false;
    }
    for (int i = 0; i < count; i++) {
        if (points[i] >= t->points || used[points[i]]) {
            g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "handicap stone %d is %s", i + 1,
                        points[i] >= t->points ? "not on the board" : "on the same point as another one");
            return false;
        }
        used[points[i]] = true;
    }
    for (int i = 0; i < count; i++)
        go_place(go, t->stride, t->cell[points[i]], GAME_BLACK, true, NULL);
    go->handicap = (uint8_t)(count < 255 ? count : 255);
    position->player = 1;
    position->colour = GAME_WHITE;
    position->hash = go_hash(game, go);
    return true;
}

bool go_set_up(const struct game *game, struct position *position, const uint8_t *stones, enum game_colour colour,
               GError **error)
{
    union any_position made;
    struct go_position *go = (struct go_position *)&made.p;
    const struct go_position *before = go_position(position);
    const struct go_tables *t = go_tables(game);
    go_clear(game, &made.p);
    for (int p = 0; p < t->points; p++) {
        if (stones[p] != GAME_EMPTY)
            go_place(go, t->stride, t->cell[p], stones[p], true, NULL);
        if (go->removed) {
            g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC,
                        "row %d, column %d: a chain at or beside this point has no liberties", p / t->size + 1,
                        p % t->size + 1);
            return false;
        }
        made.p.ply += stones[p] != GAME_EMPTY;
    }
    memcpy(go->prisoners, before->prisoners, sizeof go->prisoners);
    go->handicap = before->handicap;
    go->removed = before->removed;
    go->cleanup = before->cleanup;
    made.p.colour = (uint8_t)colour;
    made.p.player = colour == GAME_WHITE;
    made.p.hash = go_hash(game, go);
    game_copy(game, position, &made.p);
    return true;
}

int go_remove_dead(const struct game *game, uint8_t *stones, enum game_colour colour)
{
    bool alive[GO_MAX_POINTS] = {false}, changed = true;
    int removed = 0;
    /* Liberties spread along the stones of the colour until nothing changes: slow, but this is for single positions. */
    while (changed) {
        changed = false;
        for (int p = 0; p < game->points; p++) {
            int x = p % game->width, y = p / game->width;
            const int near[4] = {x > 0 ? p - 1 : p, x + 1 < game->width ? p + 1 : p, y > 0 ? p - game->width : p,
                                 y + 1 < game->height ? p + game->width : p};
            for (int i = 0; i < 4 && stones[p] == colour && !alive[p]; i++)
                if (stones[near[i]] == GAME_EMPTY || (stones[near[i]] == colour && alive[near[i]]))
                    alive[p] = changed = true;
        }
    }
    for (int p = 0; p < game->points; p++)
        if (stones[p] == colour && !alive[p]) {
            stones[p] = GAME_EMPTY;
            removed++;
        }
    return removed;
}

void go_force(const struct game *game, struct position *position, game_move move, enum game_colour colour)
{
    uint8_t stones[GO_MAX_POINTS];
    struct go_position *go = (struct go_position *)position;
    const enum game_colour other = game_other(colour);
    for (int p = 0; p < game->points; p++)
        stones[p] = (uint8_t)game->ops->stone(game, position, p);
    stones[move] = (uint8_t)colour;
    int taken = go_remove_dead(game, stones, other), own = go_remove_dead(game, stones, colour);
    bool fine = go_set_up(game, position, stones, other, NULL);
    g_assert(fine); /* every chain has a liberty */
    go->prisoners[colour - GAME_BLACK] = (uint16_t)(go->prisoners[colour - GAME_BLACK] + taken);
    go->prisoners[other - GAME_BLACK] = (uint16_t)(go->prisoners[other - GAME_BLACK] + own);
}

/* ---- consistency check ---- */

/* Walks the circular list of the chain at root; returns its number of stones (0 if the list is broken) and counts its
 * pseudo-liberties. */
static int walk_chain(const struct go_tables *t, const struct go_cell *cells, int root, int *liberties)
{
    int stones = 0, p = root;
    *liberties = 0;
    do {
        if (p <= 0 || p >= t->cells || cells[p].chain != root || cells[p].colour != cells[root].colour ||
            ++stones > t->points)
            return 0;
        *liberties += (cells[p - 1].colour == GAME_EMPTY) + (cells[p + 1].colour == GAME_EMPTY) +
                      (cells[p - t->stride].colour == GAME_EMPTY) + (cells[p + t->stride].colour == GAME_EMPTY);
        p = cells[p].next;
    } while (p != root);
    return stones;
}

static const char *check_chains(const struct go_tables *t, const struct go_cell *cells, uint64_t *hash)
{
    int stones = 0, listed = 0;
    *hash = 0;
    for (int i = 0; i < t->points; i++) {
        int p = t->cell[i], liberties;
        const struct go_cell *cell = &cells[p];
        if (cell->colour == GAME_EMPTY) {
            if (cell->chain || cell->next || cell->liberties)
                return "an empty cell still has chain data";
            continue;
        }
        if (!go_is_stone(cell->colour))
            return "a point is neither empty nor a stone";
        stones++;
        *hash ^= go_stone_keys[cell->colour - 1][p];
        if (cells[p + 1].colour == cell->colour && cells[p + 1].chain != cell->chain)
            return "adjacent stones of one colour are in different chains";
        if (cells[p + t->stride].colour == cell->colour && cells[p + t->stride].chain != cell->chain)
            return "adjacent stones of one colour are in different chains";
        if (cell->chain != p) {
            if (cell->liberties)
                return "a stone that is not the root of its chain has a liberty count";
            continue;
        }
        int size = walk_chain(t, cells, p, &liberties);
        if (!size)
            return "the circular list of a chain is broken";
        if (liberties != cell->liberties)
            return "a chain's count of pseudo-liberties is wrong";
        if (!liberties)
            return "a chain has no liberties";
        listed += size;
    }
    return listed == stones ? NULL : "a stone is in no chain's list";
}

const char *go_check(const struct game *game, const struct position *position)
{
    const struct go_position *go = go_position(position);
    const struct go_tables *t = go_tables(game);
    uint64_t stones_hash;
    for (int c = 0; c < t->cells; c++)
        if ((t->point[c] == GAME_NO_MOVE) != (go->cells[c].colour == GO_BORDER) ||
            (go->cells[c].colour == GO_BORDER && (go->cells[c].chain || go->cells[c].next || go->cells[c].liberties)))
            return "the border is damaged";
    const char *wrong = check_chains(t, go->cells, &stones_hash);
    if (wrong)
        return wrong;
    if (stones_hash != position->stones_hash)
        return "the hash of the stones is wrong";
    if (go->ko && (go->cells[go->ko].colour != GAME_EMPTY || go->passes))
        return "the ko point is occupied, or remains after a pass";
    if (position->colour != GAME_BLACK + position->player || position->black_player != 0)
        return "player and colour disagree";
    return position->hash == go_hash(game, go) ? NULL : "the hash is wrong";
}
