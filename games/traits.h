/* What is asked about a game apart from playing it: its name, how its board looks, how it is recorded, how it is best
 * learned. These hold for every size and option; what depends on either is in struct game. A field left at zero is the
 * plain answer, so a new game names only what sets it apart. */
#ifndef TENGEN_GAMES_TRAITS_H
#define TENGEN_GAMES_TRAITS_H

#include <stdbool.h>
#include <stdint.h>

/* Marks a text that is shown to people: it is listed in the message catalogues (xgettext --keyword=GAME_TEXT) and
 * translated by whoever shows it. */
#define GAME_TEXT(text) (text)

struct game_shape {
    uint16_t width, height;
};

/* What final_map tells of a point. */
enum game_map {
    GAME_MAP_OWNER, /* whose it is in the end: shown as territory, summed for the score's deviation */
    GAME_MAP_LINE,  /* the stones that won */
};

/* The board in a window. */
struct game_look {
    bool cells;      /* stones lie in cells; otherwise on the crossings of lines */
    uint32_t ground; /* 0xRRGGBB of a plain board; 0: wood */
    int stars;       /* star points of a large odd board: 0, 5 or 9 */
};

struct game_records {
    int sgf;                 /* SGF's number for the game (GM); 0: SGF has none */
    struct game_shape shape; /* of a record that does not tell its size; zero: first_shape */
    bool numbered_rows;      /* points may also be written as "h8", rows counted from the bottom */
};

/* Presets of a run's settings where games differ: see engine/store/settings.h. */
struct game_learning {
    int opening_plies;
    double opening_uniform, opening_balance; /* balance 0: 1, any opening will do */
    bool opening_central; /* random stones of an opening stay off the rim: elsewhere they would never meet */
};

struct game_traits {
    const char *title; /* GAME_TEXT: "Go" */
    enum game_map map;
    const char *tally;             /* GAME_TEXT: a format for game_ops.tally, "%d captured"; NULL: nothing is tallied */
    bool history_decides;          /* which moves are legal depends on earlier positions (superko) */
    struct game_shape first_shape; /* what a newcomer is offered */
    struct game_look look;
    struct game_records records;
    struct game_learning learning;
};

#endif
