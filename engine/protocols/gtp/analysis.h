/* Internal to engine/protocols/gtp/: a running analysis and its output formats. */
#ifndef TENGEN_ENGINE_PROTOCOLS_GTP_ANALYSIS_H
#define TENGEN_ENGINE_PROTOCOLS_GTP_ANALYSIS_H

#include <stdbool.h>
#include <stdint.h>

#include "games/game.h"

struct agent_report;
struct gtp_analysis;
/* An output format. */
struct gtp_dialect {
    void (*report)(struct gtp_analysis *analysis, const struct agent_report *report); /* appends to call->out */
    bool final_only;                                                                  /* sends only the final report */
    bool score_stdev; /* reports the standard deviation of the score, estimated from ownership */
};

struct gtp_analysis {
    struct gtp_call *call;
    const struct gtp_dialect *dialect;
    enum game_colour colour;
    int64_t interval_ms, min_moves, max_moves; /* number of moves to report */
    bool ownership, root_info, ignored, restricted;
    uint8_t allowed[GAME_MAX_MOVES];
};

/* Whether the standard deviation of the score can be estimated from ownership. */
static inline bool gtp_has_score_stdev(const struct game *game)
{
    return game->has_score && game->ops->traits.map == GAME_MAP_OWNER;
}

extern const struct gtp_dialect gtp_dialect_lz, gtp_dialect_kata, gtp_dialect_cgos;

#endif
