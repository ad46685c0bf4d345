/* The policy/value network: planes and a global vector in, numbers out.
 *
 *   planes [n][planes][y][x] --stem--> trunk (blocks in a row) --heads--> policy, reply, soft policy   [n][moves]
 *   globals [n][globals] ----^                                           win/draw/loss, short-term     [n][3]
 *                                                                        score [n], map [n][points]
 *
 * All inputs and outputs are from the view of the player to move. The trunk is a list of blocks, stored as text in the
 * weights file: "conv:64 res:64 res:64 gpool:64 res:64". The net is fully convolutional: one net plays on boards of
 * every width and height; all positions of a batch have the same shape.
 *
 *   struct net          weights in f32 and their metadata; reference-counted; any thread, and immutable once several use it
 *   struct net_runner   evaluates a net in one thread: primitives by board and batch size, scratch memory
 *
 * Training is in net/train.h. */
#ifndef TENGEN_NET_NET_H
#define TENGEN_NET_NET_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NET_TRUNK_MAX = 512,
    NET_NAME_MAX = 32,
    NET_TALLIES = 2,
    NET_EXPERTS_MAX = 8,
    NET_STEPS_MAX = 16, /* of a loop */
    NET_MOVES_MAX = 16,
};

/* The purpose and shape of a net; the metadata of its weights file. */
struct net_info {
    char game[NET_NAME_MAX];     /* the game's name, "go"; independent of board size and options */
    char features[NET_NAME_MAX]; /* "go-v1" */
    char trunk[NET_TRUNK_MAX];   /* block list; net_expand_shape converts "5x64" to one */
    int planes, globals;         /* of the features */
    int other_moves;             /* moves other than points: the policy has points + other_moves entries */
    int horizons;                /* further short-term values that it learns, 0 to NET_HORIZONS (net/targets.h) */
    int value_error;             /* 1: it also says how far off its value is likely to be */
    int head_experts; /* sets of the heads' dense layers, of which a position uses one: 2 to NET_EXPERTS_MAX; 0: there is one set */
    int tally; /* outcomes and score also read, 1: the sum of the map, and the globals; 2: its standard deviation, too: net_add_tally */
};

struct net;

#define NET_ERROR (net_error_quark())
GQuark net_error_quark(void);
enum net_error { NET_ERROR_SPEC, NET_ERROR_FILE, NET_ERROR_MISMATCH, NET_ERROR_LIBRARY };

/* Expands "5x64" to "conv:64 res:64 gpool:64 ...", and "5x64+drop=0.1" to the same with the modifier on each residual
 * block; text with a colon is checked as a block list, separated by spaces or commas. trunk: buffer of NET_TRUNK_MAX.
 * False, with the error set, if the shape is invalid. */
bool net_expand_shape(const char *shape, char *trunk, GError **error);
/* Name and description of the i-th kind of block; false past the last. */
bool net_block_at(int i, const char **name, const char **help);
/* The same for the modifiers that may follow a block's channels, as in "res:64+drop=0.1". */
bool net_modifier_at(int i, const char **name, const char **help);
/* Creates a net with random weights (fixed-variance initialisation: activations keep their scale without
 * normalisation). Returns 0, or -1 with the error set if info is invalid. */
int net_create(struct net **out, const struct net_info *info, uint64_t seed, GError **error);
/* A net that takes more planes and globals, appended to those of `net`, and gives the same outputs whatever their values:
 * their weights are 0. Keeps the int8 calibration and the texts. features: the name of the new inputs. Returns 0, or -1
 * with the error set if there would be fewer inputs than now, or too many. */
int net_add_inputs(struct net **out, const struct net *net, const char *features, int planes, int globals,
                   GError **error);
/* A net of another shape that gives the same outputs as `net`. The shapes may differ in
 *   - dropout, the weight of a loop's early answer, the steps of a loop and the moves of an lstm: a net in which one of the
 *     latter two differs has the same weights, but other outputs where that many steps or moves are used
 *   - more residual blocks, which add nothing at first: by their kind, or because the weights of their last layer are 0
 *   - moe in place of res: all experts begin with the weights of its first convolution
 *   - more channels, which nothing reads at first: only for nets whose blocks are conv, res and gpool with equal channels
 * shape: as for net_expand_shape; seed: of the new weights. Keeps the texts, and the int8 calibration if no parameter is new and
 * a loop has the same steps in play. Returns 0, or -1 with the error set if the shape is invalid or differs in another way. */
int net_reshape(struct net **out, const struct net *net, const char *shape, uint64_t seed, GError **error);
/* A net with this number of further horizons, and with value_error 1 also the error of its value, among its training targets; its
 * other outputs stay the same. New outputs are 0 at first; those no longer wanted are dropped. Keeps what net_add_inputs does. Returns 0,
 * or -1 with the error set if one of the numbers is out of range. */
int net_set_outputs(struct net **out, const struct net *net, int horizons, int value_error, GError **error);
/* A net whose outcomes and score also read the sum of its map, and the globals, both in the hidden layer of their head
 * and beside it. At first with weights of 0, so that it has the same outputs; but if margin is given, its score becomes the sum
 * of the map + margin * globals, and learns from there. margin: [globals], points, or NULL: see struct game_features. Without a
 * tally, komi reaches the score only through all layers of the trunk, and pooled means do not know the size of the board.
 *
 * tally: 1: the above; 2: also the standard deviation of the sum, if each point is won with the probability that the map implies, and
 * the margin in units of it: a game that is nearly over is decided by whether a small margin is certain. A net that has this tally or
 * more is copied unchanged. Keeps what net_add_inputs does. Returns 0, or -1 with the error set. */
int net_add_tally(struct net **out, const struct net *net, int tally, const float *margin, GError **error);
/* A net with this many sets of the heads' dense layers, all copies of its only one, so that it gives the same outputs. Each position
 * uses one set, chosen by clustering the features that the heads pool (net/exec/ops/route.c). seed: of the clusters' centroids. Keeps
 * what net_add_inputs does. Returns 0, or -1 with the error set if the net already has another number of sets, or the number is out of
 * range (see net_info). */
int net_add_head_experts(struct net **out, const struct net *net, int experts, uint64_t seed, GError **error);
/* How many of its parameters a net uses for one position: all but those of the experts that are not chosen. */
size_t net_active_parameters(const struct net *net);
/* How many parameters a net has; allocates none of them. False with the error set if the shape is invalid. */
bool net_count_parameters(const struct net_info *info, size_t *count, GError **error);
/* Loads a .safetensors file written by net_save. Returns 0, or -1 with the error set for a file that is truncated, was
 * not written by Tengen, does not match its own shape, or contains values that are not finite. */
int net_load(struct net **out, const char *path, GError **error);
/* Writes the file atomically (temporary file, fsync, rename, fsync of the folder). `note` is free text for the
 * metadata, such as the command and the duration of training; may be NULL. Returns 0, or -1 with the error set. */
int net_save(const struct net *net, const char *path, const char *note, GError **error);
/* Like net_load and net_save, but from and to memory, for transfer between processes or machines. `source` names the
 * origin in errors. The caller releases the bytes written with g_bytes_unref. */
int net_read_bytes(struct net **out, const void *bytes, size_t size, const char *source, GError **error);
GBytes *net_write_bytes(const struct net *net, const char *note);
struct net *net_ref(struct net *net);
void net_unref(struct net *net); /* NULL is allowed */
const struct net_info *net_info(const struct net *net);
/* The note of the file; "" if there is none. */
const char *net_note(const struct net *net);
/* The games that the net was trained on, as text of games/scope.h; "" if it is not known. net_set_scope copies it; call it
 * before other threads use the net. net_save stores it. */
const char *net_scope(const struct net *net);
void net_set_scope(struct net *net, const char *scope);
/* The runs that trained the net, as text of engine/training/lineage.h; "" if they are not known. Otherwise like net_scope. */
const char *net_history(const struct net *net);
void net_set_history(struct net *net, const char *history);
/* A number that is unique to the net within this process, for the keys of evaluation caches. */
uint64_t net_generation(const struct net *net);
/* The steps of the net's loop in play ("loop:64+steps=2..8": 8) and the fewest that it was trained with (2); 0 without a loop. */
int net_steps(const struct net *net);
int net_steps_least(const struct net *net);
/* Along how many moves a net carries a state ("lstm:64+moves=4": 4), and the size of that state, in floats, on a board with this many
 * points; 0 for a net without one. See net/graph/blocks/lstm.c. */
int net_moves(const struct net *net);
size_t net_state_size(const struct net *net, size_t points);
/* Identifies a net by its contents: the SHA-256 hash of its trunk and parameters in 64 hexadecimal digits, freed with g_free. */
char *net_fingerprint(const struct net *net);
/* The number of features in net_runner_pooled. */
size_t net_pooled_size(const struct net *net);
/* Floating-point operations of one evaluation on width x height, two per multiply-accumulate; a loop makes as many steps as in play. */
double net_flops(const struct net *net, int width, int height);
/* The same with another number of steps, which may be a mean. */
double net_flops_at(const struct net *net, int width, int height, double steps);

/* The bare tower of convolutions comparable to a net (net/bench.h): the channels of its first convolution, and half the
 * number of its other 3x3 convolutions. */
void net_tower_like(const struct net *net, int *blocks, int *channels);

/* ---- inference ---- */

enum net_dtype {
    NET_AUTO, /* the fastest that the processor and all blocks of the net support; int8 only for calibrated nets */
    NET_F32,
    NET_BF16, /* activations and weights in bf16; sums, outputs and dense layers in f32, and gradients of attention */
    NET_INT8, /* the trunk's convolutions in int8, scaled by calibration; attention in bf16 or f32; inference only */
};
enum net_backend {
    NET_BACKEND_PLAIN, /* reference implementation in C; results are the same bit for bit on every machine */
    NET_BACKEND_FAST,  /* oneDNN, and own kernels where they are faster */
};

extern const char *const net_dtype_names[]; /* by enum net_dtype; NULL-terminated */
const char *net_dtype_name(enum net_dtype dtype);
bool net_dtype_parse(enum net_dtype *dtype, const char *name, GError **error);
/* The fastest number type for training on this processor. */
enum net_dtype net_dtype_best(enum net_backend backend);
/* Whether this processor has int8 instructions. */
bool net_has_int8(void);
/* Whether all blocks of the net support this number type, whatever the processor supports. There is no conversion for
 * blocks that do not: runners reject such a number type with an error that names the block. */
bool net_supports(const struct net *net, enum net_dtype dtype);
/* Whether this machine can evaluate the net, or train it, with this backend and number type, assuming that it is
 * calibrated. Returns false with the error set. */
bool net_check_dtype(const struct net *net, enum net_backend backend, enum net_dtype dtype, bool training,
                     GError **error);
/* The fastest number type for evaluating this net on this machine, assuming that it is calibrated. */
enum net_dtype net_dtype_fastest(const struct net *net, enum net_backend backend);

/* Calibrates the net for int8: extends the ranges of all channels to cover n positions on width x height (planes and
 * globals as for inference), and averages their means over all calls, each with the same weight. Call it before other threads
 * use the net, with a few hundred positions from real games in total, some of each board shape; net_save stores the ranges.
 * Returns 0, or -1 with the error set if the net does not support int8. */
int net_calibrate(struct net *net, int width, int height, int n, const float *planes, const float *globals,
                  GError **error);
bool net_is_calibrated(const struct net *net);

/* How far a net with a loop thinks. */
struct net_effort {
    int steps;    /* of its loop, 1 to NET_STEPS_MAX; 0: net_steps */
    float settle; /* above 0 to 1: stops as soon as a step changes the answer by less; 0: never */
};
/* Whether the effort is valid for this net: values in range, and all of them 0 if it has no loop. False with the error set. */
bool net_effort_check(const struct net *net, const struct net_effort *effort, GError **error);

/* Buffers for the results; those of NULL members are not computed. */
struct net_outputs {
    float *policy; /* [n][moves] logits, illegal moves included */
    float *wdl;    /* [n][3] probabilities of win, draw, loss */
    float *score;  /* [n] expected margin in points */
    float *map;    /* [n][points] -1..1, positive for the player to move */
    float *error;  /* [n] by how much a search is likely to move the value, 0..2; -1 if the net has no value_error */
};

struct net_runner;
/* Creates a runner, which holds a reference to the net. A runner belongs to the thread that creates it (it sets
 * OpenMP's number of threads for that thread). max_batch >= 1. Returns 0, or -1 with the error set, for example for
 * NET_INT8 and a net that is not calibrated. */
int net_runner_create(struct net_runner **out, struct net *net, enum net_backend backend, enum net_dtype dtype,
                      int max_batch, GError **error);
void net_runner_close(struct net_runner *runner);
/* Replaces the net, which may have any shape; the runner holds a reference to it. Returns 0, or -1 with the error set
 * and the runner unchanged. */
int net_runner_set_net(struct net_runner *runner, struct net *net, GError **error);
/* The number type in use; never NET_AUTO. */
enum net_dtype net_runner_dtype(const struct net_runner *runner);
/* How the runner evaluates from now on; initially all 0. With `settle`, the heads answer after each step, starting at the smallest
 * number of steps that the net was trained with. A position has settled when two successive answers differ by less than
 * `settle`, both in the total variation distance of their policies, illegal moves included, and in that of their outcomes; its
 * answer is the later one. A batch runs until all its positions have settled or reached the maximum number of steps; each keeps
 * the answer with which it settled, which therefore does not depend on the rest of the batch.
 * Returns 0, or -1 with the error set (net_effort_check) and nothing changed. */
int net_runner_set_effort(struct net_runner *runner, const struct net_effort *effort, GError **error);
/* [n] The steps of the net's loop before each answer of the last evaluation; 0 without a loop. Valid until the next one. */
const int *net_runner_steps(const struct net_runner *runner);
/* Evaluates n <= max_batch positions on width x height. No allocation once that board has been seen with that n. */
void net_runner_infer(struct net_runner *runner, int width, int height, int n, const float *planes,
                      const float *globals, const struct net_outputs *outputs);
/* The same for a net that carries a state along the moves played: states [n][net_state_size], the state that each position is
 * evaluated with; NULL: all 0, for positions without a history. net_runner_infer passes NULL. */
void net_runner_infer_with(struct net_runner *runner, int width, int height, int n, const float *planes,
                           const float *globals, const float *states, const struct net_outputs *outputs);
/* What the head of outcomes read of the trunk in the last evaluation: pooled features, which do not depend on the size of the board, and by
 * which positions can be compared (mcts/likeness.h). pooled [n][net_pooled_size], n being that of the evaluation. */
void net_runner_pooled(const struct net_runner *runner, float *pooled);
/* What the state becomes when a move is played in a position: next [net_state_size], from `state` (NULL: none yet; may be `next`).
 * Computes the net up to the block that carries it. */
void net_runner_carry(struct net_runner *runner, int width, int height, const float *planes, const float *globals,
                      const float *state, float *next);
/* The implementation of every convolution for this board and n, one per line, for bench; freed with g_free. "ref", oneDNN's slow
 * reference kernel, should never appear. */
char *net_runner_describe(struct net_runner *runner, int width, int height, int n);

#endif
