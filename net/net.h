/* The policy/value network: planes and a global vector in, numbers out.
 *
 *   planes [n][planes][y][x] --stem--> trunk (blocks in a row) --heads--> policy, reply, soft policy   [n][moves]
 *   globals [n][globals] ----^                                           win/draw/loss, short-term     [n][3]
 *                                                                        score [n], map [n][points]
 *
 * Everything is from the view of the player to move. The trunk is a list of blocks written as text, kept in the
 * weights file, so a net knows its own shape: "conv:64 res:64 res:64 gpool:64 res:64". It is fully convolutional: one
 * net plays boards of every width and height, and a batch holds boards of one shape.
 *
 *   struct net          weights in f32 and what they are for; immutable, shared by reference count, any thread
 *   struct net_runner   one thread's means of evaluating a net: primitives by board and batch size, scratch memory
 *
 * Training is in net/train.h. */
#ifndef TENGEN_NET_NET_H
#define TENGEN_NET_NET_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NET_TRUNK_MAX = 512, NET_NAME_MAX = 32 };

/* What a net is for and how it is built; the metadata of its weights file. */
struct net_info {
    char game[NET_NAME_MAX];     /* "go": the game's name; sizes and options are its caller's matter */
    char features[NET_NAME_MAX]; /* "go-v1" */
    char trunk[NET_TRUNK_MAX];   /* block list; net_expand_shape makes one from "5x64" */
    int planes, globals;         /* of the features */
    int other_moves;             /* moves besides the points: the policy has points + other_moves entries */
};

struct net;

#define NET_ERROR (net_error_quark())
GQuark net_error_quark(void);
enum net_error { NET_ERROR_SPEC, NET_ERROR_FILE, NET_ERROR_MISMATCH, NET_ERROR_LIBRARY };

/* "5x64" becomes "conv:64 res:64 gpool:64 ..."; anything with a colon is taken as a block list, separated by spaces or
 * commas, and checked. trunk: NET_TRUNK_MAX. */
bool net_expand_shape(const char *shape, char *trunk, GError **error);
/* Name and meaning of the i-th block that a shape may have; false past the last. */
bool net_block_at(int i, const char **name, const char **help);
/* Fresh weights from a seed (fixed-variance initialisation: activations keep their scale without normalisation). */
int net_create(struct net **out, const struct net_info *info, uint64_t seed, GError **error);
/* How many parameters a net has; allocates none of them. False with the error set if the shape is invalid. */
bool net_count_parameters(const struct net_info *info, size_t *count, GError **error);
/* Reads a .safetensors file written by net_save; refuses, and says why, a file that is cut short, of another shape,
 * not finite, or not Tengen's. */
int net_load(struct net **out, const char *path, GError **error);
/* Writes path whole or not at all (temporary file, fsync, rename, fsync of the folder). `note` is free text for the
 * metadata: command, hours, figures; may be NULL. */
int net_save(const struct net *net, const char *path, const char *note, GError **error);
/* The same from and to memory, as another process or machine may send it; `source` names it in errors. The caller frees
 * what is written with g_bytes_unref. */
int net_read_bytes(struct net **out, const void *bytes, size_t size, const char *source, GError **error);
GBytes *net_write_bytes(const struct net *net, const char *note);
struct net *net_ref(struct net *net);
void net_unref(struct net *net); /* NULL is fine */
const struct net_info *net_info(const struct net *net);
/* The note of the file; "" when there is none. */
const char *net_note(const struct net *net);
/* A number that differs between any two nets alive in this process: what an evaluation cache keys on. */
uint64_t net_generation(const struct net *net);
/* Multiply-accumulates of one evaluation on a board of width x height, doubled: FLOP. */
double net_flops(const struct net *net, int width, int height);

/* ---- inference ---- */

enum net_dtype {
    NET_AUTO, /* the fastest that the processor and every block of the net support; int8 only for calibrated nets */
    NET_F32,
    NET_BF16, /* activations and weights; sums, heads' outputs and dense layers stay in f32 */
    NET_INT8, /* activations and weights of the trunk's convolutions, by ranges from calibration; inference only */
};
enum net_backend {
    NET_BACKEND_PLAIN, /* reference loops in C, bit for bit the same everywhere */
    NET_BACKEND_FAST,  /* oneDNN, and kernels of our own where they win */
};

extern const char *const net_dtype_names[]; /* in the order of the enum, NULL at the end */
const char *net_dtype_name(enum net_dtype dtype);
bool net_dtype_parse(enum net_dtype *dtype, const char *name, GError **error);
/* The fastest for training on this processor. */
enum net_dtype net_dtype_best(enum net_backend backend);
/* Whether this processor computes in int8. */
bool net_has_int8(void);
/* Whether every block of the net can be evaluated in this number type, on a processor that has it. An explicit number
 * type that a block does not support is refused, by name; nothing is converted in between. */
bool net_supports(const struct net *net, enum net_dtype dtype);
/* The fastest in which this net can be evaluated here; int8 once it is calibrated. */
enum net_dtype net_dtype_fastest(const struct net *net, enum net_backend backend);

/* int8 needs to know the range of every channel's values: raises what the net knows of it to what n positions on
 * width x height need (planes of 0 to 1, as for inference). Call it before other threads see the net, with some hundred
 * positions of each board shape from real games; net_save keeps the result. Refused for a net that does not support
 * int8. */
int net_calibrate(struct net *net, int width, int height, int n, const float *planes, const float *globals,
                  GError **error);
bool net_is_calibrated(const struct net *net);

/* Where results go; a NULL member is not computed. */
struct net_outputs {
    float *policy; /* [n][moves] logits, before legality */
    float *wdl;    /* [n][3] probabilities of win, draw, loss */
    float *score;  /* [n] expected margin in points */
    float *map;    /* [n][points] -1..1, + for the player to move */
};

struct net_runner;
/* NET_INT8 is refused for a net that was never calibrated.
 * A runner belongs to the thread that uses it (create it there: OpenMP's thread count is set for that thread).
 * max_batch >= 1. */
int net_runner_create(struct net_runner **out, struct net *net, enum net_backend backend, enum net_dtype dtype,
                      int max_batch, GError **error);
void net_runner_close(struct net_runner *runner);
/* Takes another net, of any info; takes its own reference. */
int net_runner_set_net(struct net_runner *runner, struct net *net, GError **error);
/* What it computes in: never NET_AUTO. */
enum net_dtype net_runner_dtype(const struct net_runner *runner);
/* Evaluates n <= max_batch positions on width x height. No allocation once that board has been seen with that n. */
void net_runner_infer(struct net_runner *runner, int width, int height, int n, const float *planes,
                      const float *globals, const struct net_outputs *outputs);
/* The library's implementation of every operation for that board and n, one a line, for bench; "ref" there is a bug. */
char *net_runner_describe(struct net_runner *runner, int width, int height, int n);

#endif
