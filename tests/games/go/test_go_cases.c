/* Runs the drawn cases of tests/games/go/data/go_*.txt; the format is described at the head of go_rules.txt. */
#include "games/game.h"
#include "games/go/go.h"

#include <criterion/criterion.h>

struct run {
    const char *file, *name;
    int line;
    struct game game;
    union any_position position;
    struct history history;
    int expectations;
};

#define CHECK(run, condition, format, ...)                                                                             \
    cr_expect((condition), "%s:%d (%s): " format, (run)->file, (run)->line, (run)->name, ##__VA_ARGS__)

static int read_point(struct run *run, const char *text)
{
    game_move move = game_move_parse(&run->game, text);
    CHECK(run, move != GAME_NO_MOVE, "\"%s\" is not a move", text);
    return move == GAME_NO_MOVE ? 0 : move;
}

static void play(struct run *run, char **words)
{
    for (; *words; words++)
        CHECK(run, game_try(&run->game, &run->position.p, &run->history, (game_move)read_point(run, *words)),
              "%s cannot be played", *words);
}

static void legality(struct run *run, char **words, bool expected)
{
    for (; *words; words++)
        CHECK(run,
              run->game.ops->legal(&run->game, &run->position.p, &run->history, (game_move)read_point(run, *words)) ==
                  expected,
              "%s is %s", *words, expected ? "illegal" : "legal");
}

static void stones(struct run *run, char **words, enum game_colour colour)
{
    for (; *words; words++)
        CHECK(run, run->game.ops->stone(&run->game, &run->position.p, read_point(run, *words)) == colour,
              "%s has other contents", *words);
}

static void alive(struct run *run, char **words, int expected)
{
    int8_t owner[GAME_MAX_POINTS];
    go_pass_alive(&run->game, &run->position.p, owner);
    for (; *words; words++)
        CHECK(run, owner[read_point(run, *words)] == expected, "%s is %d", *words, owner[read_point(run, *words)]);
}

static void alive_count(struct run *run, char **words)
{
    int8_t owner[GAME_MAX_POINTS];
    int black = 0, white = 0;
    go_pass_alive(&run->game, &run->position.p, owner);
    for (int p = 0; p < run->game.points; p++) {
        black += owner[p] > 0;
        white += owner[p] < 0;
    }
    CHECK(run, black == atoi(words[0]) && white == atoi(words[1]), "%d black, %d white", black, white);
}

static void pruned(struct run *run, char **words, bool expected)
{
    uint8_t keep[GAME_MAX_MOVES];
    memset(keep, 1, sizeof keep);
    run->game.ops->prune(&run->game, &run->position.p, keep);
    for (; *words; words++)
        CHECK(run, (keep[read_point(run, *words)] == 0) == expected, "%s", *words);
}

/* "margin X" is the result of the position as it stands (by area unless the rules count territory); with "dead POINTS",
 * that of a final count. */
static void margin(struct run *run, char **words)
{
    uint8_t dead[GAME_MAX_POINTS] = {0};
    struct game_count score;
    for (char **word = words + 1; *word && *++word;)
        dead[read_point(run, *word)] = 1;
    go_count(&run->game, &run->position.p, dead, &score, NULL);
    CHECK(run, score.margin == (float)g_ascii_strtod(words[0], NULL), "%g", (double)score.margin);
    if (!words[1] && go_rules(&run->game).scoring == GO_AREA)
        CHECK(run, game_result(&run->game, &run->position.p).margin == score.margin, "result and score differ");
}

/* These stones and no others. */
static void dead(struct run *run, char **words)
{
    uint8_t found[GAME_MAX_POINTS], seki[GAME_MAX_POINTS], expected[GAME_MAX_POINTS] = {0};
    for (; *words; words++)
        expected[read_point(run, *words)] = 1;
    go_find_dead(&run->game, &run->position.p, found, seki);
    for (int p = 0; p < run->game.points; p++) {
        char text[GAME_MOVE_TEXT_MAX];
        CHECK(run, found[p] == expected[p], "%s is %s", game_move_format(&run->game, (game_move)p, text),
              found[p] ? "dead" : "not dead");
    }
}

/* The list of moves is what `legal` allows, point by point. */
static void compare_moves(struct run *run)
{
    game_move moves[GAME_MAX_MOVES];
    int count = run->game.ops->legal_moves(&run->game, &run->position.p, &run->history, moves), next = 0;
    for (int move = 0; move < run->game.moves; move++) {
        bool listed = next < count && moves[next] == move;
        CHECK(run, run->game.ops->legal(&run->game, &run->position.p, &run->history, (game_move)move) == listed,
              "move %d is %s", move, listed ? "listed" : "not listed");
        next += listed;
    }
}

static void expect(struct run *run, char **words)
{
    const struct position *position = &run->position.p;
    const char *what = words[0];
    char text[GAME_MOVE_TEXT_MAX];
    words++;
    run->expectations++;
    if (strcmp(what, "play") == 0)
        play(run, words);
    else if (strcmp(what, "legal") == 0 || strcmp(what, "illegal") == 0)
        legality(run, words, what[0] == 'l');
    else if (strcmp(what, "black") == 0 || strcmp(what, "white") == 0 || strcmp(what, "empty") == 0)
        stones(run, words, what[0] == 'b' ? GAME_BLACK : what[0] == 'w' ? GAME_WHITE : GAME_EMPTY);
    else if (strcmp(what, "liberties") == 0)
        CHECK(run, go_liberties(&run->game, position, read_point(run, words[0])) == atoi(words[1]), "%d liberties",
              go_liberties(&run->game, position, read_point(run, words[0])));
    else if (strcmp(what, "prisoners") == 0)
        CHECK(run, go_prisoners(position, 0) == atoi(words[0]) && go_prisoners(position, 1) == atoi(words[1]),
              "%d and %d", go_prisoners(position, 0), go_prisoners(position, 1));
    else if (strcmp(what, "ko") == 0)
        CHECK(run,
              strcmp(game_move_format(&run->game, go_ko_point(&run->game, position), text),
                     strcmp(words[0], "none") ? words[0] : "-") == 0,
              "ko at %s", text);
    else if (strcmp(what, "over") == 0)
        CHECK(run, game_over(position) == (words[0][0] == 'y'), "the game is %s",
              game_over(position) ? "over" : "not over");
    else if (strcmp(what, "blackalive") == 0 || strcmp(what, "whitealive") == 0 || strcmp(what, "notalive") == 0)
        alive(run, words, what[0] == 'b' ? 1 : what[0] == 'w' ? -1 : 0);
    else if (strcmp(what, "alivecount") == 0)
        alive_count(run, words);
    else if (strcmp(what, "prune") == 0 || strcmp(what, "keep") == 0)
        pruned(run, words, what[0] == 'p');
    else if (strcmp(what, "area") == 0)
        CHECK(run, go_area(&run->game, position, NULL) == atoi(words[0]), "%d", go_area(&run->game, position, NULL));
    else if (strcmp(what, "margin") == 0)
        margin(run, words);
    else if (strcmp(what, "dead") == 0)
        dead(run, words);
    else
        CHECK(run, false, "unknown expectation \"%s\"", what);
}

/* Reads the head of a case, "case", "game", colour and board; returns the first line after it. */
static char **begin(struct run *run, char **lines)
{
    GError *error = NULL;
    GString *board = g_string_new(NULL);
    run->name = *lines + strlen("case ");
    cr_assert(g_str_has_prefix(lines[1], "game ") && game_parse(&run->game, lines[1] + 5, &error), "%s: %s", run->name,
              error ? error->message : "no game");
    bool black = strcmp(lines[2], "black") == 0;
    cr_assert(black || strcmp(lines[2], "white") == 0, "%s: \"black\" or \"white\" to move is missing", run->name);
    for (int y = 0; y < run->game.width; y++)
        g_string_append_printf(board, "%s\n", lines[3 + y]);
    cr_assert(game_set_up_drawing(&run->game, &run->position.p, board->str, black ? GAME_BLACK : GAME_WHITE, &error),
              "%s: %s", run->name, error ? error->message : "");
    run->position.p.ply = 0; /* length caps count from here */
    g_string_free(board, TRUE);
    history_truncate(&run->history, 0);
    run->line += 3 + run->game.width;
    return lines + 3 + run->game.width;
}

static void run_file(const char *file, int least_cases, int least_expectations)
{
    char *path = g_build_filename(TESTS_DIR, "games", "go", "data", file, NULL), *text = NULL;
    cr_assert(g_file_get_contents(path, &text, NULL, NULL), "%s cannot be read", path);
    char **all = g_strsplit(text, "\n", -1);
    struct run run = {.file = file, .line = 1};
    int cases = 0;
    history_init(&run.history, 0);
    for (char **line = all; *line;) {
        if (g_str_has_prefix(*line, "case ")) {
            line = begin(&run, line);
            cases++;
        } else {
            char **words = g_strsplit(*line, " ", -1);
            if (words[0] && words[0][0] && words[0][0] != '#') {
                expect(&run, words);
                compare_moves(&run);
                const char *wrong = run.game.ops->check(&run.game, &run.position.p);
                CHECK(&run, !wrong, "%s", wrong);
            }
            g_strfreev(words);
            line++;
            run.line++;
        }
    }
    cr_expect(cases >= least_cases && run.expectations >= least_expectations, "%s: only %d cases, %d expectations",
              file, cases, run.expectations);
    history_clear(&run.history);
    g_strfreev(all);
    g_free(text);
    g_free(path);
}

Test(go_cases, rules)
{
    run_file("go_rules.txt", 26, 80);
}
Test(go_cases, score)
{
    run_file("go_score.txt", 20, 40);
}
