/* Players: their moves are legal, repeatable with the same seed, and perfect if they claim it. */
#include <criterion/criterion.h>

#include "agents/agent.h"
#include "games/game.h"
#include "tests/agents/open.h"

static void start(struct agent *agent, uint64_t seed)
{
    GError *error = NULL;
    cr_assert(agent_new_game(agent, seed, &error), "%s", error ? error->message : "");
}

static game_move choose(struct agent *agent)
{
    struct agent_choice choice;
    GError *error = NULL;
    cr_assert(agent_choose(agent, NULL, &choice, &error), "%s", error ? error->message : "");
    cr_assert(choice.action == AGENT_PLAYS);
    cr_assert(agent->game->ops->legal(agent->game, agent->position, &agent->history, choice.move), "illegal %d",
              choice.move);
    return choice.move;
}

/* Plays a game. Returns the sign of the result for agents[0], and a hash of the moves. */
static int play(struct agent *const agents[2], uint64_t seed, uint64_t *hash)
{
    start(agents[0], seed);
    start(agents[1], seed + 1);
    *hash = 0;
    while (!game_over(agents[0]->position)) {
        game_move move = choose(agents[agents[0]->position->player]);
        *hash = rng_mix(*hash ^ move);
        for (int i = 0; i < 2; i++)
            cr_assert(agent_moved(agents[i], move, NULL));
    }
    struct game_result result = game_result(agents[0]->game, agents[0]->position);
    return game_result_sign(&result, 0);
}

static void expect_repeatable(const char *game_spec, const char *a, const char *b)
{
    struct game game;
    uint64_t first, second, other;
    cr_assert(game_parse(&game, game_spec, NULL));
    struct agent *agents[2] = {open_agent(&game, a), open_agent(&game, b)};
    play(agents, 3, &first);
    play(agents, 4, &other);
    play(agents, 3, &second);
    cr_assert(first == second, "%s against %s: the same seed plays another game", a, b);
    cr_assert(first != other, "%s against %s: another seed plays the same game", a, b);
    agent_close(agents[0]);
    agent_close(agents[1]);
}

Test(players, random_is_legal_and_repeatable)
{
    const char *const games[] = {"go:2",
                                 "go:5",
                                 "go:9,rules=japanese",
                                 "go:9,handicap=3",
                                 "gomoku:3,line=3",
                                 "gomoku:9",
                                 "gomoku:15,rules=renju",
                                 "gomoku:15,opening=swap2",
                                 "gomoku:15,opening=swap"};
    for (size_t i = 0; i < G_N_ELEMENTS(games); i++)
        expect_repeatable(games[i], "random", "random");
}

Test(players, rollout_is_legal_and_repeatable)
{
    expect_repeatable("go:5", "rollout:30", "rollout:20");
    expect_repeatable("gomoku:7", "rollout:30", "random");
    expect_repeatable("gomoku:15,opening=swap2", "rollout:3", "rollout:3");
}

/* X has a row of four: X wins by a fifth stone, O has to block. */
Test(players, rollout_sees_a_win_and_a_loss)
{
    struct game game;
    cr_assert(game_parse(&game, "gomoku:7", NULL));
    struct agent *agent = open_agent(&game, "rollout:2000");
    const char *const line[] = {"B4", "B6", "C4", "C6", "D4", "A4", "E4"};
    start(agent, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(line); i++)
        cr_assert(agent_moved(agent, game_move_parse(&game, line[i]), NULL));
    cr_assert(choose(agent) == game_move_parse(&game, "F4"), "must block the row of four");
    cr_assert(agent_moved(agent, game_move_parse(&game, "G1"), NULL));
    cr_assert(choose(agent) == game_move_parse(&game, "F4"), "must take the win");
    agent_close(agent);
}

Test(players, perfect_draws_with_itself_and_never_loses)
{
    struct game game;
    uint64_t hash, first = 0, different = 0;
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    struct agent *agents[3] = {open_agent(&game, "perfect"), open_agent(&game, "perfect"), open_agent(&game, "random")};
    for (int i = 0; i < 100; i++) {
        cr_assert(play(agents, (uint64_t)i * 10, &hash) == 0, "tic-tac-toe is a draw");
        first = i == 0 ? hash : first;
        different += hash != first;
    }
    cr_assert(different > 50, "the choice among equivalent moves should vary");
    struct agent *second[2] = {agents[2], agents[0]}, *front[2] = {agents[0], agents[2]};
    int won = 0;
    for (int i = 0; i < 200; i++) {
        int as_first = play(front, (uint64_t)i * 10, &hash), as_second = -play(second, (uint64_t)i * 10 + 5, &hash);
        cr_assert(as_first >= 0 && as_second >= 0, "lost to random");
        won += as_first;
    }
    cr_assert(won > 120, "only %d of 200 won as first player against random", won);
    for (int i = 0; i < 3; i++)
        agent_close(agents[i]);
}

/* The set of all moves played after this line in `tries` games. */
static void moves_after(const char *game_spec, const char *const *line, uint8_t *set)
{
    struct game game;
    cr_assert(game_parse(&game, game_spec, NULL));
    struct agent *agent = open_agent(&game, "perfect");
    memset(set, 0, GAME_MAX_MOVES);
    for (int try = 0; try < 200; try++) {
        start(agent, (uint64_t)try);
        for (int i = 0; line[i]; i++)
            cr_assert(agent_moved(agent, game_move_parse(&game, line[i]), NULL));
        set[choose(agent)] = 1;
    }
    agent_close(agent);
}

static void expect_set(const char *const *line, const char *drawing)
{
    uint8_t set[GAME_MAX_MOVES];
    moves_after("gomoku:3,line=3", line, set);
    for (int p = 0; p < 9; p++)
        cr_assert(set[p] == (drawing[p] == '*'), "point %d: %d, expected %s", p, set[p], drawing);
}

/* Known from the full game tree of tic-tac-toe: every first move draws; against the centre only the corners draw,
 * against a corner only the centre; a row of two must be completed or blocked. Rows are drawn from the top, 3 2 1. */
Test(players, perfect_plays_exactly_the_best_moves)
{
    expect_set((const char *const[]){NULL}, "*********");
    expect_set((const char *const[]){"B2", NULL}, "*.*...*.*");
    expect_set((const char *const[]){"A3", NULL}, "....*....");
    /* X A3, O B2, X B3: O must block C3. */
    expect_set((const char *const[]){"A3", "B2", "B3", NULL}, "..*......");
    /* X A3 and B3, O B2 and A1 (which threatens C3): only C3 wins. */
    expect_set((const char *const[]){"A3", "B2", "B3", "A1", NULL}, "..*......");
}

/* On 4x4 with three in a row the first player wins. */
Test(players, perfect_wins_three_in_a_row_on_four)
{
    struct game game;
    uint64_t hash;
    cr_assert(game_parse(&game, "gomoku:4,line=3", NULL));
    struct agent *agents[2] = {open_agent(&game, "perfect"), open_agent(&game, "perfect")};
    for (int i = 0; i < 3; i++)
        cr_assert(play(agents, (uint64_t)i, &hash) == 1);
    agent_close(agents[0]);
    agent_close(agents[1]);
}

/* Without suicide and with positional superko, perfect play on 2x2 gives black one point, so a komi of 1.5 or -1.5
 * decides the game. */
Test(players, perfect_plays_go_on_2x2)
{
    uint64_t hash;
    const struct {
        const char *spec;
        int sign;
    } cases[] = {{"go:2,komi=1.5,suicide=no", -1}, {"go:2,komi=-1.5,suicide=no", 1}};
    for (int i = 0; i < 2; i++) {
        struct game game;
        cr_assert(game_parse(&game, cases[i].spec, NULL));
        struct agent *agents[2] = {open_agent(&game, "perfect"), open_agent(&game, "perfect")};
        cr_assert(play(agents, 5, &hash) == cases[i].sign, "%s", cases[i].spec);
        agent_close(agents[0]);
        agent_close(agents[1]);
    }
}

/* The random player is uniform: with a row of two, one move of five wins, and it is played about that often. */
Test(players, random_knows_nothing)
{
    struct game game;
    int completed = 0;
    cr_assert(game_parse(&game, "gomoku:3,line=3", NULL));
    struct agent *agent = open_agent(&game, "random");
    const char *const line[] = {"A3", "B2", "B3", "A1"};
    for (int i = 0; i < 1000; i++) {
        start(agent, (uint64_t)i);
        for (int m = 0; m < 4; m++)
            cr_assert(agent_moved(agent, game_move_parse(&game, line[m]), NULL));
        completed += choose(agent) == game_move_parse(&game, "C3");
    }
    cr_assert(completed > 150 && completed < 250, "%d of 1000, expected about 200", completed);
    agent_close(agent);
}
