/* Compares renju's forbidden points with those of another program on random positions. Target: no disagreement.
 *
 *   acceptance_renju_against COMMAND [POSITIONS [SEED]]
 *
 * COMMAND, run through the shell, is a program that implements renju's rules for black on 15x15. It reads positions
 * from stdin, one per line: 225 characters '.', 'X' (black) or 'O', row by row from the top left. It replies to each
 * with one line, flushed immediately: the points forbidden to black as "x,y" (from 0, y downwards), separated by
 * blanks; empty if there are none. Exit status: 0 no disagreement, 1 disagreements, 2 the program cannot be used.
 *
 * Positions are of four kinds in turn: random play; random play crowded around the centre; many black stones with few
 * white ones, where threes and fours depend on each other; and stones added until the board is dense. None has a run of
 * five or more of either colour. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "games/game.h"
#include "games/gomoku/gomoku.h"

enum { SIZE = 15, POINTS = SIZE * SIZE };

struct other {
    FILE *to, *from;
    GPid pid;
};

static bool start(struct other *other, const char *command)
{
    char *argv[] = {"/bin/sh", "-c", (char *)command, NULL};
    int in, out;
    GError *error = NULL;
    if (!g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &other->pid, &in, &out, NULL,
                                  &error)) {
        fprintf(stderr, "%s: %s\n", command, error->message);
        g_error_free(error);
        return false;
    }
    other->to = fdopen(in, "w");
    other->from = fdopen(out, "r");
    return other->to && other->from;
}

static int longest(const char *board, int x, int y, int dx, int dy)
{
    char c = board[y * SIZE + x];
    int length = 0;
    for (; x >= 0 && y >= 0 && x < SIZE && y < SIZE && board[y * SIZE + x] == c; x += dx, y += dy)
        length++;
    return length;
}

static bool has_five(const char *board)
{
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++)
            if (board[y * SIZE + x] != '.' && (longest(board, x, y, 1, 0) > 4 || longest(board, x, y, 0, 1) > 4 ||
                                               longest(board, x, y, 1, 1) > 4 || longest(board, x, y, 1, -1) > 4))
                return true;
    return false;
}

/* Puts stones on random points of a square of `width` around the centre, except where they would make five. */
static void make_board(struct rng *rng, int kind, char *board)
{
    static const struct {
        int width_min, width_max, stones_min, stones_max, black_percent;
    } kinds[] = {{15, 15, 5, 150, 50}, {5, 9, 6, 50, 50}, {6, 12, 8, 60, 80}, {15, 15, 150, 215, 55}};
    int width =
        kinds[kind].width_min + (int)rng_below(rng, (uint32_t)(kinds[kind].width_max - kinds[kind].width_min + 1));
    int span = kinds[kind].stones_max - kinds[kind].stones_min + 1;
    int stones = kinds[kind].stones_min + (int)rng_below(rng, (uint32_t)span);
    int x0 = (int)rng_below(rng, (uint32_t)(SIZE - width + 1)), y0 = (int)rng_below(rng, (uint32_t)(SIZE - width + 1));
    memset(board, '.', POINTS);
    for (int i = 0; i < stones; i++) {
        int p = (y0 + (int)rng_below(rng, (uint32_t)width)) * SIZE + x0 + (int)rng_below(rng, (uint32_t)width);
        if (board[p] != '.')
            continue;
        board[p] = (int)rng_below(rng, 100) < kinds[kind].black_percent ? 'X' : 'O';
        if (has_five(board))
            board[p] = '.';
    }
}

static bool ask(struct other *other, const char *board, bool *forbidden)
{
    memset(forbidden, 0, POINTS * sizeof *forbidden);
    char line[POINTS * 8];
    if (fprintf(other->to, "%.*s\n", POINTS, board) < 0 || fflush(other->to) != 0 ||
        !fgets(line, sizeof line, other->from))
        return false;
    for (char *at = line; *at && *at != '\n';) {
        int x, y, used = 0;
        if (sscanf(at, "%d,%d%n", &x, &y, &used) != 2 || x < 0 || y < 0 || x >= SIZE || y >= SIZE) {
            fprintf(stderr, "not a list of points: %s", line);
            return false;
        }
        forbidden[y * SIZE + x] = true;
        for (at += used; *at == ' '; at++)
            ;
    }
    return true;
}

static const char *const kind_names[] = {"allowed", "double-four", "double-three", "overline"};

static void show(const char *board, int point, bool theirs, enum gomoku_forbidden ours)
{
    printf("at (%d,%d): %s here, %s there\n", point % SIZE, point / SIZE, kind_names[ours],
           theirs ? "forbidden" : "allowed");
    for (int y = 0; y < SIZE; y++) {
        for (int x = 0; x < SIZE; x++)
            printf(" %c", y * SIZE + x == point ? '*' : board[y * SIZE + x]);
        putchar('\n');
    }
}

struct tally {
    long points, by_kind[4], disagreements, positions_differing;
};

static bool compare(const struct game *game, struct other *other, const char *board, struct tally *tally)
{
    union any_position position;
    GError *error = NULL;
    char text[POINTS + 1] = {0};
    memcpy(text, board, POINTS);
    bool theirs[POINTS], differs = false;
    if (!game_set_up_drawing(game, &position.p, text, GAME_BLACK, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return false;
    }
    if (!ask(other, board, theirs))
        return false;
    for (int p = 0; p < POINTS; p++) {
        if (board[p] != '.')
            continue;
        enum gomoku_forbidden ours = gomoku_forbidden_kind(game, &position.p, p);
        tally->points++;
        tally->by_kind[ours]++;
        if ((ours != GOMOKU_ALLOWED) == theirs[p])
            continue;
        differs = true;
        if (tally->disagreements++ < 20)
            show(board, p, theirs[p], ours);
    }
    tally->positions_differing += differs;
    return true;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 4) {
        fprintf(stderr, "usage: %s COMMAND [POSITIONS [SEED]]; the head of its source says what COMMAND must do\n",
                argv[0]);
        return 2;
    }
    long positions = argc > 2 ? atol(argv[2]) : 100000;
    struct rng rng;
    rng_seed(&rng, argc > 3 ? strtoull(argv[3], NULL, 10) : 1);
    signal(SIGPIPE, SIG_IGN);
    struct game game;
    struct other other;
    if (!game_parse(&game, "gomoku:15,rules=renju", NULL) || !start(&other, argv[1]))
        return 2;
    struct tally tally = {0};
    for (long i = 0; i < positions; i++) {
        char board[POINTS];
        make_board(&rng, (int)(i % 4), board);
        if (!compare(&game, &other, board, &tally)) {
            fprintf(stderr, "%s: no usable answer to position %ld%s%s\n", argv[1], i, errno ? ": " : "",
                    errno ? g_strerror(errno) : "");
            return 2;
        }
    }
    fclose(other.to);
    fclose(other.from);
    waitpid(other.pid, NULL, 0);
    printf("%ld positions, %ld empty points; forbidden: %ld double-four, %ld double-three, %ld overline\n", positions,
           tally.points, tally.by_kind[GOMOKU_DOUBLE_FOUR], tally.by_kind[GOMOKU_DOUBLE_THREE],
           tally.by_kind[GOMOKU_OVERLINE]);
    printf("%ld points agree, %ld disagree (in %ld positions), target 0: %s\n", tally.points - tally.disagreements,
           tally.disagreements, tally.positions_differing, tally.disagreements ? "MISSED" : "met");
    return tally.disagreements != 0;
}
