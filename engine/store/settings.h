/* How a run learns: every number that its self-play and training use, in one table, with presets by game.
 *
 * A run keeps its settings in its store, so that the same command line resumes it. Those that decide what the run *is*
 * (game, net, seed) cannot change once it exists; the others may be set anew at each start. */
#ifndef TENGEN_ENGINE_STORE_SETTINGS_H
#define TENGEN_ENGINE_STORE_SETTINGS_H

#include "games/game.h"
#include "net/net.h"

#define SETTINGS_ERROR (settings_error_quark())
GQuark settings_error_quark(void);
enum settings_error { SETTINGS_ERROR_VALUE };

enum { SETTINGS_MAX_GAMES = 8 };

struct settings {
    /* What the run is. */
    char game[GAME_SPEC_MAX];
    char sizes[64]; /* "5,7,9": further board sizes of the same game; empty: the game's own alone */
    char net[NET_TRUNK_MAX];
    char from[1024]; /* "default", a weights file or a run, whose net the first one is; empty: fresh weights */
    int64_t seed;
    int64_t deterministic; /* 0 or 1 */
    /* Self-play. */
    int64_t visits;
    int64_t fast_visits;    /* playout cap randomisation: visits of the cheap searches */
    double full_share;      /* share of the searches that are full and make training rows; 1: all */
    int64_t considered;     /* Gumbel: moves taken into sequential halving */
    double value_scale;     /* Gumbel's c_scale: how sharply values bend the policy that is learned */
    int64_t tree_reuse;     /* 0 or 1 */
    double largest_share;   /* of several sizes: share of the games on the largest board; 0: all sizes alike */
    double komi_stdev; /* of a game's komi around its centre, points; times the game's spread; 0: always that one */
    int64_t komi_even; /* 0 or 1: the centre is the size's even komi rather than the game's own */
    double komi_wide_share; /* share of games whose komi strays by komi_wide_stdev (points) instead */
    double komi_wide_stdev;
    int64_t opening_plies;  /* at most so many plies without search begin a game */
    double opening_uniform; /* share of them that are uniform rather than by the net's policy */
    double opening_balance; /* openings beyond this absolute value are drawn again; 1: none */
    int64_t sample_plies;   /* so many first searched plies are sampled from the improved policy */
    double temperature;     /* of that sampling */
    double random_moves;    /* share of searched plies at which a random move is played instead: see presets */
    int64_t max_plies;      /* a game is stopped and scored there */
    /* Training. */
    int64_t window; /* rows: c of N = c (1 + beta ((n/c)^alpha - 1) / alpha) */
    double window_alpha, window_beta;
    int64_t first_rows; /* training begins with so many rows */
    int64_t batch;
    double samples_per_row; /* at most */
    double samples_floor;   /* self-play waits when the trainer falls behind this many */
    double rate;            /* learning rate at its height */
    double rate_end;        /* share of it that is left at the deadline */
    int64_t warmup;         /* steps */
    double average_decay;
    int64_t generation_steps;  /* a new net for self-play after so many steps, and ... */
    double generation_seconds; /* ... not sooner than this */
    double horizon;            /* plies that the short-term value looks ahead */
    int64_t round_games;       /* --deterministic: games of a round */
};

/* The presets for a game (settings->game set to its canonical spec). */
void settings_presets(struct settings *settings, const struct game *game);
/* Sets one by name. "false" with an error naming the range or, for an unknown name, the names there are. */
bool settings_set(struct settings *settings, const char *name, const char *value, GError **error);
/* The value as text, which settings_set reads back; freed by the caller. */
char *settings_get(const struct settings *settings, const char *name);
/* Calls back with every name; `fixed` ones may not change once a run exists. */
void settings_each(void (*visit)(const char *name, bool fixed, const char *help, void *user), void *user);
/* Whether it may not change once a run exists. */
bool settings_is_fixed(const char *name);
/* What the setting is in runs made before it existed; NULL: the preset. */
const char *settings_before(const char *name);
/* The games of a run: its own, or one for each of `sizes`, each with the komi that self-play draws around. Returns
 * their number, 0 with an error. */
int settings_games(const struct settings *settings, struct game games[SETTINGS_MAX_GAMES], GError **error);

#endif
