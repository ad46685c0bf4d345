/* Training targets: the table of targets, and their places in a net's outputs.
 *
 *   NET_TARGET_TABLE   name, shape, loss, weight ... of each target
 *   struct net_places  the channels and values of each target in a net's outputs
 *
 * The sizes of the heads, the arrays of a batch (net/train.h), losses (train/loss.c) and reports all follow the table.
 * A new target is an entry here and, unless it uses the rows of another one, a function that fills it from a game
 * record (engine/training/replay/samples.c). */
#ifndef TENGEN_NET_TARGETS_H
#define TENGEN_NET_TARGETS_H

#include <stdbool.h>

enum net_shape {
    NET_SHAPE_MOVES,   /* a distribution over all moves: the points, then the other moves */
    NET_SHAPE_POINTS,  /* a number from -1 to 1 for each point, from the mover's view */
    NET_SHAPE_OUTCOME, /* probabilities of win, draw and loss, from the mover's view */
    NET_SHAPE_NUMBER,
};
enum { NET_OUTCOMES = 3, NET_HORIZONS = 3 /* at most, beside that of the short-term value: see net_info */ };

enum net_loss {
    NET_LOSS_CROSS_ENTROPY, /* of the softmax of the outputs; the target is a distribution */
    NET_LOSS_HUBER,         /* half the squared error up to an error of 1, linear beyond */
    NET_LOSS_BINARY,        /* mean over the outputs x of the divergence of (1 + tanh x) / 2 from (1 + target) / 2 */
};

struct net_target {
    const char *name; /* in reports and JSON */
    const char *help;
    enum net_shape shape;
    enum net_loss loss;
    float weight;     /* preset of its loss weight */
    float unit;       /* shape number: the value that corresponds to an output of 1; 0: 1 */
    const char *rows; /* the target whose values and weights in a batch it shares; NULL: it has its own */
    bool soft;        /* learns the fourth root of the distribution, normalised */
    bool needs_score; /* unused in games without a score */
    int horizon;      /* k > 0: only nets with k further horizons or more have this target */
    bool error;       /* only nets with info.value_error have it */
};

/* In the order of the outputs in weights files: append, never reorder. In files older than an entry, its outputs load
 * as 0. */
#define NET_TARGET_TABLE(TARGET)                                                                                       \
    TARGET(POLICY, .name = "policy", .help = "the search's improved policy", .shape = NET_SHAPE_MOVES,                 \
           .loss = NET_LOSS_CROSS_ENTROPY, .weight = 1)                                                                \
    TARGET(REPLY, .name = "reply", .help = "the opponent's improved policy on the next ply", .shape = NET_SHAPE_MOVES, \
           .loss = NET_LOSS_CROSS_ENTROPY, .weight = 0.15f)                                                            \
    TARGET(SOFT_POLICY, .name = "soft_policy", .help = "the improved policy, flattened", .shape = NET_SHAPE_MOVES,     \
           .loss = NET_LOSS_CROSS_ENTROPY, .weight = 2, .rows = "policy", .soft = true)                                \
    TARGET(VALUE, .name = "value", .help = "win, draw or loss at the end", .shape = NET_SHAPE_OUTCOME,                 \
           .loss = NET_LOSS_CROSS_ENTROPY, .weight = 1.2f)                                                             \
    TARGET(SHORT_TERM_VALUE, .name = "short_term_value", .help = "win, draw and loss as searched some plies later",    \
           .shape = NET_SHAPE_OUTCOME, .loss = NET_LOSS_CROSS_ENTROPY, .weight = 0.6f)                                 \
    TARGET(SCORE, .name = "score", .help = "final margin in points", .shape = NET_SHAPE_NUMBER,                        \
           .loss = NET_LOSS_HUBER, .weight = 0.3f, .unit = 20, .needs_score = true)                                    \
    TARGET(MAP, .name = "map", .help = "the game's own target for each point: ownership, the winning line",            \
           .shape = NET_SHAPE_POINTS, .loss = NET_LOSS_BINARY, .weight = 0.6f)                                         \
    TARGET(HORIZON_1, .name = "horizon_1", .help = "the short-term value at a further horizon",                        \
           .shape = NET_SHAPE_OUTCOME, .loss = NET_LOSS_CROSS_ENTROPY, .weight = 0.2f, .horizon = 1)                   \
    TARGET(HORIZON_2, .name = "horizon_2", .help = "the short-term value at another further horizon",                  \
           .shape = NET_SHAPE_OUTCOME, .loss = NET_LOSS_CROSS_ENTROPY, .weight = 0.2f, .horizon = 2)                   \
    TARGET(HORIZON_3, .name = "horizon_3", .help = "the short-term value at a third further horizon",                  \
           .shape = NET_SHAPE_OUTCOME, .loss = NET_LOSS_CROSS_ENTROPY, .weight = 0.2f, .horizon = 3)                   \
    TARGET(VALUE_ERROR, .name = "value_error", .help = "by how much the search moved the value",                       \
           .shape = NET_SHAPE_NUMBER, .loss = NET_LOSS_HUBER, .weight = 1, .unit = 0.5f, .error = true)

enum net_target_id {
#define NET_TARGET_ID(id, ...) NET_TARGET_##id,
    NET_TARGET_TABLE(NET_TARGET_ID)
#undef NET_TARGET_ID
        NET_TARGETS
};
enum { NET_TARGETS_MAX = 32 }; /* maximum size of a table of targets */

extern const struct net_target net_targets[NET_TARGETS];

/* The number of values in a row of a target. */
int net_target_count(const struct net_target *target, int points, int moves);
/* The target whose rows this one uses: itself, unless the table names another. */
enum net_target_id net_target_rows(enum net_target_id target);

/* A net has three output tensors: `points`, spatial; `others`, logits of the moves other than points, in groups of
 * other_moves for each target of shape moves; and `values`, for the whole position. */
struct net_places {
    int points, groups, values; /* sizes of the three: channels, groups, values */
    /* The target's channel of `points`; for outcomes and numbers, its first of `values`; -1 if the net does not have it. */
    int at[NET_TARGETS_MAX];
    int group[NET_TARGETS_MAX]; /* for targets of shape moves, their group of `others` */
};
/* Places follow the order of the table, so that appending a target does not move the others. horizons, value_error: of the net. */
struct net_places net_places_of(const struct net_target *table, int count, int horizons, bool value_error);

#endif
