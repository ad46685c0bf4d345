/* Writes false memories, for memory.py: acceptance_memory_poison FILE GAME COUNT SEED [MOVE...]
 *
 * Positions after the given opening moves and up to three random ones, each with a random legal move as the best, a random
 * value of -1 or 1, and more visits than any search makes, in lessons of ten. Positions that come twice count once. Exit
 * status: 0 written, 2 usage, 3 cannot write. */
#include <stdio.h>
#include <stdlib.h>

#include "agents/memory/file.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "mcts/memory.h"

enum { EACH = 10, PLIES = 4 };

static struct memory_position lie(const struct game *game, char **opening, struct rng *rng)
{
    union any_position at;
    struct history history;
    game_move moves[GAME_MAX_MOVES];
    const int plies = (int)rng_below(rng, PLIES);
    history_init(&history, game->max_plies);
    game_init(game, &at.p);
    for (int i = 0; opening[i]; i++)
        game_try(game, &at.p, &history, game_move_parse(game, opening[i]));
    for (int i = 0; i < plies; i++) {
        const int count = game->ops->legal_moves(game, &at.p, &history, moves);
        if (count > 0)
            game_play(game, &at.p, &history, moves[rng_below(rng, (uint32_t)count)]);
    }
    const struct eval_query query = {.position = &at.p, .history = &history};
    const struct memory_place place = memory_place_of(game, &query);
    const int count = game->ops->legal_moves(game, &at.p, &history, moves);
    struct memory_position position = {.key = place.key, .best = GAME_NO_MOVE, .visits = 1000000};
    if (count > 0)
        position.best = memory_move_to_image(game, &place, moves[rng_below(rng, (uint32_t)count)]);
    position.value = rng_below(rng, 2) ? 1 : -1;
    position.lost_here = rng_below(rng, 2);
    history_clear(&history);
    return position;
}

int main(int argc, char **argv)
{
    struct memory_file *file;
    struct game game;
    struct rng rng;
    GError *error = NULL;
    if (argc < 5 || !game_parse(&game, argv[2], NULL) || atoi(argv[3]) < 1) {
        fprintf(stderr, "usage: %s FILE GAME COUNT SEED [MOVE...]\n", argv[0]);
        return 2;
    }
    rng_seed(&rng, strtoull(argv[4], NULL, 10));
    bool good = memory_file_open(&file, argv[1], &error);
    for (int left = atoi(argv[3]); good && left > 0; left -= EACH) {
        struct memory_position positions[EACH];
        struct memory_lesson lesson = {.time = 1, .game = argv[2], .moves = "", .played = ""};
        for (int i = 0; i < EACH; i++)
            positions[i] = lie(&game, argv + 5, &rng);
        good = memory_file_learn(file, &lesson, positions, MIN(left, EACH), &error);
    }
    if (!good) {
        fprintf(stderr, "%s\n", error->message);
        return 3;
    }
    printf("%zu false memories\n", memory_file_source(file)->count);
    memory_file_close(file);
    return 0;
}
