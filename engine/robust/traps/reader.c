/* Reads ladders: ataris, and the replies to them. */
#include <string.h>

#include "engine/robust/traps/traps.h"
#include "games/game.h"
#include "games/go/go.h"

enum { ESCAPED = 3 }; /* liberties with which a chain is out of a ladder */

/* The points beside p that are on the board; returns their number. */
static int neighbours(const struct game *game, int p, int around[4])
{
    const int x = p % game->width, y = p / game->width;
    int count = 0;
    if (x > 0)
        around[count++] = p - 1;
    if (x + 1 < game->width)
        around[count++] = p + 1;
    if (y > 0)
        around[count++] = p - game->width;
    if (y + 1 < game->height)
        around[count++] = p + game->width;
    return count;
}

/* The liberties of the chain on p, and the last liberties of its opponents that are in atari, if `rescues`. Returns the number
 * of points in found[game->points]. */
static int find_points(const struct game *game, const struct position *position, int p, bool rescues, int *found)
{
    uint8_t seen[GAME_MAX_POINTS] = {0};
    int queue[GAME_MAX_POINTS], queued = 0, count = 0;
    const int colour = game->ops->stone(game, position, p);
    queue[queued++] = p;
    seen[p] = 1;
    for (int i = 0; i < queued; i++) {
        int around[4];
        const int beside = neighbours(game, queue[i], around);
        for (int k = 0; k < beside; k++) {
            const int n = around[k], stone = game->ops->stone(game, position, n);
            if (seen[n])
                continue;
            seen[n] = 1;
            if (stone == colour)
                queue[queued++] = n;
            else if (stone == GAME_EMPTY)
                found[count++] = n;
            else if (rescues && go_liberties(game, position, n) == 1)
                count += find_points(game, position, n, false, &found[count]);
        }
    }
    return count;
}

static bool attack(const struct game *game, const struct position *position, int target);

/* The target is in atari, its side to move. */
static bool escapes(const struct game *game, const struct position *position, int target)
{
    int points[4 * GAME_MAX_POINTS]; /* a last liberty may be found from several chains */
    const int count = find_points(game, position, target, true, points);
    for (int i = 0; i < count; i++) {
        union any_position next;
        game_copy(game, &next.p, position);
        if (!game_try(game, &next.p, NULL, (game_move)points[i]))
            continue;
        const int liberties = go_liberties(game, &next.p, target);
        if (liberties >= ESCAPED || (liberties == 2 && !attack(game, &next.p, target)))
            return true;
    }
    return false;
}

/* The other side to move. */
static bool attack(const struct game *game, const struct position *position, int target)
{
    int points[GAME_MAX_POINTS];
    const int count = find_points(game, position, target, false, points);
    if (count >= ESCAPED)
        return false;
    for (int i = 0; i < count; i++) {
        union any_position next;
        game_copy(game, &next.p, position);
        if (!game_try(game, &next.p, NULL, (game_move)points[i]))
            continue;
        if (count == 1 || (go_liberties(game, &next.p, target) == 1 && !escapes(game, &next.p, target)))
            return true;
    }
    return false;
}

bool trap_ladder_captures(const struct game *game, const struct position *position, int target, bool defends)
{
    return defends ? !escapes(game, position, target) : attack(game, position, target);
}
