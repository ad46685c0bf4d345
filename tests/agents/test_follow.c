/* agent_follow: sends only the missing moves, and starts a new game only if it has to. */
#include <criterion/criterion.h>

#include "agents/agent.h"
#include "games/game.h"

static int games, moves;

static bool count_game(struct agent *agent, GError **error)
{
    (void)agent, (void)error;
    games++;
    return true;
}

static bool count_move(struct agent *agent, game_move move, GError **error)
{
    (void)agent, (void)move, (void)error;
    moves++;
    return true;
}

static struct game game;
static struct agent_ops counting;
static struct agent *open_counting(void)
{
    struct agent *agent;
    const struct agent_config config = {.threads = 1};
    cr_assert(game_parse(&game, "go:5", NULL));
    cr_assert(agent_open(&agent, "random", &game, &config, NULL) == 0);
    counting = *agent->ops;
    counting.new_game = count_game;
    counting.moved = count_move;
    agent->ops = &counting;
    games = moves = 0;
    return agent;
}

/* Calls agent_follow; returns the new games and moves sent to the agent, as games * 100 + moves. */
static int cost(struct agent *agent, const struct position *start, const game_move *line, int count, uint64_t seed)
{
    int before = games * 100 + moves;
    cr_assert(agent_follow(agent, start, line, count, seed, NULL));
    union any_position at;
    if (start)
        game_copy(&game, &at.p, start);
    else
        game_init(&game, &at.p);
    for (int i = 0; i < count; i++)
        game_play(&game, &at.p, NULL, line[i]);
    cr_assert_eq(memcmp(&at, agent->position, game.position_bytes), 0);
    return games * 100 + moves - before;
}

Test(follow, cheapest_way)
{
    struct agent *agent = open_counting();
    const game_move line[] = {0, 1, 2, 3, 4, 5}, other[] = {0, 1, 7, 8};
    cr_assert_eq(cost(agent, NULL, line, 3, 1), 103);
    cr_assert_eq(cost(agent, NULL, line, 3, 1), 0, "it is there");
    cr_assert_eq(cost(agent, NULL, line, 6, 1), 3, "only the new moves");
    cr_assert(agent_moved(agent, 20, NULL) && agent_moved(agent, 21, NULL));
    const game_move longer[] = {0, 1, 2, 3, 4, 5, 20, 21, 22};
    cr_assert_eq(cost(agent, NULL, longer, 9, 1), 1, "two of the moves had been sent already");
    cr_assert_eq(cost(agent, NULL, longer, 8, 1), 108, "a move was taken back");
    cr_assert_eq(cost(agent, NULL, other, 4, 1), 104, "another variation");
    cr_assert_eq(cost(agent, NULL, other, 4, 2), 104, "another game");
    cr_assert_eq(cost(agent, NULL, NULL, 0, 2), 100);
    agent_close(agent);
}

/* From another starting position the agent first receives that position, then the moves. */
Test(follow, other_starts)
{
    struct agent *agent = open_counting();
    const game_move line[] = {10, 11, 12};
    uint8_t stones[GAME_MAX_POINTS] = {[3] = GAME_BLACK, [9] = GAME_WHITE};
    union any_position start;
    cr_assert(game_set_up(&game, &start.p, stones, GAME_WHITE, NULL));
    cr_assert_eq(cost(agent, &start.p, line, 2, 1), 202, "a new game, then the position");
    cr_assert_eq(cost(agent, &start.p, line, 3, 1), 1);
    cr_assert_eq(cost(agent, NULL, line, 3, 1), 103);
    agent_close(agent);
}

/* A position with a history differs from a start with the same stones: a line from there must not continue from it. */
Test(follow, histories_differ)
{
    struct agent *agent = open_counting();
    union any_position at;
    struct history history;
    const game_move line[] = {12};
    game_init(&game, &at.p);
    history_init(&history, 4);
    game_play(&game, &at.p, &history, 6);
    game_play(&game, &at.p, &history, 7);
    cr_assert(agent_start_from(agent, &at.p, &history, 1, NULL));
    cr_assert(agent->history.count == 2 && games == 2);
    cr_assert(agent_moved(agent, 12, NULL));
    cr_assert_eq(cost(agent, &at.p, line, 1, 1), 201);
    cr_assert_eq(agent->history.count, 1);
    history_clear(&history);
    agent_close(agent);
}
