/* Properties of a game that do not concern play: its name, the look of its board, its record formats, its training
 * presets. They hold for every size and option; what depends on either is in struct game. Zero is the default of every
 * field, so a new game sets only what differs. */
#ifndef TENGEN_GAMES_TRAITS_H
#define TENGEN_GAMES_TRAITS_H

#include <stdbool.h>
#include <stdint.h>

/* Marks a text for the message catalogues (xgettext --keyword=GAME_TEXT); the code that displays it translates it. */
#define GAME_TEXT(text) (text)

struct game_shape {
    uint16_t width, height;
};

/* The meaning of final_map. */
enum game_map {
    GAME_MAP_OWNER, /* ownership at the end: displayed as territory, summed for the score's standard deviation */
    GAME_MAP_LINE,  /* the stones that won */
};

/* The board in a window. */
struct game_look {
    bool cells;      /* stones lie in cells; otherwise on intersections */
    uint32_t ground; /* 0xRRGGBB of a plain board; 0: wood */
    int stars;       /* star points of a large odd board: 0, 5 or 9 */
    bool
        every_letter; /* columns are lettered A to T with I, as players of the game write; GTP and files leave it out */
};

/* The letter of a column, from 0, in a window. */
static inline char game_look_column(const struct game_look *look, int x)
{
    return (char)('A' + x + (x >= 8 && !look->every_letter));
}

struct game_records {
    int sgf;                 /* SGF's number for the game (GM); 0: SGF has none */
    struct game_shape shape; /* of a record without a board size; zero: first_shape */
    bool numbered_rows;      /* points may also be written as "h8", rows counted from the bottom */
};

/* Game-specific presets of training settings: see engine/settings/settings.h. */
struct game_learning {
    int opening_plies;
    double opening_uniform, opening_balance; /* balance 0: 1, any opening will do */
    bool opening_central; /* random opening moves avoid the edge of the board, so that the stones interact */
};

struct game_traits {
    const char *title; /* GAME_TEXT: "Go" */
    enum game_map map;
    const char *tally;             /* GAME_TEXT: format for game_ops.tally, "%d captured"; NULL: no tally */
    bool history_decides;          /* legality depends on earlier positions (superko) */
    struct game_shape first_shape; /* the default board */
    struct game_look look;
    struct game_records records;
    struct game_learning learning;
};

#endif
