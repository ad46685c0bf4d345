/* The public library, used through its headers only, like an external program: linked to libtengen.so. */
#include <criterion/criterion.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <tengen/tengen.h>

static struct tengen_game *new_game(const char *spec)
{
    struct tengen_error error = {0};
    struct tengen_game *game = tengen_game_new(spec, &error);
    cr_assert(game, "%s: %s", spec, error.message);
    return game;
}

static struct tengen_agent *open_agent(const char *spec, const struct tengen_game *game, uint64_t seed)
{
    struct tengen_error error = {0};
    struct tengen_agent *agent = tengen_agent_open(spec, game, seed, 1, &error);
    cr_assert(agent, "%s: %s", spec, error.message);
    return agent;
}

static void play(struct tengen_game *game, const char *moves)
{
    char text[256], *rest = NULL;
    snprintf(text, sizeof text, "%s", moves);
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        struct tengen_error error = {0};
        cr_assert_eq(tengen_game_play(game, tengen_game_parse_move(game, word), &error), 0, "%s: %s", word,
                     error.message);
    }
}

static int choose(struct tengen_agent *agent, const struct tengen_game *game, const struct tengen_limits *limits)
{
    struct tengen_choice choice;
    struct tengen_error error = {0};
    cr_assert_eq(tengen_agent_choose(agent, game, limits, &choice, &error), 0, "%s", error.message);
    return choice.move;
}

Test(library, version)
{
    char expected[32];
    snprintf(expected, sizeof expected, "%d.%d", TENGEN_VERSION_MAJOR, TENGEN_VERSION_MINOR);
    cr_assert_str_eq(tengen_version(), expected);
}

Test(library, errors)
{
    struct tengen_error error = {0};
    cr_assert_null(tengen_game_new("chess:8", &error));
    cr_assert_eq(error.code, TENGEN_ERROR_INPUT);
    cr_assert(strstr(error.message, "go:SIZE"), "%s", error.message);
    cr_assert_null(tengen_game_new("go:1", NULL));

    struct tengen_game *game = new_game("go:5");
    cr_assert_null(tengen_agent_open("nobody", game, 1, 1, &error));
    cr_assert(error.code == TENGEN_ERROR_INPUT && strstr(error.message, "nobody"));
    cr_assert_null(tengen_agent_open("random", game, 1, 0, &error));
    cr_assert(strstr(error.message, "at least one thread"), "%s", error.message);
    cr_assert_null(tengen_net_open("absent", game, &error));
    cr_assert(error.code == TENGEN_ERROR_INPUT && strstr(error.message, "absent"));
    char path[] = "/tmp/tengen-library-XXXXXX";
    int file = mkstemp(path);
    cr_assert(file >= 0 && write(file, "no weights", 10) == 10 && close(file) == 0);
    cr_assert_null(tengen_net_open(path, game, &error));
    cr_assert(error.code == TENGEN_ERROR_FILE && strstr(error.message, path), "%d %s", error.code, error.message);
    unlink(path);
    tengen_game_free(game);
}

Test(library, rules_of_a_game)
{
    struct tengen_game *game = new_game("go:5,komi=7.0");
    cr_assert_str_eq(tengen_game_spec(game), "go:5");
    cr_assert(tengen_game_width(game) == 5 && tengen_game_height(game) == 5);
    cr_assert_eq(tengen_game_move_count(game), 26);
    int moves[TENGEN_MAX_MOVES];
    cr_assert_eq(tengen_game_legal_moves(game, moves), 26);
    cr_assert(moves[0] == 0 && moves[25] == tengen_game_parse_move(game, "PASS"));
    cr_assert_eq(tengen_game_colour(game), TENGEN_BLACK);

    play(game, "C3 B3");
    cr_assert_eq(tengen_game_ply(game), 2);
    cr_assert_eq(tengen_game_player(game), 0);
    cr_assert(tengen_game_stone(game, 12) == TENGEN_BLACK && tengen_game_stone(game, 11) == TENGEN_WHITE);
    cr_assert(tengen_game_stone(game, 0) == TENGEN_EMPTY && tengen_game_stone(game, -1) == TENGEN_EMPTY &&
              tengen_game_stone(game, 25) == TENGEN_EMPTY);
    cr_assert(tengen_game_move_at(game, 0) == 12 && tengen_game_move_at(game, 1) == 11 &&
              tengen_game_move_at(game, 2) == TENGEN_NO_MOVE && tengen_game_move_at(game, -1) == TENGEN_NO_MOVE);
    char text[TENGEN_MOVE_TEXT_SIZE];
    cr_assert_str_eq(tengen_game_format_move(game, 11, text), "B3");
    cr_assert_str_eq(tengen_game_format_move(game, -1, text), "-");
    cr_assert_eq(tengen_game_parse_move(game, "Z9"), TENGEN_NO_MOVE);

    struct tengen_error error = {0};
    const int wrong[] = {12, -1, 26, 70000, 65536 + 1};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_assert(!tengen_game_is_legal(game, wrong[i]));
        cr_assert_eq(tengen_game_play(game, wrong[i], &error), -1);
        cr_assert(error.code == TENGEN_ERROR_INPUT && strstr(error.message, "not legal"));
    }
    cr_assert_eq(tengen_game_ply(game), 2);
    tengen_game_free(game);
}

/* Superko depends on earlier positions: it would be wrong if copies lost them or undo kept them. */
Test(library, undo_and_copy)
{
    struct tengen_game *game = new_game("go:5"), *copy;
    play(game, "B3 C3 C4 D4 C2 D2 pass E3 D3");
    int retake = tengen_game_parse_move(game, "C3");
    cr_assert(!tengen_game_is_legal(game, retake), "the ko may not be retaken at once");
    copy = tengen_game_copy(game);
    cr_assert_eq(tengen_game_undo(game), 0);
    cr_assert_eq(tengen_game_stone(game, retake), TENGEN_WHITE, "the captured stone is back");
    cr_assert_eq(tengen_game_ply(game), 8);
    cr_assert(!tengen_game_is_legal(copy, retake) && tengen_game_ply(copy) == 9, "the copy is independent");
    play(game, "D3");
    cr_assert(!tengen_game_is_legal(game, retake));
    while (tengen_game_undo(game) == 0)
        continue;
    cr_assert_eq(tengen_game_ply(game), 0);
    cr_assert_eq(tengen_game_player(game), 0);
    play(copy, "A1 A5");
    cr_assert(tengen_game_is_legal(copy, retake), "after a threat and its answer the ko may be retaken");
    for (int i = 0; i < 200; i++) { /* more moves than the initial capacity; the last of them end the game */
        int moves[TENGEN_MAX_MOVES], count = tengen_game_legal_moves(game, moves);
        if (count == 0)
            break;
        cr_assert_eq(tengen_game_play(game, moves[i % count], NULL), 0);
    }
    struct tengen_game *again = new_game("go:5");
    for (int i = 0; i < tengen_game_ply(game); i++)
        cr_assert_eq(tengen_game_play(again, tengen_game_move_at(game, i), NULL), 0);
    char one[2048], two[2048];
    tengen_game_print(game, one, sizeof one);
    tengen_game_print(again, two, sizeof two);
    cr_assert_str_eq(one, two);
    tengen_game_free(again);
    tengen_game_free(copy);
    tengen_game_free(game);
    tengen_game_free(NULL);
}

Test(library, results)
{
    struct tengen_game *game = new_game("go:5,komi=7");
    struct tengen_result result = tengen_game_result(game);
    cr_assert(!result.over && result.winner == 1 && result.margin == -7);
    play(game, "C3 pass");
    result = tengen_game_result(game);
    cr_assert(!result.over && result.winner == 0 && result.margin == 18);
    play(game, "pass");
    result = tengen_game_result(game);
    cr_assert(result.over && result.winner == 0 && result.margin == 18);
    struct tengen_error error = {0};
    int moves[TENGEN_MAX_MOVES];
    cr_assert_eq(tengen_game_legal_moves(game, moves), 0);
    cr_assert_eq(tengen_game_play(game, 0, &error), -1);
    cr_assert(strstr(error.message, "over"), "%s", error.message);
    struct tengen_choice choice;
    struct tengen_agent *agent = open_agent("random", game, 1);
    cr_assert_eq(tengen_agent_choose(agent, game, NULL, &choice, &error), -1);
    cr_assert(strstr(error.message, "over"), "%s", error.message);
    tengen_agent_close(agent);
    tengen_game_free(game);

    game = new_game("gomoku:3,line=3");
    play(game, "A1 B1 A2 B2");
    result = tengen_game_result(game);
    cr_assert(!result.over && result.winner == -1);
    play(game, "C3 B3");
    result = tengen_game_result(game);
    cr_assert(result.over && result.winner == 1 && result.margin == 0);
    tengen_game_free(game);
}

Test(library, drawing)
{
    static const char drawing[] = "    A B C\n  3 . . . 3\n  2 .(X). 2\n  1 . . . 1\n    A B C\n";
    struct tengen_game *game = new_game("gomoku:3,line=3");
    play(game, "B2");
    char text[128], little[6];
    cr_assert_eq(tengen_game_print(game, text, sizeof text), strlen(drawing));
    cr_assert_str_eq(text, drawing);
    cr_assert_eq(tengen_game_print(game, little, sizeof little), strlen(drawing));
    cr_assert_str_eq(little, "    A");
    cr_assert_eq(tengen_game_print(game, NULL, 0), strlen(drawing));
    tengen_game_free(game);
}

static double sum(const float *values, int count)
{
    double total = 0;
    for (int i = 0; i < count; i++)
        total += values[i];
    return total;
}

Test(library, evaluation_by_a_net)
{
    struct tengen_error error = {0};
    struct tengen_game *game = new_game("go:5,komi=7");
    struct tengen_net *net = tengen_net_open("default,dtype=f32,symmetry=none", game, &error);
    cr_assert(net, "%s", error.message);
    play(game, "D5 E5 D4 E4 D3 E3 D2 E2 D1 E1"); /* black has four of five columns */
    struct tengen_evaluation black, white;
    float policy[TENGEN_MAX_MOVES], ownership[TENGEN_MAX_POINTS];
    cr_assert_eq(tengen_net_evaluate(net, game, &black, policy, ownership, &error), 0, "%s", error.message);
    cr_assert_float_eq(black.win + black.draw + black.loss, 1, 1e-5);
    cr_assert_float_eq(sum(policy, tengen_game_move_count(game)), 1, 1e-5);
    for (int move = 0; move < tengen_game_move_count(game); move++)
        cr_assert(policy[move] >= 0 && (tengen_game_is_legal(game, move) ? policy[move] > 0 : policy[move] == 0));
    for (int point = 0; point < 25; point++)
        cr_assert(ownership[point] >= -1 && ownership[point] <= 1);
    double mine = sum(ownership, 25);
    play(game, "pass");
    cr_assert_eq(tengen_net_evaluate(net, game, &white, NULL, ownership, &error), 0);
    cr_assert(black.win > 0.9 && black.score > 3 && mine > 5, "black: %g, %g points, %g owned", black.win, black.score,
              mine);
    cr_assert(white.loss > 0.9 && white.score < -3 && sum(ownership, 25) < -5, "white: %g, %g points, %g owned",
              white.loss, white.score, sum(ownership, 25));

    struct tengen_game *other = new_game("go:7");
    cr_assert_eq(tengen_net_evaluate(net, other, &white, NULL, NULL, &error), -1);
    cr_assert(strstr(error.message, "go:7"), "%s", error.message);
    tengen_game_free(other);
    tengen_net_close(net);
    tengen_net_close(NULL);
    tengen_game_free(game);
}

/* A win in one on a board that is small enough for plain search. */
Test(library, evaluation_by_search)
{
    struct tengen_error error = {0};
    struct tengen_game *game = new_game("gomoku:3,line=3");
    play(game, "A1 B2 A2 C2");
    struct tengen_agent *agent = open_agent("rollout:1000", game, 1);
    struct tengen_evaluation evaluation;
    float policy[TENGEN_MAX_MOVES], ownership[TENGEN_MAX_POINTS];
    int win = tengen_game_parse_move(game, "A3");
    const struct tengen_limits limits = {.visits = 400};
    cr_assert_eq(tengen_agent_evaluate(agent, game, &limits, &evaluation, policy, ownership, &error), 0, "%s",
                 error.message);
    cr_assert_gt(evaluation.win, 0.9);
    cr_assert_gt(policy[win], 0.5);
    cr_assert_float_eq(sum(policy, tengen_game_move_count(game)), 1, 1e-5);
    cr_assert_eq(evaluation.score, 0);
    cr_assert_eq(choose(agent, game, &limits), win);
    tengen_agent_close(agent);
    agent = open_agent("random", game, 1);
    cr_assert_eq(tengen_agent_evaluate(agent, game, NULL, &evaluation, NULL, NULL, &error), -1);
    cr_assert(strstr(error.message, "random cannot evaluate"), "%s", error.message);
    tengen_agent_close(agent);
    tengen_agent_close(NULL);
    tengen_game_free(game);
}

/* An agent that receives a game in leaps, with moves undone, plays like one that was opened for the position. */
Test(library, an_agent_follows_any_game)
{
    struct tengen_game *game = new_game("go:5,komi=7");
    const struct tengen_limits limits = {.visits = 50};
    struct tengen_agent *agent = open_agent("net:default,dtype=f32,symmetry=none", game, 7);
    choose(agent, game, &limits);
    play(game, "C3 D3 C4 D4");
    choose(agent, game, &limits);
    tengen_game_undo(game);
    tengen_game_undo(game);
    play(game, "B2 C2");
    struct tengen_agent *fresh = open_agent("net:default,dtype=f32,symmetry=none", game, 7);
    struct tengen_evaluation one, two;
    float policy_one[TENGEN_MAX_MOVES], policy_two[TENGEN_MAX_MOVES];
    cr_assert_eq(tengen_agent_evaluate(agent, game, &limits, &one, policy_one, NULL, NULL), 0);
    cr_assert_eq(tengen_agent_evaluate(fresh, game, &limits, &two, policy_two, NULL, NULL), 0);
    cr_assert_eq(memcmp(policy_one, policy_two, sizeof(float) * 26), 0);
    cr_assert(one.win == two.win && one.score == two.score);
    tengen_agent_close(agent);
    tengen_agent_close(fresh);
    tengen_game_free(game);
}

Test(library, seeds)
{
    int moves[3][10];
    for (int i = 0; i < 3; i++) {
        struct tengen_game *game = new_game("go:9");
        struct tengen_agent *agent = open_agent("random", game, i == 2 ? 6 : 5);
        for (int ply = 0; ply < 10; ply++)
            cr_assert_eq(tengen_game_play(game, moves[i][ply] = choose(agent, game, NULL), NULL), 0);
        tengen_agent_close(agent);
        tengen_game_free(game);
    }
    cr_assert_eq(memcmp(moves[0], moves[1], sizeof moves[0]), 0, "the same seed gives the same moves");
    cr_assert_neq(memcmp(moves[0], moves[2], sizeof moves[0]), 0, "another seed gives other moves");
}

Test(library, limits)
{
    struct tengen_game *game = new_game("go:9");
    struct tengen_agent *agent = open_agent("rollout:1000000000", game, 1);
    struct tengen_choice choice;
    const struct tengen_limits visits = {.visits = 30}, time = {.time_ms = 200};
    cr_assert_eq(tengen_agent_choose(agent, game, &visits, &choice, NULL), 0);
    cr_assert(choice.visits > 0 && choice.visits <= 30 && !choice.resigns && fabsf(choice.value) <= 1);
    cr_assert_eq(tengen_agent_choose(agent, game, &time, &choice, NULL), 0);
    cr_assert(choice.visits > 30 && choice.time_ms < 20000);
    tengen_agent_close(agent);
    tengen_game_free(game);
}

static void *stop_soon(void *agent)
{
    for (int i = 0; i < 100; i++) { /* repeated, because a stop before the call begins has no effect */
        usleep(50000);
        tengen_agent_stop(agent);
    }
    return NULL;
}

Test(library, stop, .timeout = 60)
{
    struct tengen_game *game = new_game("go:9");
    struct tengen_agent *agent = open_agent("rollout:1000000000", game, 1);
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, stop_soon, agent), 0);
    cr_assert(tengen_game_is_legal(game, choose(agent, game, NULL)));
    pthread_join(thread, NULL);
    tengen_agent_close(agent);
    tengen_game_free(game);
}
