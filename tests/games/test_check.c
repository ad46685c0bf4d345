/* The consistency checks of all games: sound positions pass, and no damaged one does. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "games/go/board.h"
#include "games/go/ops.h"
#include "games/gomoku/board.h"
#include "tests/games/common.h"

static const char *check(const struct game *game, const union any_position *position)
{
    return game->ops->check(game, &position->p);
}

/* Flips each bit of the bytes first .. end - 1; every change must be detected. */
static void flip_bytes(const struct game *game, const union any_position *good, size_t first, size_t end,
                       const char *what)
{
    cr_assert_null(check(game, good), "%s", check(game, good));
    for (size_t i = first; i < end; i++)
        for (int bit = 0; bit < 8; bit++) {
            union any_position bad = *good;
            bad.bytes[i] ^= (unsigned char)(1 << bit);
            cr_expect(check(game, &bad), "%s, ply %d: bit %d of byte %zu of %s", game->ops->name, good->p.ply, bit,
                      i - first, what);
        }
}

#define FLIP(game, good, type, member)                                                                                 \
    flip_bytes(game, good, offsetof(type, member), offsetof(type, member) + sizeof(((type *)NULL)->member), #member)

static void flip_head(const struct game *game, const union any_position *position)
{
    FLIP(game, position, struct position, hash);
    FLIP(game, position, struct position, stones_hash);
    FLIP(game, position, struct position, player);
    FLIP(game, position, struct position, colour);
    FLIP(game, position, struct position, black_player);
}

/* Plays a random game and damages its position every `step` plies and at the end. */
static void damage_random_game(const char *spec, int step,
                               void (*flip)(const struct game *, const union any_position *))
{
    struct game game = parse(spec);
    union any_position at;
    struct rng rng;
    memset(&at, 0, sizeof at);
    rng_seed(&rng, 12);
    game_init(&game, &at.p);
    for (int ply = 0; !game_over(&at.p); ply++) {
        if (ply % step == 0)
            flip(&game, &at);
        game_play(&game, &at.p, NULL, random_move(&game, &at.p, NULL, &rng));
    }
    flip(&game, &at);
}

static void flip_go(const struct game *game, const union any_position *position)
{
    const struct go_tables *t = go_tables(game);
    flip_head(game, position);
    for (int c = 0; c < t->cells; c++) {
        size_t cell = offsetof(struct go_position, cells) + (size_t)c * sizeof(struct go_cell);
        flip_bytes(game, position, cell, cell + offsetof(struct go_cell, unused), "a cell");
    }
}

Test(check, go)
{
    damage_random_game("go:5,cap=120", 13, flip_go);
    damage_random_game("go:7,handicap=3,cap=30", 15, flip_go);
}

static void flip_gomoku(const struct game *game, const union any_position *position)
{
    flip_head(game, position);
    FLIP(game, position, struct position, outcome);
    FLIP(game, position, struct position, phase);
    FLIP(game, position, struct gomoku_position, lines);
    FLIP(game, position, struct gomoku_position, empties);
}

Test(check, gomoku)
{
    damage_random_game("gomoku:3,line=3", 2, flip_gomoku);
    damage_random_game("gomoku:7", 10, flip_gomoku);
    damage_random_game("gomoku:6,rules=renju", 9, flip_gomoku);
    damage_random_game("gomoku:6,opening=swap2", 2, flip_gomoku);
}

/* Reversi and Connect Four store two words of discs after the head. */
struct discs_position {
    struct position head;
    uint64_t discs[2];
};

static void flip_discs(const struct game *game, const union any_position *position)
{
    cr_assert_eq(game->position_bytes, sizeof(struct discs_position));
    flip_head(game, position);
    FLIP(game, position, struct position, outcome);
    FLIP(game, position, struct discs_position, discs);
}

Test(check, reversi_and_connect4)
{
    damage_random_game("reversi:4", 3, flip_discs);
    damage_random_game("reversi:8", 9, flip_discs);
    damage_random_game("connect4:4", 3, flip_discs);
    damage_random_game("connect4:7x6", 5, flip_discs);
}

/* ---- damage to several bytes that violates a single invariant ---- */

struct board {
    struct game game;
    union any_position at;
    struct go_position *go;
    struct go_cell *cells;
    int stride;
};

static void go_board(struct board *board, const char *drawing)
{
    board->game = parse("go:5");
    memset(&board->at, 0, sizeof board->at);
    draw(&board->game, &board->at, drawing, GAME_BLACK);
    board->go = (struct go_position *)&board->at.p;
    board->cells = board->go->cells;
    board->stride = go_tables(&board->game)->stride;
}

static int cell_of(const struct board *board, const char *text)
{
    return go_tables(&board->game)->cell[at(&board->game, text)];
}

static void damaged(struct board *board, const char *what)
{
    board->at.p.hash = go_hash(&board->game, board->go);
    cr_expect(check(&board->game, &board->at), "%s", what);
}

static const char one_chain[] = ". . . . .\n. X X X .\n. . . . .\n. . . . .\n. . . . .";
static const char two_stones[] = ". . . . .\n. X . . .\n. . O . .\n. . . . .\n. . . . .";

/* Makes p a chain of its own, with correct liberties. */
static void separate(struct board *board, int p)
{
    struct go_cell *cells = board->cells;
    const int around[4] = {p - 1, p + 1, p - board->stride, p + board->stride};
    int liberties = 0;
    for (int i = 0; i < 4; i++)
        liberties += cells[around[i]].colour == GAME_EMPTY;
    cells[p].chain = cells[p].next = (uint16_t)p;
    cells[p].liberties = (uint16_t)liberties;
}

/* Two neighbours of one colour, each a chain of its own. */
static void split_chain(const char *drawing, const char *first, const char *second)
{
    struct board board;
    go_board(&board, drawing);
    separate(&board, cell_of(&board, first));
    separate(&board, cell_of(&board, second));
    damaged(&board, "neighbours in two chains");
}

Test(check, go_chains)
{
    struct board board;
    split_chain(". . . . .\n. X X . .\n. . . . .\n. . . . .\n. . . . .", "B4", "C4");
    split_chain(". . . . .\n. X . . .\n. X . . .\n. . . . .\n. . . . .", "B4", "B3");

    go_board(&board, one_chain); /* the ring leaves one stone out; the liberties are those of the two in it */
    int root = board.cells[cell_of(&board, "B4")].chain, left_out = root, p = root;
    do {
        left_out = p != root ? p : left_out;
        p = board.cells[p].next;
    } while (p != root);
    for (p = root; board.cells[p].next != left_out; p = board.cells[p].next)
        continue;
    int lost = 0;
    const int around[4] = {left_out - 1, left_out + 1, left_out - board.stride, left_out + board.stride};
    for (int i = 0; i < 4; i++)
        lost += board.cells[around[i]].colour == GAME_EMPTY;
    board.cells[p].next = board.cells[left_out].next;
    board.cells[root].liberties = (uint16_t)(board.cells[root].liberties - lost);
    damaged(&board, "a stone in no ring");

    go_board(&board, ". . . . .\n. . X . .\n. X . X .\n. . X . .\n. . . . .");
    int inside = cell_of(&board, "C3");
    const int walls[4] = {inside - 1, inside + 1, inside - board.stride, inside + board.stride};
    for (int i = 0; i < 4; i++)
        board.cells[walls[i]].liberties--;
    board.cells[inside] = (struct go_cell){.chain = (uint16_t)inside, .next = (uint16_t)inside, .colour = GAME_WHITE};
    board.at.p.stones_hash ^= go_stone_keys[1][inside];
    damaged(&board, "a chain without a liberty");
}

Test(check, go_state)
{
    struct board board;
    go_board(&board, two_stones);
    board.go->ko = (uint16_t)cell_of(&board, "A1");
    board.at.p.hash = go_hash(&board.game, board.go);
    cr_expect_null(check(&board.game, &board.at), "a ko on an empty point is valid");
    board.go->passes = 1;
    damaged(&board, "a ko that outlived a pass");
    board.go->passes = 0;
    board.go->ko = (uint16_t)cell_of(&board, "B4");
    damaged(&board, "a ko on a stone");

    go_board(&board, two_stones);
    board.at.p.player = 1;
    damaged(&board, "player 1 moves black");
    board.at.p.colour = GAME_WHITE;
    board.at.p.hash = go_hash(&board.game, board.go);
    cr_expect_null(check(&board.game, &board.at));
    board.at.p.black_player = 1;
    damaged(&board, "player 1 holds black");

    go_board(&board, two_stones);
    board.at.p.stones_hash ^= 4;
    damaged(&board, "a wrong stones_hash");
}

Test(check, gomoku_state)
{
    struct game game = parse("gomoku:5,line=3"), won = parse("gomoku:5,line=4");
    union any_position at;
    draw(&won, &at, "XXX.. ..... ..... ..... .....", GAME_WHITE);
    cr_expect_null(check(&won, &at));
    cr_expect(check(&game, &at), "a line of three, and the game goes on");
    draw(&game, &at, "XXX.. ..... ..... ..... .....", GAME_WHITE);
    cr_expect_null(check(&game, &at));
    cr_expect(check(&won, &at), "won without a line");
    at.p.outcome = GAME_WON_1;
    cr_expect(check(&game, &at), "the other player's win");
    at.p.outcome = GAME_DRAWN;
    cr_expect(check(&game, &at), "drawn with a line");
    draw(&game, &at, "OOO.. ..... ..... ..... .....", GAME_BLACK);
    at.p.outcome = GAME_WON_0;
    cr_expect(check(&game, &at), "the other player's win");
    /* Player 0 has black, and player 1 is to move it; the hash agrees. */
    game_init(&game, &at.p);
    cr_expect_eq(at.p.hash, rng_mix(0x737461746500000u + (GAME_BLACK << 4)));
    at.p.player = 1;
    at.p.hash = rng_mix(0x737461746500000u + (GAME_BLACK << 4 | 1));
    const char *wrong = check(&game, &at);
    cr_expect_str_eq(wrong ? wrong : "", "the player to move does not have the colour to move");
}
