/* The runs that a network came through, as its file has them (net_history): one entry for each run of `tengen train`, the oldest
 * first, each begun `--from` a net of the one before. A run that goes on from a net alone, on another machine, still knows what was
 * spent before it and how strong the earlier nets were. */
#ifndef TENGEN_ENGINE_TRAINING_PROVENANCE_LINEAGE_H
#define TENGEN_ENGINE_TRAINING_PROVENANCE_LINEAGE_H

#include <glib.h>
#include <stdint.h>

struct cJSON;
struct store;
struct store_checkpoint;

enum {
    LINEAGE_NAME = 64,
    LINEAGE_POINTS = 16, /* kept of a run's ratings */
    LINEAGE_RUNS = 64,   /* of a file: the first; a net is written with the newest */
};

/* A checkpoint that the run's ladder rated. */
struct lineage_point {
    double seconds; /* of training */
    double elo, low, high;
};

struct lineage_run {
    char name[LINEAGE_NAME];   /* of the run's folder */
    char anchor[LINEAGE_NAME]; /* the opponent with 0 Elo; "": nothing was rated */
    int64_t games, rows;       /* that the run itself has made */
    int64_t steps;
    double seconds;           /* of training, over all sessions */
    double processor_seconds; /* 0: unknown */
    int count;
    struct lineage_point points[LINEAGE_POINTS]; /* by seconds */
};

/* Returns struct lineage_run, without those that cannot be read; empty if none can. Freed with g_array_unref. */
GArray *lineage_parse(const char *text);
/* The same of the text of a run's own checkpoint, without that run, which is the last entry. */
GArray *lineage_parse_before(const char *text);
/* The text, freed by the caller; the same as an array. */
char *lineage_write(const GArray *runs);
struct cJSON *lineage_json(const GArray *runs);
/* The entry of a run at a checkpoint. Reads the store: the thread that owns it. */
void lineage_of_store(struct store *store, const struct store_checkpoint *at, struct lineage_run *run);

#endif
