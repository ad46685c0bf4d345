/* A player with a memory: it studies the games it lost, and plays on without a memory that it cannot use. */
#include <criterion/criterion.h>
#include <unistd.h>

#include "agents/agent.h"
#include "agents/memory/file.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"
#include "tests/agents/open.h"

static char folder[] = "/tmp/tengen-remember-XXXXXX";
static struct game game;

/* Three in a row on 5x5: whoever begins in the centre wins. */
static void set_up(void)
{
    struct net *net;
    cr_assert(mkdtemp(folder));
    cr_assert(chdir(folder) == 0);
    cr_assert(game_parse(&game, "gomoku:5,line=3", NULL));
    cr_assert_eq(evaluator_net_fresh(&net, &game, "conv:8 res:8", 1, NULL), 0);
    cr_assert_eq(net_save(net, "net", NULL, NULL), 0);
    net_unref(net);
}

static void tear_down(void)
{
    char *command = g_strdup_printf("rm -rf '%s'", folder);
    if (system(command) != 0)
        cr_log_warn("%s could not be removed", folder);
    g_free(command);
}

TestSuite(remember, .init = set_up, .fini = tear_down);

#define SPEC "net:net,visits=8,threads=1,threats=0,symmetry=none,backend=plain,dtype=f32"

static bool is_free(const struct agent *agent, int x, int y)
{
    return x >= 0 && x < 5 && y >= 0 && y < 5 && game.ops->stone(&game, agent->position, y * 5 + x) == GAME_EMPTY;
}

/* The winning side's second and third moves: a neighbour of C3 with room on both sides, then an end of the three. */
static game_move beat(const struct agent *agent)
{
    static const int across[4][2] = {{1, 0}, {0, 1}, {1, 1}, {1, -1}};
    const game_move centre = game_move_parse(&game, "C3");
    if (agent->position->ply == 0)
        return centre;
    for (int d = 0; d < 4; d++)
        for (int sign = -1; sign <= 1; sign += 2) {
            const int x = sign * across[d][0], y = sign * across[d][1];
            const bool ours =
                agent->position->ply == 4 && game.ops->stone(&game, agent->position, centre + y * 5 + x) == GAME_BLACK;
            if (agent->position->ply == 2 && is_free(agent, 2 + x, 2 + y) && is_free(agent, 2 - x, 2 - y) &&
                is_free(agent, 2 + 2 * x, 2 + 2 * y))
                return (game_move)(centre + y * 5 + x);
            if (ours && is_free(agent, 2 - x, 2 - y))
                return (game_move)(centre - y * 5 - x);
            if (ours && is_free(agent, 2 + 2 * x, 2 + 2 * y))
                return (game_move)(centre + 2 * (y * 5 + x));
        }
    return GAME_NO_MOVE;
}

/* Loses a game against `beat`, and tells the agent so. Returns a hash of the moves; *recalled: whether it remembered. */
static uint64_t lose_until(struct agent *agent, bool *recalled, const atomic_bool *stop)
{
    GError *error = NULL;
    uint64_t hash = 0;
    *recalled = false;
    cr_assert(agent_new_game(agent, 1, NULL));
    while (!game_over(agent->position)) {
        game_move move = agent->position->player == 0 ? beat(agent) : GAME_NO_MOVE;
        if (agent->position->player == 1) {
            struct agent_choice choice;
            cr_assert(agent_choose(agent, NULL, &choice, &error));
            *recalled |= agent->recalled > 0;
            move = choice.move;
        }
        cr_assert(game.ops->legal(&game, agent->position, &agent->history, move));
        hash = rng_mix(hash ^ move);
        cr_assert(agent_moved(agent, move, NULL));
    }
    cr_assert_eq(agent->position->outcome, GAME_WON_0);
    cr_assert(agent_finished(agent, GAME_WON_0, stop, &error), "%s", error ? error->message : "");
    return hash;
}

static uint64_t lose(struct agent *agent, bool *recalled)
{
    return lose_until(agent, recalled, NULL);
}

static size_t count_lessons(const char *path)
{
    struct memory_file *file = NULL;
    cr_assert(memory_file_open(&file, path, NULL));
    GPtrArray *lessons = memory_file_lessons(file, NULL);
    const size_t count = lessons->len;
    g_ptr_array_free(lessons, TRUE);
    memory_file_close(file);
    return count;
}

Test(remember, a_lost_game_is_not_lost_the_same_way_again)
{
    bool recalled;
    struct agent *agent = open_agent(&game, SPEC ",remember=m.db");
    const uint64_t first = lose(agent, &recalled);
    cr_assert_not(recalled);
    cr_assert_eq(count_lessons("m.db"), 1);
    agent_close(agent);
    agent = open_agent(&game, SPEC ",remember=m.db"); /* another program, another day */
    const uint64_t second = lose(agent, &recalled);
    cr_assert(recalled);
    cr_assert_neq(second, first);
    const uint64_t third = lose(agent, &recalled);
    cr_assert(recalled && third != first && third != second);
    agent_close(agent);
    agent = open_agent(&game, SPEC);
    cr_assert_eq(lose(agent, &recalled), first, "without a memory it is always the same");
    cr_assert_eq(lose(agent, &recalled), first);
    cr_assert_not(recalled);
    agent_close(agent);
}

Test(remember, the_default_file_is_overruled_by_the_spec)
{
    static const struct {
        const char *spec;
        bool uses_default, uses_own;
    } cases[] = {{SPEC, true, false},
                 {SPEC ",remember=own.db", false, true},
                 {SPEC ",remember=none", false, false},
                 {"policy:net", false, false}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct agent *agent;
        bool recalled;
        const struct agent_config config = {.seed = 1, .threads = 1, .memory = "default.db"};
        cr_assert_eq(agent_open(&agent, cases[i].spec, &game, &config, NULL), 0);
        lose(agent, &recalled);
        cr_assert_null(agent_caution(agent));
        agent_close(agent);
        cr_assert_eq(access("default.db", F_OK) == 0, cases[i].uses_default, "%s", cases[i].spec);
        cr_assert_eq(access("own.db", F_OK) == 0, cases[i].uses_own, "%s", cases[i].spec);
        unlink("default.db");
        unlink("own.db");
    }
}

Test(remember, a_file_that_cannot_be_used_is_reported_and_play_goes_on)
{
    bool recalled;
    cr_assert(g_file_set_contents("broken.db", "this is no database, but it is long enough", -1, NULL));
    struct agent *agent = open_agent(&game, SPEC ",remember=broken.db");
    char *caution = agent_caution(agent);
    cr_assert(caution && strstr(caution, "no memory of earlier games: ") && strstr(caution, "broken.db"), "%s",
              caution);
    g_free(caution);
    lose(agent, &recalled);
    agent_close(agent);
}

Test(remember, only_games_that_were_lost_from_the_start_of_the_game_are_studied)
{
    struct agent *agent = open_agent(&game, SPEC ",remember=m.db");
    union any_position set_up_position;
    struct agent_choice choice;
    static const enum game_outcome others[] = {GAME_DRAWN, GAME_WON_1, GAME_ONGOING};
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        cr_assert(agent_new_game(agent, 1, NULL));
        cr_assert(agent_moved(agent, game_move_parse(&game, "C3"), NULL));
        cr_assert(agent_choose(agent, NULL, &choice, NULL));
        cr_assert(agent_moved(agent, choice.move, NULL));
        cr_assert(agent_finished(agent, others[i], NULL, NULL));
    }
    cr_assert_eq(count_lessons("m.db"), 0);
    cr_assert(game_set_up_drawing(&game, &set_up_position.p, "..... ..... ..X.. ..... .....", GAME_WHITE, NULL));
    cr_assert(agent_new_game(agent, 1, NULL));
    cr_assert(agent_set_position(agent, &set_up_position.p, NULL, NULL));
    cr_assert(agent_choose(agent, NULL, &choice, NULL));
    cr_assert(agent_moved(agent, choice.move, NULL));
    cr_assert(agent_finished(agent, GAME_WON_0, NULL, NULL));
    cr_assert_eq(count_lessons("m.db"), 0);
    agent_close(agent);
}

/* A player that resigned has not made its last move. */
Test(remember, the_agent_plays_on_after_a_study)
{
    struct agent *agent = open_agent(&game, SPEC ",remember=m.db");
    struct agent_choice choice;
    cr_assert(agent_new_game(agent, 1, NULL));
    cr_assert(agent_moved(agent, game_move_parse(&game, "C3"), NULL));
    cr_assert(agent_choose(agent, NULL, &choice, NULL));
    cr_assert(agent_moved(agent, choice.move, NULL));
    cr_assert(agent_finished(agent, GAME_WON_0, NULL, NULL)); /* the opponent resigned, and took that back */
    cr_assert_eq(count_lessons("m.db"), 1);
    cr_assert(agent_moved(agent, beat(agent), NULL));
    cr_assert(agent_choose(agent, NULL, &choice, NULL));
    cr_assert(game.ops->legal(&game, agent->position, &agent->history, choice.move));
    agent_close(agent);
}

/* The texts are the caller's: memory_lesson_clear. */
static struct memory_lesson only_lesson(void)
{
    struct memory_file *file = NULL;
    cr_assert(memory_file_open(&file, "m.db", NULL));
    GPtrArray *lessons = memory_file_lessons(file, NULL);
    cr_assert_eq(lessons->len, 1);
    struct memory_lesson *first = lessons->pdata[0], lesson = *first;
    *first = (struct memory_lesson){0};
    g_ptr_array_free(lessons, TRUE);
    memory_file_close(file);
    return lesson;
}

/* In the middle of another game, which goes on as if nothing had been. */
Test(remember, a_study_that_was_stopped_is_taken_up)
{
    static const atomic_bool stop = true;
    bool recalled;
    struct agent_choice choice, plain;
    struct agent *agent = open_agent(&game, SPEC ",remember=m.db");
    lose_until(agent, &recalled, &stop);
    struct memory_lesson lesson = only_lesson();
    cr_assert(lesson.unfinished && !lesson.better);
    const int64_t time = lesson.time;
    memory_lesson_clear(&lesson);
    cr_assert(agent_new_game(agent, 1, NULL));
    cr_assert(agent_moved(agent, game_move_parse(&game, "A1"), NULL));
    cr_assert(agent_study(agent, &stop, NULL));
    lesson = only_lesson();
    cr_assert_not_null(lesson.unfinished, "stopped again");
    memory_lesson_clear(&lesson);
    cr_assert(agent_study(agent, NULL, NULL));
    lesson = only_lesson();
    cr_assert(!lesson.unfinished && lesson.better && lesson.time == time);
    const int64_t id = lesson.id;
    memory_lesson_clear(&lesson);
    cr_assert(agent_study(agent, NULL, NULL));
    lesson = only_lesson();
    cr_assert_eq(lesson.id, id, "nothing is left to study");
    memory_lesson_clear(&lesson);
    cr_assert(agent_choose(agent, NULL, &choice, NULL));
    agent_close(agent);
    agent = open_agent(&game, SPEC);
    cr_assert(agent_study(agent, NULL, NULL));
    cr_assert(agent_new_game(agent, 1, NULL));
    cr_assert(agent_moved(agent, game_move_parse(&game, "A1"), NULL));
    cr_assert(agent_choose(agent, NULL, &plain, NULL));
    cr_assert_eq(choice.move, plain.move);
    agent_close(agent);
}

/* What a file says of a game that cannot be studied is not tried again and again; other games are left alone. */
Test(remember, an_unfinished_study_that_makes_no_sense_is_forgotten)
{
    static const struct {
        const char *game, *moves, *unfinished;
        bool kept;
    } cases[] = {{"gomoku:5,line=3", "C3 C3", "1:0.5:8", false},     {"gomoku:5,line=3", "C3 D3 B3", "nonsense", false},
                 {"gomoku:5,line=3", "C3 D3 B3", "7:0.5:8", false},  {"gomoku:5,line=3", "C3 D3 B3", "1:2:8", false},
                 {"gomoku:5,line=3", "C3 D3 B3", "1:nan:8", false},  {"gomoku:5,line=3", "C3 D3 B3", "1:0:0", false},
                 {"gomoku:5,line=3", "", "1:0:8", false},            {"gomoku:9", "C3 D3 B3", "1:0:8", true},
                 {"gomoku:5,line=3", "C3 D3 B3 E3", "1:0:8", true}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct memory_file *file = NULL;
        struct memory_lesson lesson = {.game = (char *)cases[i].game,
                                       .moves = (char *)cases[i].moves,
                                       .played = "",
                                       .player = 1,
                                       .unfinished = (char *)cases[i].unfinished};
        const struct memory_position position = {.key = {{1, 1}}, .visits = 100};
        cr_assert(memory_file_open(&file, "m.db", NULL));
        cr_assert(memory_file_learn(file, &lesson, &position, 1, NULL));
        memory_file_close(file);
        struct agent *agent = open_agent(&game, SPEC ",remember=m.db");
        cr_assert(agent_study(agent, NULL, NULL));
        agent_close(agent);
        cr_assert_eq(count_lessons("m.db"), cases[i].kept ? 1 : 0, "case %zu", i);
        cr_assert_eq(unlink("m.db"), 0);
    }
}
