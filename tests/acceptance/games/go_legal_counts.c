/* Counts the legal positions of small Go boards in two ways: the arrangements of stones that set-up accepts, and the
 * boards that play reaches from the empty one (colours in any order). The known counts are those of
 * Tromp and Farneback, "Combinatorics of Go": 57 on 2x2, 12,675 on 3x3, 24,318,165 on 4x4. About a minute. */

#include <stdlib.h>

#include "games/game.h"

static void draw(long code, int points, char *drawing)
{
    for (int p = 0; p < points; p++, code /= 3)
        drawing[p] = ".XO"[code % 3];
    drawing[points] = 0;
}

static long read_code(const struct game *game, const struct position *position)
{
    long code = 0;
    for (int p = game->points - 1; p >= 0; p--)
        code = code * 3 + game->ops->stone(game, position, p);
    return code;
}

static long count_set_up(const struct game *game, long codes)
{
    char drawing[32];
    union any_position position;
    long count = 0;
    for (long code = 0; code < codes; code++) {
        draw(code, game->points, drawing);
        count += game_set_up_drawing(game, &position.p, drawing, GAME_BLACK, NULL);
    }
    return count;
}

static long count_reached(const struct game *game, long codes)
{
    unsigned char *seen = calloc(1, (size_t)codes);
    int *queue = malloc((size_t)codes * sizeof *queue);
    long count = 0, next = 0;
    char drawing[32];
    union any_position from, to;
    seen[0] = 1;
    queue[count++] = 0;
    while (next < count) {
        draw(queue[next++], game->points, drawing);
        for (int colour = GAME_BLACK; colour <= GAME_WHITE; colour++) {
            game_move moves[GAME_MAX_MOVES];
            game_set_up_drawing(game, &from.p, drawing, (enum game_colour)colour, NULL);
            int n = game->ops->legal_moves(game, &from.p, NULL, moves);
            for (int i = 0; i < n - 1; i++) { /* all except the pass */
                game_copy(game, &to.p, &from.p);
                game_play(game, &to.p, NULL, moves[i]);
                long code = read_code(game, &to.p);
                if (!seen[code]) {
                    seen[code] = 1;
                    queue[count++] = (int)code;
                }
            }
        }
    }
    free(seen);
    free(queue);
    return count;
}

int main(void)
{
    static const struct {
        const char *spec;
        long arrangements, known;
    } boards[] = {{"go:2", 81, 57}, {"go:3", 19683, 12675}, {"go:4", 43046721, 24318165}};
    int missed = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(boards); i++) {
        struct game game;
        if (!game_parse(&game, boards[i].spec, NULL))
            return 2;
        long set_up = count_set_up(&game, boards[i].arrangements);
        long reached = count_reached(&game, boards[i].arrangements);
        bool right = set_up == boards[i].known && reached == boards[i].known;
        printf("%s: %ld legal by set-up, %ld reached by play, known %ld: %s\n", boards[i].spec, set_up, reached,
               boards[i].known, right ? "equal" : "DIFFERS");
        fflush(stdout);
        missed += !right;
    }
    return missed != 0;
}
