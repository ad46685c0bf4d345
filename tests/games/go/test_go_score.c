/* Counting in Go: areas against a flood fill, every figure of a count by hand, results on either side of a draw. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "games/go/go.h"
#include "tests/games/common.h"

/* ---- areas ---- */

/* Marks the colours that an empty region reaches, as bits of their numbers, and the region's points. */
static int flood(const struct game *game, const struct position *position, int p, bool *region)
{
    static const int steps[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};
    int there = game->ops->stone(game, position, p), reached = 0;
    if (there != GAME_EMPTY)
        return there;
    if (region[p])
        return 0;
    region[p] = true;
    for (int i = 0; i < 4; i++) {
        int x = p % game->width + steps[i][0], y = p / game->width + steps[i][1];
        if (x >= 0 && y >= 0 && x < game->width && y < game->height)
            reached |= flood(game, position, y * game->width + x, region);
    }
    return reached;
}

static void compare_areas(const struct game *game, const struct position *position)
{
    int8_t owner[GAME_MAX_POINTS], map[GAME_MAX_POINTS], counted[GAME_MAX_POINTS];
    struct game_count count;
    int difference = go_area(game, position, owner), wanted = 0;
    go_count(game, position, NULL, &count, counted);
    game->ops->final_map(game, position, map);
    for (int p = 0; p < game->points; p++) {
        bool region[GAME_MAX_POINTS] = {false};
        int reached = flood(game, position, p, region);
        int sign = (reached == GAME_BLACK) - (reached == GAME_WHITE);
        wanted += sign;
        cr_assert(owner[p] == sign && map[p] == sign && counted[p] == sign, "ply %d, point %d", position->ply, p);
    }
    cr_assert_eq(difference, wanted);
    cr_assert_eq(go_area(game, position, NULL), wanted);
    cr_assert(count.stones[0] + count.territory[0] - count.stones[1] - count.territory[1] == wanted);
    cr_assert_eq(count.stones[0] + count.stones[1] + count.territory[0] + count.territory[1] + count.dame,
                 (int)game->points);
}

Test(go_score, areas_by_flood_fill)
{
    static const char *const specs[] = {"go:2,cap=30", "go:5,cap=80", "go:9,cap=200", "go:19,cap=800"};
    struct rng rng;
    rng_seed(&rng, 2);
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        struct game game = parse(specs[i]);
        union any_position position;
        game_init(&game, &position.p);
        for (int ply = 0; !game_over(&position.p); ply++) {
            if (ply % (game.width > 9 ? 40 : 3) == 0)
                compare_areas(&game, &position.p);
            game_play(&game, &position.p, NULL, random_move(&game, &position.p, NULL, &rng));
        }
    }
}

/* ---- a count ---- */

static void mark(const struct game *game, const char *points, uint8_t *marks)
{
    char **words = g_strsplit(points, " ", -1);
    memset(marks, 0, game->points);
    for (int i = 0; words[i]; i++)
        marks[at(game, words[i])] = 1;
    g_strfreev(words);
}

/* Black's B1 and white's E4 are dead. Without E4, E4 and E5 are connected to row 3, which reaches both colours. */
Test(go_score, every_figure_of_a_count)
{
    struct game game = parse("go:5,rules=chinese,komi=2.5"), territory = parse("go:5,rules=japanese,komi=2.5");
    union any_position position;
    struct game_count count;
    uint8_t dead[GAME_MAX_POINTS];
    int8_t owner[GAME_MAX_POINTS];
    draw(&game, &position, "...X. XXXXO ..... OOOOO .X...", GAME_BLACK);
    mark(&game, "E4 B1", dead);
    go_count(&game, &position.p, dead, &count, owner);
    cr_expect(count.stones[0] == 5 && count.stones[1] == 5, "%d, %d", count.stones[0], count.stones[1]);
    cr_expect(count.territory[0] == 3 && count.territory[1] == 5, "%d, %d", count.territory[0], count.territory[1]);
    cr_expect_eq(count.dame, 7, "%d", count.dame);
    cr_expect(count.prisoners[0] == 1 && count.prisoners[1] == 1);
    cr_expect(count.komi == 2.5f && !count.prisoners_count);
    cr_expect(count.area[0] == 8.0f && count.area[1] == 12.5f, "%g, %g", count.area[0], count.area[1]);
    cr_expect(count.by_territory[0] == 4.0f && count.by_territory[1] == 8.5f);
    cr_expect_eq(count.margin, -4.5f);
    static const char holders[] = "bbbb. bbbb. ..... wwwww wwwww";
    for (int p = 0; p < 25; p++) {
        char holder = holders[p + p / 5];
        cr_expect_eq(owner[p], holder == 'b' ? 1 : holder == 'w' ? -1 : 0, "point %d", p);
    }

    go_count(&territory, &position.p, dead, &count, NULL);
    cr_expect(count.prisoners_count && count.margin == -4.5f);
    go_count(&territory, &position.p, NULL, &count, NULL);
    cr_expect(count.prisoners[0] == 0 && count.stones[0] == 6 && count.stones[1] == 6);
    cr_expect(count.territory[0] == 3 && count.territory[1] == 0 && count.dame == 10);
    cr_expect_eq(count.margin, 0.5f);
}

/* Stones captured during the game are prisoners, too; dead marks on empty points are ignored. */
Test(go_score, prisoners_of_the_game)
{
    struct game game = parse("go:5,rules=japanese,komi=0");
    union any_position position;
    struct game_count count;
    uint8_t dead[GAME_MAX_POINTS];
    draw(&game, &position, ".OX.. .X... ..... ..... ...OO", GAME_BLACK);
    play(&game, &position, NULL, "A5"); /* captures B5 */
    mark(&game, "B5 E1", dead);
    go_count(&game, &position.p, dead, &count, NULL);
    cr_expect(count.prisoners[0] == 2 && count.prisoners[1] == 0, "%d, %d", count.prisoners[0], count.prisoners[1]);
    cr_expect_eq(game.ops->tally(&game, &position.p, 0), 1);
    cr_expect_eq(game.ops->tally(&game, &position.p, 1), 0);
}

/* Half a point decides. */
Test(go_score, results_beside_a_draw)
{
    static const struct {
        const char *spec;
        enum game_outcome outcome;
        float margin;
    } cases[] = {
        {"go:5,komi=24.5", GAME_WON_0, 0.5f}, {"go:5,komi=25", GAME_DRAWN, 0}, {"go:5,komi=25.5", GAME_WON_1, -0.5f}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct game game = parse(cases[i].spec);
        union any_position position;
        game_init(&game, &position.p);
        play(&game, &position, NULL, "C3 pass");
        struct game_result result = game_result(&game, &position.p);
        cr_expect(result.outcome == cases[i].outcome && result.margin == cases[i].margin && !result.over);
        play(&game, &position, NULL, "pass");
        result = game_result(&game, &position.p);
        cr_expect(result.outcome == cases[i].outcome && result.margin == cases[i].margin && result.over);
        cr_expect_eq(position.p.outcome, cases[i].outcome);
    }
}

/* Dead stones are removed wherever territory counts, whatever the rule set is called, and by area as the rule set says. */
Test(go_score, dead_stones_are_removed_where_territory_counts)
{
    static const struct {
        const char *spec;
        bool removed;
    } cases[] = {{"go:9", false},
                 {"go:9,scoring=territory", true},
                 {"go:9,rules=japanese", true},
                 {"go:9,rules=chinese", true},
                 {"go:9,rules=japanese,cleanup=yes", false}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct game game = parse(cases[i].spec);
        struct game_count count;
        union any_position position;
        game_init(&game, &position.p);
        go_count(&game, &position.p, NULL, &count, NULL);
        cr_expect_eq(count.dead_removed, cases[i].removed, "%s", cases[i].spec);
    }
}
