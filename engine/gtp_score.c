/* The end of a game of Go: which stones are dead, which live in seki, and the score. */
#include <math.h>

#include "engine/gtp_session.h"
#include "games/go.h"

enum { STATUS_VISITS = 400, STATUS_PLAYOUTS = 400 };

/* ---- who holds which point ---- */

/* Mixes in what random playouts leave on each point: +1 black's, -1 white's. */
static void mix_playouts(const struct gtp *gtp, float weight, float *map)
{
    struct rng rng;
    union any_position at;
    int8_t last[GAME_MAX_POINTS];
    rng_seed(&rng, gtp->at.p.hash);
    for (int p = 0; p < gtp->game.points; p++)
        map[p] *= 1 - weight;
    for (int i = 0; i < STATUS_PLAYOUTS; i++) {
        struct game_result result;
        game_copy(&gtp->game, &at.p, &gtp->at.p);
        game_set_to_move(&gtp->game, &at.p, i % 2 ? GAME_WHITE : GAME_BLACK);
        gtp->game.ops->playout(&gtp->game, &at.p, &rng, &result);
        gtp->game.ops->final_map(&gtp->game, &at.p, last);
        for (int p = 0; p < gtp->game.points; p++)
            map[p] += weight * (float)last[p] / STATUS_PLAYOUTS;
    }
}

struct map_wanted {
    float *map;
    int points, sign;
    bool known;
};

static void take_map(const struct agent_report *report, void *data)
{
    struct map_wanted *wanted = data;
    wanted->known = report->map != NULL;
    for (int p = 0; p < wanted->points && report->map; p++)
        wanted->map[p] += 0.5f * (float)wanted->sign * report->map[p];
}

/* The mean of what the agent expects with either side to move; false when it expects nothing. */
static bool map_by_agent(struct gtp *gtp, float *map, bool *known, GError **error)
{
    const struct agent_clock clock = {.visits = STATUS_VISITS / 2};
    struct map_wanted wanted = {.map = map, .points = gtp->game.points, .known = true};
    const struct agent_analysis analysis = {.candidates = 1, .map = true, .report = take_map, .data = &wanted};
    memset(map, 0, sizeof *map * gtp->game.points);
    for (int colour = GAME_BLACK; colour <= GAME_WHITE && wanted.known; colour++) {
        struct agent *agent = gtp_agent(gtp, (enum game_colour)colour, error);
        wanted.sign = colour == GAME_BLACK ? 1 : -1;
        wanted.known = false;
        if (!agent)
            return false;
        /* Only a search or a net can say: another program would think for long, and not tell. */
        if (agent->ops->analyse && !agent_analyse(agent, &clock, &analysis, NULL, error))
            return false;
    }
    *known = wanted.known;
    return true;
}

/* ---- chains ---- */

/* The neighbours of a point; returns their number. */
static int neighbours(const struct game *game, int point, int *around)
{
    const int size = game->size, x = point % size, y = point / size;
    int count = 0;
    if (x > 0)
        around[count++] = point - 1;
    if (x < size - 1)
        around[count++] = point + 1;
    if (y > 0)
        around[count++] = point - size;
    if (y < size - 1)
        around[count++] = point + size;
    return count;
}

/* Labels each stone with the lowest point of its chain, -1 elsewhere. */
static void label_chains(const struct gtp *gtp, int *chain)
{
    const int points = gtp->game.points;
    int queue[GAME_MAX_POINTS];
    for (int p = 0; p < points; p++)
        chain[p] = -1;
    for (int p = 0; p < points; p++) {
        enum game_colour colour = gtp->game.ops->stone(&gtp->game, &gtp->at.p, p);
        if (colour == GAME_EMPTY || chain[p] >= 0)
            continue;
        int count = 0;
        queue[count++] = p;
        chain[p] = p;
        for (int k = 0; k < count; k++) {
            int around[4], n = neighbours(&gtp->game, queue[k], around);
            while (n--) {
                int to = around[n];
                if (chain[to] >= 0 || gtp->game.ops->stone(&gtp->game, &gtp->at.p, to) != colour)
                    continue;
                chain[to] = p;
                queue[count++] = to;
            }
        }
    }
}

/* A chain is dead where the map gives its points to the other side, one and all; what Benson proves comes first. */
static void judge_chains(struct gtp *gtp, const float *map, const int *chain)
{
    float sum[GAME_MAX_POINTS] = {0};
    int count[GAME_MAX_POINTS] = {0};
    int8_t sure[GAME_MAX_POINTS];
    go_pass_alive(&gtp->game, &gtp->at.p, sure);
    for (int p = 0; p < gtp->game.points; p++)
        if (chain[p] >= 0) {
            sum[chain[p]] += map[p];
            count[chain[p]]++;
        }
    for (int p = 0; p < gtp->game.points; p++) {
        gtp->dead[p] = 0;
        if (chain[p] < 0)
            continue;
        int own = gtp->game.ops->stone(&gtp->game, &gtp->at.p, p) == GAME_BLACK ? 1 : -1;
        float held = (float)own * sum[chain[p]] / (float)count[chain[p]];
        gtp->dead[p] = sure[p] ? sure[p] != own : held < -0.15f;
    }
}

/* ---- seki ---- */

static int find_root(int *group, int at)
{
    while (group[at] != at)
        at = group[at] = group[group[at]];
    return at;
}

/* Living chains of one colour that share an empty region are one group; a group that touches no point of its own
 * territory and is not alive by itself (Benson) lives in seki. Meant for finished positions. */
static void find_seki(struct gtp *gtp, const int *chain)
{
    const int points = gtp->game.points;
    int group[GAME_MAX_POINTS], queue[GAME_MAX_POINTS];
    bool seen[GAME_MAX_POINTS] = {false}, settled[GAME_MAX_POINTS] = {false};
    int8_t sure[GAME_MAX_POINTS];
    go_pass_alive(&gtp->game, &gtp->at.p, sure);
    for (int p = 0; p < points; p++)
        group[p] = chain[p] >= 0 ? chain[p] : p;
    for (int start = 0; start < points; start++) {
        int count = 0, first[3] = {-1, -1, -1};
        if (seen[start] || (chain[start] >= 0 && !gtp->dead[start]))
            continue;
        seen[start] = true;
        queue[count++] = start;
        for (int k = 0; k < count; k++) {
            int around[4], n = neighbours(&gtp->game, queue[k], around);
            while (n--) {
                int to = around[n];
                if (chain[to] >= 0 && !gtp->dead[to]) {
                    int colour = gtp->game.ops->stone(&gtp->game, &gtp->at.p, to), root = find_root(group, chain[to]);
                    if (first[colour] < 0)
                        first[colour] = root;
                    settled[find_root(group, first[colour])] |= settled[root];
                    group[root] = find_root(group, first[colour]);
                } else if (!seen[to]) {
                    seen[to] = true;
                    queue[count++] = to;
                }
            }
        }
        for (int colour = GAME_BLACK; colour <= GAME_WHITE; colour++)
            if (first[colour] >= 0 && first[game_other(colour)] < 0)
                settled[find_root(group, first[colour])] = true;
    }
    for (int p = 0; p < points; p++)
        gtp->seki[p] = chain[p] >= 0 && !gtp->dead[p] && !sure[p] && !settled[find_root(group, chain[p])];
}

bool gtp_find_dead(struct gtp *gtp, GError **error)
{
    float map[GAME_MAX_POINTS];
    int chain[GAME_MAX_POINTS];
    bool known = false;
    if (gtp->status_known && gtp->status_hash == gtp->at.p.hash)
        return true;
    if (!map_by_agent(gtp, map, &known, error))
        return false;
    /* A young net hesitates about stones that any playout captures; playouts do about what takes skill. */
    mix_playouts(gtp, known ? 0.5f : 1.0f, map);
    label_chains(gtp, chain);
    judge_chains(gtp, map, chain);
    find_seki(gtp, chain);
    gtp->status_known = true;
    gtp->status_hash = gtp->at.p.hash;
    return true;
}

/* ---- commands ---- */

static void append_margin(GString *out, double margin)
{
    if (margin == 0)
        g_string_append(out, "0");
    else
        g_string_append_printf(out, "%c+%.1f", margin > 0 ? 'B' : 'W', fabs(margin));
}

static bool final_score(struct gtp_call *call)
{
    struct gtp *gtp = call->gtp;
    struct go_score score;
    GError *error = NULL;
    if (gtp->game.ops != &go_ops) { /* a game without points: who won */
        struct game_result result = game_result(&gtp->game, &gtp->at.p);
        if (!result.over)
            return gtp_refuse(call, "cannot score");
        int sign = game_result_sign(&result, gtp->at.p.black_player);
        g_string_append(call->out, sign > 0 ? "B+1" : sign < 0 ? "W+1" : "0");
        return true;
    }
    if (!gtp_find_dead(gtp, &error))
        return gtp_refuse_error(call, "cannot score", error);
    go_score(&gtp->game, &gtp->at.p, gtp->dead, &score);
    append_margin(call->out, (double)score.margin);
    return true;
}

static bool has_status(const struct gtp *gtp, int point, const char *status)
{
    if (strcmp(status, "dead") == 0)
        return gtp->dead[point];
    if (strcmp(status, "seki") == 0)
        return gtp->seki[point];
    return !gtp->dead[point] && !gtp->seki[point];
}

/* One chain a line. */
static bool final_status_list(struct gtp_call *call)
{
    static const char *const known[] = {"alive", "dead", "seki", NULL};
    struct gtp *gtp = call->gtp;
    int chain[GAME_MAX_POINTS];
    GError *error = NULL;
    if (!g_strv_contains(known, call->args[0]))
        return gtp_refuse(call, "syntax error");
    if (gtp->game.ops != &go_ops)
        return gtp_refuse(call, "cannot score");
    if (!gtp_find_dead(gtp, &error))
        return gtp_refuse_error(call, "cannot score", error);
    label_chains(gtp, chain);
    for (int first = 0; first < gtp->game.points; first++) {
        if (chain[first] != first || !has_status(gtp, first, call->args[0]))
            continue;
        const char *before = call->out->len ? "\n" : "";
        for (int p = first; p < gtp->game.points; p++) {
            char text[GAME_MOVE_TEXT_MAX];
            if (chain[p] != first)
                continue;
            g_string_append_printf(call->out, "%s%s", before, game_move_format(&gtp->game, (game_move)p, text));
            before = " ";
        }
    }
    return true;
}

const struct gtp_command gtp_score_commands[] = {
    {"final_score", 0, 0, final_score},
    {"final_status_list", 1, 1, final_status_list},
    {NULL, 0, 0, NULL},
};
