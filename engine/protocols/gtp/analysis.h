/* An analysis under way and the dialects that it is told in. For engine/protocols/gtp/ alone. */
#ifndef TENGEN_ENGINE_PROTOCOLS_GTP_ANALYSIS_H
#define TENGEN_ENGINE_PROTOCOLS_GTP_ANALYSIS_H

#include "engine/protocols/gtp/session.h"

struct gtp_analysis;
/* One for each dialect. */
struct gtp_dialect {
    void (*report)(struct gtp_analysis *analysis, const struct agent_report *report); /* appends to call->out */
    bool once;                                                                        /* the last report only */
    bool scatter; /* tells the margin's deviation, which is taken from the map */
};

struct gtp_analysis {
    struct gtp_call *call;
    const struct gtp_dialect *dialect;
    enum game_colour colour;
    int64_t interval_ms, least, most; /* moves to report */
    bool ownership, root_info, ignored, restricted;
    uint8_t allowed[GAME_MAX_MOVES];
};

/* Whether the margin's deviation can be taken from the map. */
static inline bool gtp_tells_scatter(const struct game *game)
{
    return game->has_score && game->ops->traits.map == GAME_MAP_OWNER;
}

extern const struct gtp_dialect gtp_dialect_lz, gtp_dialect_kata, gtp_dialect_cgos;

#endif
