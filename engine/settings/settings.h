/* Hyperparameters of a run: every parameter of self-play and training, in one table, with presets by game; and the games
 * that they describe (games.c).
 *
 * A run's settings are saved in its store, so that the same command line resumes it. Those that define the run (game,
 * net, seed) cannot change once it exists; the others may be changed at each start.
 *
 * Any thread, as long as none changes a struct settings that another one uses. */
#ifndef TENGEN_ENGINE_STORE_SETTINGS_H
#define TENGEN_ENGINE_STORE_SETTINGS_H

#include "games/game.h"
#include "net/net.h"
#include "net/targets.h"

#define SETTINGS_ERROR (settings_error_quark())
GQuark settings_error_quark(void);
enum settings_error { SETTINGS_ERROR_VALUE };

/* Sets the error to a formatted message; returns false. */
bool settings_fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

enum { SETTINGS_MAX_GAMES = 18, SETTINGS_MAX_RULES = 16 };

struct settings {
    /* Identity of the run. */
    char game[GAME_SPEC_MAX];
    char
        sizes[128]; /* "5,7,9:4": board sizes and their shares, instead of the game's own; empty: only the game's own */
    char rules
        [256]; /* "chinese,japanese+ko=simple:2": rule sets, with further options, and their shares; empty: only the game's
                        own */
    char net[NET_TRUNK_MAX];
    char features[NET_NAME_MAX]; /* inputs of the net; empty: the game's first, "go-v1" */
    char from[1024];             /* initial net: "default", a weights file or a run; empty: random weights */
    int64_t seed;
    int64_t deterministic; /* 0 or 1 */
    /* Self-play. */
    int64_t visits;
    int64_t visits_final;   /* visits at the end of the schedule, from `visits` at its start; 0: always `visits` */
    int64_t visits_rows;    /* rows of the run after which visits_final is reached; 0: at the session's deadline */
    int64_t fast_visits;    /* playout cap randomisation: visits of the fast searches */
    double full_share;      /* fraction of searches that are full and yield training rows; 1: all */
    int64_t considered;     /* Gumbel: moves considered in sequential halving */
    double value_scale;     /* Gumbel c_scale: weight of Q values in the improved policy */
    double score;           /* weight of the expected margin beside the win probability */
    int64_t tree_reuse;     /* 0 or 1 */
    int64_t threats;        /* 0 or 1: mcts_config.threats, and one visit for a forced reply */
    double largest_share;   /* with several sizes: fraction of games on the largest board; 0: uniform */
    double komi_stdev;      /* of komi around its centre, points, times the game's spread; 0: fixed komi */
    int64_t komi_even;      /* 0 or 1: the centre is the fair komi for the size rather than the game's own */
    double komi_wide_share; /* fraction of games with komi_wide_stdev (points) instead */
    double komi_wide_stdev;
    int64_t
        komi_wide_scaled;   /* 0 or 1: komi_wide_stdev is for a board of side 9, in proportion to the side on others */
    double komi_fair_share; /* fraction of games whose komi makes the opening even by the net's value */
    double handicap_share;  /* fraction of games with handicap stones, from 2 to the board's maximum */
    double handicap_fair_share; /* fraction of those whose komi makes up for the stones by the net's value */
    int64_t cleanup;            /* 0 or 1: games that end by agreement on dead stones are played to a decision */
    double weak_share;          /* fraction of games in which one side makes only fast searches */
    char against[1024];         /* a fixed opponent to learn to beat: "default", a weights file or a run; empty: none */
    double against_share;       /* fraction of the games that are played against it */
    double against_rationality; /* mcts_config.model_rationality in these games */
    int64_t against_visits, against_visits_final; /* of its searches: now, and at most */
    int64_t
        improved_value; /* 1: the value after a search is that of the improved policy; 0: the mean over the visits */
    double
        decided; /* value, -1 .. 1, from which on the game is decided, once the last two searches of both sides agree; 1: never */
    double decided_full;     /* fraction of the searches there that are full */
    char memory[1024];       /* file of memories of lost games */
    double memory_share;     /* fraction of games that begin at one of them */
    double start_share;      /* fraction of games that begin at a position of an earlier game */
    double start_surprise;   /* fraction of those whose position is drawn by its surprise rather than uniformly */
    double start_fork;       /* fraction of them that play another move there than the earlier game */
    double start_fair_share; /* fraction of them whose komi makes that position even by the net's value */
    int64_t opening_plies;   /* maximum number of opening plies without search */
    double opening_uniform;  /* fraction of them that are uniform rather than sampled from the policy */
    double opening_balance;  /* openings with an absolute value above this are redrawn; 1: never */
    int64_t sample_plies;    /* number of first searched plies sampled from the improved policy */
    double temperature;      /* of that sampling: exponent 1 / temperature */
    double late_temperature; /* of the plies after those; 0: the search's own choice */
    double random_moves;     /* fraction of searched plies at which a random move is played: see presets */
    int64_t max_plies;       /* length limit of a game, which is then scored */
    /* Training. */
    double komi_relabel_share; /* fraction of late rows that get another komi: engine/training/replay/relabel.h */
    int64_t window;            /* rows: c of N = c (1 + beta ((n/c)^alpha - 1) / alpha) */
    double window_alpha, window_beta;
    double surprise_weight; /* fraction of a game's weight in the window that its rows get by their policy's surprise */
    double surprise_value;  /* the same by their value's surprise */
    int64_t first_rows;     /* rows required before training starts */
    int64_t batch;
    double samples_per_row; /* maximum, on average */
    double samples_floor;   /* minimum per row: below it self-play waits for the trainer */
    int optimiser;          /* enum net_optimiser */
    double weight_decay;    /* fraction of the weights a step, times the learning rate */
    double rate;            /* peak learning rate */
    double rate_end;        /* final learning rate as a fraction of the peak */
    int64_t warmup;         /* steps */
    double average_decay;
    int64_t generation_steps;  /* minimum number of steps between generations */
    double generation_seconds; /* minimum number of seconds between generations */
    double horizon;            /* of the short-term value, plies */
    char horizons[64];         /* "6,16,50": further horizons, plies, each with a target of its own; empty: none */
    int64_t value_error;       /* 1: the net learns how far off its value is likely to be: NET_TARGET_VALUE_ERROR */
    int64_t head_experts;      /* sets of the heads' dense layers, of which a position uses one; 0: one set */
    int64_t tally;             /* what score and value also read of the map, 0 to NET_TALLIES: net_add_tally */
    double value_search_mix;   /* fraction of the value target that is the search's value rather than the outcome */
    int64_t round_games;       /* deterministic: games per round */
    int64_t max_memory;        /* MB of the process while it trains; 0: no limit */
    int64_t max_disk;          /* MB of the run's folder; 0: no limit */
    /* Measurement: engine/ladder. */
    double ladder_share;   /* fraction of the time for games that measure strength; 0: none */
    int64_t ladder_visits; /* of the net in them */
    char rungs[512];       /* agents to play against, separated by semicolons; empty: presets */
    /* Set by name; see settings_set. */
    bool rate_given, weight_decay_given, window_given, first_rows_given, samples_per_row_given, samples_floor_given,
        considered_given, tree_reuse_given, tally_given;
};

/* The presets for a game (settings->game set to its canonical spec). */
void settings_presets(struct settings *settings, const struct game *game);
/* Whether the board is so small (4x4 at most) that minutes teach the game, whatever the other settings. */
bool settings_is_tiny(const struct game *game);
/* Sets one by name. On failure returns false; the error states the range or, for an unknown name, lists the names. Another
 * optimiser than before brings its presets of rate and weight_decay, unless these have been set, too, in whatever order:
 * they mean something else with each optimiser. Likewise a net to start from (`from`) brings presets of window, first_rows
 * and samples, since a trained net would only memorise the first few games, a third of the optimiser's rate, and searches that look
 * deeper at fewer moves (considered: a quarter of the visits, 4 to 16; tree_reuse). */
bool settings_set(struct settings *settings, const char *name, const char *value, GError **error);
/* The same without these consequences, and `settings` need not be initialised: for loading a setting that was saved with all the
 * others. */
bool settings_load(struct settings *settings, const char *name, const char *value, GError **error);
/* Call after loading a run's settings: its rate and weight decay then count as the optimiser's, not as given
 * by the user, so that another optimiser replaces them; likewise its window, first_rows, samples_per_row, samples_floor and tally. Its
 * considered and tree_reuse stay, whatever its visits become. */
void settings_forget_given(struct settings *settings);
/* The value as text, which settings_set reads back; freed by the caller. */
char *settings_get(const struct settings *settings, const char *name);
/* Calls visit for every setting, in the order of the table in settings.c; `fixed` ones cannot change once the run exists. */
void settings_each(void (*visit)(const char *name, bool fixed, const char *help, void *user), void *user);
/* Whether the setting cannot change once the run exists. */
bool settings_is_fixed(const char *name);
/* Whether the setting has no effect on training on stored games: it is of self-play, or of the balance of both. */
bool settings_is_of_self_play(const char *name);
/* Whether the setting is of the games that measure a run's strength, which play no part in learning. */
bool settings_is_of_measurement(const char *name);
/* The setting's value in runs older than the setting; NULL: the preset. */
const char *settings_before(const char *name);
/* The visits of a full search when `progress` (0..1, clamped) of their schedule is over: visits * (visits_final / visits) ^
 * progress, rounded. */
int64_t settings_visits(const struct settings *settings, double progress);
/* "16", or "16 to 64" if they grow; returns text. */
enum { SETTINGS_VISITS_TEXT = 48 };
const char *settings_visits_text(const struct settings *settings, char text[SETTINGS_VISITS_TEXT]);
/* The features that settings->features names, or the game's oldest set if that is empty; NULL with the error set if the game has none
 * of that name. */
const struct game_features *settings_features(const struct settings *settings, const struct game *game, GError **error);
/* Parses settings->horizons; returns their number, or -1 with the error set. */
int settings_horizons(const struct settings *settings, double horizons[NET_HORIZONS], GError **error);
/* Replaces the net by one with the outputs in the settings (horizons, value_error, tally, head_experts), unless it has them; a value
 * error, a tally or experts that it already has stay. features: of the net. False with the error set if they are invalid; the net is
 * then as before, or has only some of them. */
bool settings_set_outputs(const struct settings *settings, const struct game_features *features, struct net **net,
                          GError **error);
/* The games of a run: its own, or one for each of `sizes`, each with the komi on which self-play centres its
 * distribution. Returns their number, or 0 with the error set, also if settings contradict each other. */
int settings_games(const struct settings *settings, struct game games[SETTINGS_MAX_GAMES], GError **error);
/* Samples per row below which self-play waits for the trainer: samples_floor, at most samples_per_row. Between the two,
 * neither waits for the other. */
double settings_floor_samples(const struct settings *settings);
/* Lengths in plies, which the settings of the same names give for the run's own game. On a larger board they grow as their
 * presets do; on a smaller one they are as given. */
struct settings_lengths {
    int64_t max_plies, sample_plies;
};
struct settings_lengths settings_lengths(const struct settings *settings, const struct game *game);
/* Likewise, for a board of this shape. */
double settings_horizon(const struct settings *settings, struct game_shape shape);
/* The shares of these games in self-play, which sum to 1. */
void settings_game_shares(const struct settings *settings, const struct game *games, int count,
                          double shares[SETTINGS_MAX_GAMES]);
/* A game of the run under each of `rules`, or as it is, as self-play plays it, with their shares, which sum to 1.
 * Returns their number. game: one of settings_games. */
int settings_rules(const struct settings *settings, const struct game *game, struct game variants[SETTINGS_MAX_RULES],
                   double shares[SETTINGS_MAX_RULES]);

#endif
