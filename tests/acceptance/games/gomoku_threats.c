/* Whether an agent finds wins by continuous fours in Gomoku, and defends against them. Target: 98 % of each.
 *
 *   acceptance_gomoku_threats [--agent SPEC] [--puzzles N] [--defences N] [--size N] [--seed S] [--verbose]
 *   acceptance_gomoku_threats --speed     what the search for threats costs, in processor time; no target
 *
 * The positions come from games in which both sides make and stop fives and otherwise play at random near the stones; a
 * naive search, which tries every four and every reply, decides everything. In a puzzle the side to move wins with 3 to 7
 * fours, with no fewer, and at most a third of the puzzles need the same number. In a defence the other side would win
 * so if it were to move, the side to move has no such win, and has a move other than a four after which the other side
 * has none.
 *
 * A puzzle is solved if the agent's move still wins by fours. A defence holds if the other side then has no win by
 * fours; if the agent first makes fours, they are answered until it plays something else. What the naive search cannot
 * decide within its limit counts against the agent. */
#include <stdlib.h>
#include <time.h>

#include "agents/agent.h"
#include "games/game.h"
#include "tests/games/gomoku/naive_threats.h"

/* Depths in fours, and positions that the naive search may examine: to select a position, and to judge a move. */
enum { LEAST = 3, MOST = 7, JUDGE_MOST = 12, SELECT_BUDGET = 1500, JUDGE_BUDGET = 20000, MAX_FOURS_FIRST = 12 };

struct trial {
    struct game game;
    struct agent *agent;
    struct naive naive;
    struct rng rng;
    bool verbose;
    int64_t time_ms; /* that the agent took, in all */
    int asked;
};

static void fail(GError *error)
{
    fprintf(stderr, "%s\n", error ? error->message : "failed");
    exit(2);
}

static char mark(int colour)
{
    return ".XO"[colour];
}

static int least_fours(struct trial *trial, const struct position *position, int colour, int most, long budget)
{
    naive_set(&trial->naive, &trial->game, position);
    return naive_least_fours(&trial->naive, mark(colour), most, budget);
}

/* ---- games ---- */

static bool near_stone(const struct game *game, const struct position *position, int point)
{
    int x = point % game->width, y = point / game->width;
    for (int p = 0; p < game->points; p++)
        if (game->ops->stone(game, position, p) != GAME_EMPTY && abs(p % game->width - x) <= 2 &&
            abs(p / game->width - y) <= 2)
            return true;
    return false;
}

/* A five, else a stop of a five, else a random point near the stones. */
static game_move random_move(struct trial *trial, const struct position *position)
{
    const struct game *game = &trial->game;
    game_move legal[GAME_MAX_MOVES], forced[GAME_MAX_MOVES];
    int count = game->ops->legal_moves(game, position, NULL, legal);
    int few = game_sensible_moves(game, position, true, legal, count, forced);
    if (few < count || position->ply == 0)
        return forced[rng_below(&trial->rng, (uint32_t)few)];
    for (;;) {
        game_move move = legal[rng_below(&trial->rng, (uint32_t)count)];
        if (near_stone(game, position, move))
            return move;
    }
}

/* A position of a new random game, before it ends. */
static void random_position(struct trial *trial, union any_position *position)
{
    int plies = 10 + (int)rng_below(&trial->rng, 40);
    for (;;) {
        game_init(&trial->game, &position->p);
        for (int i = 0; i < plies && !game_over(&position->p); i++)
            game_play(&trial->game, &position->p, NULL, random_move(trial, &position->p));
        if (!game_over(&position->p))
            return;
    }
}

/* ---- questions ---- */

static game_move ask(struct trial *trial, const struct position *position)
{
    GError *error = NULL;
    struct agent_choice choice;
    if (!agent_start_from(trial->agent, position, NULL, 1, &error) ||
        !agent_choose(trial->agent, NULL, &choice, &error))
        fail(error);
    trial->time_ms += choice.time_ms;
    trial->asked++;
    if (choice.action != AGENT_PLAYS || !trial->game.ops->legal(&trial->game, position, NULL, choice.move)) {
        fprintf(stderr, "the agent made no legal move\n");
        exit(2);
    }
    return choice.move;
}

/* Whether `own` wins by fours after every reply to the quiet move just put on the board. */
static bool wins_after_all(struct naive *naive, char own, char other, int depth)
{
    for (int p = 0; p < naive->size * naive->size; p++) {
        if (naive->board[p] != '.')
            continue;
        naive->board[p] = other;
        bool wins = !naive->spent && naive_wins_by_fours(naive, own, depth);
        naive->board[p] = '.';
        if (!wins)
            return false;
    }
    return true;
}

static bool keeps_win(struct trial *trial, const union any_position *position, game_move move)
{
    struct naive *naive = &trial->naive;
    char own = mark(position->p.colour), other = mark(game_other(position->p.colour));
    naive_set(naive, &trial->game, &position->p);
    if (naive_wins_at(naive, move, own))
        return true;
    naive->board[move] = own;
    naive->left = JUDGE_BUDGET;
    naive->spent = false;
    g_hash_table_remove_all(naive->failed);
    if (naive_winning_point(naive, other) >= 0)
        return false;
    bool four = naive_winning_point(naive, own) >= 0;
    for (int depth = 1; depth <= JUDGE_MOST && !naive->spent; depth++)
        if (four ? naive_four_wins(naive, own, depth) : wins_after_all(naive, own, other, depth))
            return true;
    return false;
}

/* Whether the agent to move keeps the other side from a win by fours. */
static bool holds(struct trial *trial, const union any_position *position)
{
    union any_position at = *position;
    int other = game_other(position->p.colour);
    for (int fours = 0; fours < MAX_FOURS_FIRST; fours++) {
        game_play(&trial->game, &at.p, NULL, ask(trial, &at.p));
        if (game_over(&at.p))
            return true; /* the agent won, or filled the board */
        naive_set(&trial->naive, &trial->game, &at.p);
        int five = naive_winning_point(&trial->naive, mark(game_other(other)));
        if (five < 0 || naive_winning_point(&trial->naive, mark(other)) >= 0)
            return least_fours(trial, &at.p, other, JUDGE_MOST, JUDGE_BUDGET) == -1;
        game_play(&trial->game, &at.p, NULL, (game_move)five);
        naive_set(&trial->naive, &trial->game, &at.p);
        if (game_over(&at.p) || naive_winning_point(&trial->naive, mark(at.p.colour)) >= 0)
            return !game_over(&at.p);
    }
    return false;
}

static bool is_puzzle(struct trial *trial, const union any_position *position, int *fours)
{
    *fours = least_fours(trial, &position->p, position->p.colour, MOST, SELECT_BUDGET);
    return *fours >= LEAST;
}

static bool is_defence(struct trial *trial, const union any_position *position, int *fours)
{
    int own = position->p.colour, other = game_other(own);
    *fours = least_fours(trial, &position->p, other, MOST, SELECT_BUDGET);
    if (*fours < LEAST || least_fours(trial, &position->p, own, MOST, SELECT_BUDGET) != -1)
        return false;
    for (int p = 0; p < trial->game.points; p++) {
        if (!trial->game.ops->legal(&trial->game, &position->p, NULL, (game_move)p))
            continue;
        union any_position after = *position;
        game_play(&trial->game, &after.p, NULL, (game_move)p);
        naive_set(&trial->naive, &trial->game, &after.p);
        if (naive_winning_point(&trial->naive, mark(own)) < 0 &&
            least_fours(trial, &after.p, other, JUDGE_MOST, JUDGE_BUDGET) == -1)
            return true;
    }
    return false;
}

/* Makes and asks `wanted` questions; returns how many were answered well. */
static int examine(struct trial *trial, int wanted, bool defence, int *by_fours)
{
    int good = 0, made = 0;
    while (made < wanted) {
        union any_position position;
        int fours;
        random_position(trial, &position);
        if (!(defence ? is_defence : is_puzzle)(trial, &position, &fours) ||
            (!defence && by_fours[fours] >= (wanted + 2) / 3))
            continue;
        made++;
        by_fours[fours]++;
        bool fine = defence ? holds(trial, &position) : keeps_win(trial, &position, ask(trial, &position.p));
        good += fine;
        if (!fine && trial->verbose) {
            printf("%s, %d fours, %s to move:\n", defence ? "does not hold" : "not solved", fours,
                   position.p.colour == GAME_BLACK ? "black" : "white");
            game_print(&trial->game, &position.p, stdout);
        }
        fflush(stdout);
    }
    return good;
}

static bool report(struct trial *trial, const char *what, int good, int wanted, const int *by_fours)
{
    bool met = good * 100 >= wanted * 98;
    printf("%s: %d of %d, %.1f %%, target 98 %%: %s; needing", what, good, wanted, 100.0 * good / wanted,
           met ? "met" : "MISSED");
    for (int fours = LEAST; fours <= MOST; fours++)
        printf(" %d fours: %d%s", fours, by_fours[fours], fours < MOST ? "," : "");
    printf("; %.0f ms a move\n", (double)trial->time_ms / MAX(trial->asked, 1));
    trial->time_ms = trial->asked = 0;
    return met;
}

/* ---- speed ---- */

enum { SPEED_POSITIONS = 1000, SPEED_SEARCHES = 6 };

static double now_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return 1e6 * (double)time.tv_sec + 1e-3 * (double)time.tv_nsec;
}

static void time_solver(const struct trial *trial, const union any_position *positions, int count, int level,
                        int64_t budget)
{
    struct game_solver solver = {.level = level, .budget = budget, .bytes = 1 << 20};
    solver.memory = aligned_alloc(64, solver.bytes);
    memset(solver.memory, 0, solver.bytes);
    int found[3] = {0};
    int64_t examined = 0;
    double begin = now_us();
    for (int i = 0; i < count; i++) {
        found[trial->game.ops->solve(&trial->game, &positions[i].p, &solver)]++;
        examined += solver.examined;
    }
    double spent = now_us() - begin;
    printf("level %d, at most %6ld positions: %8.1f us a call, %.2f us a position; %d calls: %d won, %d not, %d open\n",
           level, (long)budget, spent / count, spent / (double)MAX(examined, 1), count, found[GAME_SOLVED_WON],
           found[GAME_SOLVED_NONE], found[GAME_SOLVED_OPEN]);
    free(solver.memory);
}

/* Searches without a win by fours for either side, in which the whole tree is searched. */
static void time_search(struct trial *trial, int threats)
{
    char *spec = g_strdup_printf("net:default,visits=800,threats=%d", threats);
    const struct agent_config config = {.seed = 1, .threads = 1};
    GError *error = NULL;
    int64_t visits = 0;
    double spent = 0;
    if (agent_open(&trial->agent, spec, &trial->game, &config, &error) != 0)
        fail(error);
    rng_seed(&trial->rng, 77);
    for (int i = 0; i < SPEED_SEARCHES;) {
        union any_position position;
        struct agent_choice choice;
        random_position(trial, &position);
        if (least_fours(trial, &position.p, GAME_BLACK, MOST, SELECT_BUDGET) != -1 ||
            least_fours(trial, &position.p, GAME_WHITE, MOST, SELECT_BUDGET) != -1)
            continue;
        if (!agent_start_from(trial->agent, &position.p, NULL, 1, &error))
            fail(error);
        double begin = now_us();
        if (!agent_choose(trial->agent, NULL, &choice, &error))
            fail(error);
        spent += now_us() - begin;
        visits += choice.visits;
        i++;
    }
    printf("%s: %.0f playouts a second\n", spec, (double)visits / spent * 1e6);
    agent_close(trial->agent);
    g_free(spec);
}

static void measure(struct trial *trial)
{
    union any_position *positions = g_new(union any_position, SPEED_POSITIONS);
    for (int i = 0; i < SPEED_POSITIONS; i++)
        random_position(trial, &positions[i]);
    time_solver(trial, positions, SPEED_POSITIONS, 1, 200);
    time_solver(trial, positions, SPEED_POSITIONS, 1, 40000);
    time_solver(trial, positions, SPEED_POSITIONS / 4, 2, 25000);
    g_free(positions);
    for (int threats = 0; threats <= 2; threats++)
        time_search(trial, threats);
}

int main(int argc, char **argv)
{
    gchar *spec = NULL;
    gint puzzles = 300, defences = 100, size = 15, seed = 1;
    gboolean verbose = FALSE, speed = FALSE;
    const GOptionEntry entries[] = {
        {"agent", 0, 0, G_OPTION_ARG_STRING, &spec, "the agent (net:default,time=1s,threads=1)", "SPEC"},
        {"puzzles", 0, 0, G_OPTION_ARG_INT, &puzzles, "number of wins to find (300)", "N"},
        {"defences", 0, 0, G_OPTION_ARG_INT, &defences, "number of threats to stop (100)", "N"},
        {"size", 0, 0, G_OPTION_ARG_INT, &size, "size of the board (15)", "N"},
        {"seed", 0, 0, G_OPTION_ARG_INT, &seed, "of the positions (1)", "S"},
        {"speed", 0, 0, G_OPTION_ARG_NONE, &speed, "measure speed instead", NULL},
        {"verbose", 0, 0, G_OPTION_ARG_NONE, &verbose, "show the positions that were failed", NULL},
        {NULL},
    };
    GError *error = NULL;
    GOptionContext *context = g_option_context_new(NULL);
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error))
        fail(error);
    g_option_context_free(context);
    struct trial trial = {.verbose = verbose};
    char *game = g_strdup_printf("gomoku:%d", size);
    const struct agent_config config = {.seed = 1, .threads = 1};
    if (!game_parse(&trial.game, game, &error))
        fail(error);
    rng_seed(&trial.rng, (uint64_t)seed);
    naive_open(&trial.naive, &trial.game);
    trial.naive.few_replies = true;
    if (speed) {
        measure(&trial);
        return 0;
    }
    if (agent_open(&trial.agent, spec ? spec : "net:default,time=1s,threads=1", &trial.game, &config, &error) != 0)
        fail(error);
    int puzzle_fours[MOST + 1] = {0}, defence_fours[MOST + 1] = {0};
    int solved = examine(&trial, puzzles, false, puzzle_fours);
    bool met = report(&trial, "wins found", solved, puzzles, puzzle_fours);
    int held = examine(&trial, defences, true, defence_fours);
    met = report(&trial, "defences that hold", held, defences, defence_fours) && met;
    naive_close(&trial.naive);
    agent_close(trial.agent);
    g_free(game);
    g_free(spec);
    return met ? 0 : 1;
}
