/* The traits of each game: all that the engine and agents rely on are present and consistent. */
#include <criterion/parameterized.h>
#include <stdlib.h>

#include "games/game.h"
#include "games/record/rule_names.h"
#include "games/record/sgf.h"
#include "tests/games/specs.h"

static struct game parse(const char *spec)
{
    struct game game;
    GError *error = NULL;
    cr_assert(game_parse(&game, spec, &error), "%s: %s", spec, error ? error->message : "");
    return game;
}

static bool can_have(const struct game_ops *ops, const struct game_shape *shape)
{
    return MIN(shape->width, shape->height) >= ops->min_size && MAX(shape->width, shape->height) <= ops->max_size &&
           (shape->width == shape->height || ops->rectangles);
}

Test(traits, each_game_is_described)
{
    for (int g = 0; game_table[g]; g++) {
        const struct game_ops *ops = game_table[g];
        const struct game_traits *traits = &ops->traits;
        cr_assert_eq(game_table_index(ops), g);
        cr_expect(traits->title && *traits->title, "%s", ops->name);
        cr_expect(can_have(ops, &traits->first_shape), "%s: an impossible first shape", ops->name);
        cr_expect(!traits->records.shape.width || can_have(ops, &traits->records.shape), "%s", ops->name);
        cr_expect(ops->symmetries == 1 || ops->symmetries == 2 || ops->symmetries == 4 || ops->symmetries == 8);
        cr_expect_eq(traits->tally != NULL, ops->tally != NULL, "%s: a tally needs its text, and a text its tally",
                     ops->name);
        cr_expect(!traits->tally || strstr(traits->tally, "%d"));
        cr_expect(traits->look.stars == 0 || traits->look.stars == 5 || traits->look.stars == 9);
        cr_expect(traits->look.ground <= 0xffffff);
        cr_expect(traits->learning.opening_plies >= 0 && traits->learning.opening_plies <= 60);
        cr_expect(traits->learning.opening_uniform >= 0 && traits->learning.opening_uniform <= 1);
        cr_expect(traits->learning.opening_balance >= 0 && traits->learning.opening_balance <= 1);
        for (int other = 0; other < g; other++) {
            cr_expect_str_neq(game_table[other]->name, ops->name);
            cr_expect(!traits->records.sgf || game_table[other]->traits.records.sgf != traits->records.sgf,
                      "GM[%d] is two games", traits->records.sgf);
        }
        for (int i = 0; ops->other_moves[i].name; i++)
            cr_expect(ops->other_moves[i].label && *ops->other_moves[i].label, "%s needs a label",
                      ops->other_moves[i].name);
    }
}

Test(traits, options_have_what_a_dialogue_needs)
{
    for (int g = 0; game_table[g]; g++)
        for (const struct game_option *option = game_table[g]->options; option->name; option++) {
            cr_expect(option->help && *option->help, "%s", option->name);
            cr_expect(option->preset >= option->min && option->preset <= option->max, "%s", option->name);
            if (option->type != GAME_OPTION_CHOICE)
                continue;
            int choices = (int)g_strv_length((char **)option->choices);
            cr_expect_eq(option->max, choices - 1, "%s", option->name);
            for (int i = 0; option->label && i < choices; i++) {
                const char *title = rules_choice_title(game_table[g], option, i);
                cr_expect(title && g_ascii_isupper(*title), "%s=%s has no title", option->name, option->choices[i]);
            }
        }
}

Test(traits, rule_sets_are_options)
{
    for (int g = 0; game_table[g]; g++) {
        char spec[GAME_SPEC_MAX], shape[GAME_SHAPE_TEXT_MAX];
        for (const struct rule_set *set = rule_sets; set->name; set++) {
            if (strcmp(set->game, game_table[g]->name) != 0)
                continue;
            g_snprintf(spec, sizeof spec, "%s:%s,%s", set->game,
                       game_shape_format(&game_table[g]->traits.first_shape, shape), set->options);
            parse(spec);
        }
    }
}

ParameterizedTestParameters(traits, shape)
{
    return cr_make_param_array(struct spec, specs, sizeof specs / sizeof *specs);
}
ParameterizedTest(struct spec *spec, traits, shape)
{
    struct game game = parse(spec->text), other;
    char text[GAME_MOVE_TEXT_MAX];
    cr_assert_eq(game.points, game.width * game.height);
    cr_assert(game.width == game.height ? game.symmetries == game.ops->symmetries
                                        : game.ops->rectangles && game.symmetries == MIN(game.ops->symmetries, 4));
    cr_assert_eq(game.pass, game_move_parse(&game, "pass"));
    cr_assert(game.pass == GAME_NO_MOVE || strcmp(game_move_format(&game, game.pass, text), "pass") == 0);
    cr_assert_leq(game.learning_plies, game.max_plies ? 20000 : 0);
    cr_assert(!game.ops->counting || (game.pass != GAME_NO_MOVE && game.has_score), "passes lead to a count");
    cr_assert(game_vary(&other, &game, "", NULL) && game_equal(&other, &game));
    cr_assert(game_resize(&other, &game, game.width, game.height, NULL));
    for (int i = 0; game.ops->options[i].name; i++)
        cr_assert_eq(other.option[i], game.ops->options[i].of_board ? game.ops->options[i].preset : game.option[i]);
}

/* With the other colour to move, the stones are equal and the positions are not. */
static void expect_other_to_move(const struct game *game, const struct position *position, const uint8_t *stones)
{
    union any_position other, set;
    enum game_colour colour = (enum game_colour)game_other(position->colour);
    int count = 0;
    for (int p = 0; p < game->points; p++)
        count += stones[p] != GAME_EMPTY;
    game_copy(game, &other.p, position);
    cr_assert(game_set_up(game, &other.p, stones, colour, NULL));
    cr_assert(other.p.stones_hash == position->stones_hash && other.p.hash != position->hash);
    cr_assert(other.p.colour == (uint8_t)colour && other.p.player == (position->player ^ 1));
    cr_assert(other.p.ply == count && other.p.phase == 0 && other.p.black_player == position->black_player);
    for (int i = 0; i < GAME_RECENT; i++)
        cr_assert_eq(other.p.recent[i], GAME_NO_MOVE);
    game_copy(game, &set.p, position);
    game_set_to_move(game, &set.p, colour);
    cr_assert_arr_eq(&set, &other, game->position_bytes);
}

/* Setting up a position's stones again gives the same board, and so does its drawing. */
ParameterizedTestParameters(traits, set_up)
{
    return cr_make_param_array(struct spec, specs, sizeof specs / sizeof *specs);
}
ParameterizedTest(struct spec *spec, traits, set_up)
{
    struct game game = parse(spec->text);
    union any_position at, again;
    struct rng rng;
    rng_seed(&rng, 17);
    game_init(&game, &at.p);
    while (!game_over(&at.p)) {
        uint8_t stones[GAME_MAX_POINTS];
        GString *drawing = g_string_new(NULL);
        game_move moves[GAME_MAX_MOVES];
        for (int p = 0; p < game.points; p++) {
            stones[p] = (uint8_t)game.ops->stone(&game, &at.p, p);
            g_string_append_printf(drawing, "%c%s", ".XO"[stones[p]], (p + 1) % game.width ? "" : "\n");
        }
        game_copy(&game, &again.p, &at.p);
        cr_assert(game_set_up(&game, &again.p, stones, (enum game_colour)at.p.colour, NULL));
        cr_assert_null(game.ops->check(&game, &again.p));
        cr_assert_eq(again.p.stones_hash, at.p.stones_hash);
        cr_assert_eq(again.p.colour, at.p.colour);
        expect_other_to_move(&game, &again.p, stones);
        cr_assert(game_set_up_drawing(&game, &again.p, drawing->str, (enum game_colour)at.p.colour, NULL));
        for (int p = 0; p < game.points; p++)
            cr_assert_eq(game.ops->stone(&game, &again.p, p), (enum game_colour)stones[p]);
        g_string_free(drawing, TRUE);
        int count = game.ops->legal_moves(&game, &at.p, NULL, moves);
        game_play(&game, &at.p, NULL, moves[rng_below(&rng, (uint32_t)count)]);
    }
}

/* Illegal empty points have a refusal, legal points have none and no label; tallies are in range. */
ParameterizedTestParameters(traits, words)
{
    return cr_make_param_array(struct spec, specs, sizeof specs / sizeof *specs);
}
ParameterizedTest(struct spec *spec, traits, words)
{
    struct game game = parse(spec->text);
    union any_position at;
    struct history history;
    struct rng rng;
    rng_seed(&rng, 23);
    history_init(&history, game.max_plies);
    game_init(&game, &at.p);
    while (!game_over(&at.p)) {
        game_move moves[GAME_MAX_MOVES];
        for (int p = 0; p < game.points; p++) {
            bool legal = game.ops->legal(&game, &at.p, &history, (game_move)p);
            if (game.ops->stone(&game, &at.p, p) != GAME_EMPTY)
                continue;
            cr_assert(legal || game.ops->refusal, "%s has illegal points and no refusal", game.ops->name);
            const char *why = legal ? NULL : game.ops->refusal(&game, &at.p, &history, (game_move)p);
            cr_assert(!why || *why);
            cr_assert(!game.ops->forbidden_label || !legal || !game.ops->forbidden_label(&game, &at.p, p),
                      "a label on a legal point");
        }
        for (int player = 0; game.ops->tally && player < 2; player++)
            cr_assert(game.ops->tally(&game, &at.p, player) >= 0 &&
                      game.ops->tally(&game, &at.p, player) <= game.max_plies);
        int count = game.ops->legal_moves(&game, &at.p, &history, moves);
        game_play(&game, &at.p, &history, moves[rng_below(&rng, (uint32_t)count)]);
    }
    history_clear(&history);
}

/* A played game survives being written to a record and read back. */
ParameterizedTestParameters(traits, record)
{
    return cr_make_param_array(struct spec, specs, sizeof specs / sizeof *specs);
}
ParameterizedTest(struct spec *spec, traits, record)
{
    struct game game = parse(spec->text), read;
    union any_position at, replayed;
    struct rng rng;
    GError *error = NULL;
    size_t length;
    struct sgf *sgf = sgf_new();
    struct sgf_node *root = sgf_add(sgf->top), *node = root;
    rng_seed(&rng, 31);
    sgf_write_game(root, &game);
    game_init(&game, &at.p);
    for (int i = 0; i < 300 && !game_over(&at.p); i++) {
        game_move moves[GAME_MAX_MOVES];
        int count = game.ops->legal_moves(&game, &at.p, NULL, moves);
        game_move move = moves[rng_below(&rng, (uint32_t)count)];
        node = sgf_add_move(node, &game, &at.p, move);
        game_play(&game, &at.p, NULL, move);
    }
    char *text = sgf_format(sgf, &length);
    struct sgf *again = sgf_parse(text, length, "record", &error);
    cr_assert(again && sgf_read_game(sgf_root(again), NULL, &read, &error), "%s", error ? error->message : "");
    cr_assert(read.ops == game.ops && read.width == game.width && read.height == game.height);
    cr_assert(sgf_replay(sgf_last(sgf_root(again)), &read, &replayed.p, NULL, &error), "%s in\n%s",
              error ? error->message : "", text);
    for (int p = 0; p < game.points; p++)
        cr_assert_eq(read.ops->stone(&read, &replayed.p, p), game.ops->stone(&game, &at.p, p), "%s", text);
    cr_assert_eq(replayed.p.colour, at.p.colour);
    g_free(text);
    sgf_free(again);
    sgf_free(sgf);
}
