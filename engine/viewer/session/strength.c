#include "engine/viewer/session/strength.h"

#include <glib.h>
#include <math.h>

#include "agents/net_path.h"
#include "engine/viewer/text.h"
#include "games/game.h"

/* A level either samples the policy at a temperature or searches with a number of visits, which usually doubles from
 * level to level. With fewer than LOOKS_AHEAD it does not look for wins by threats (Gomoku): with them, a weak level
 * would blunder everything except long sequences of fours. */
enum { LOOKS_AHEAD = 512 };
static const struct {
    double temperature;
    int visits;
} levels[STRENGTH_LEVELS] = {
    {2.0, 0}, {1.4, 0}, {1.0, 0}, {0.7, 0}, {0.4, 0}, {0, 0},    {0, 8},    {0, 16},
    {0, 32},  {0, 64},  {0, 128}, {0, 256}, {0, 512}, {0, 1024}, {0, 2048}, {0, 8192},
};

static int index_of(int level)
{
    return CLAMP(level, 1, STRENGTH_LEVELS) - 1;
}

static bool has_net(const struct game *game)
{
    char *path = net_path_find("default", game->ops->name, NULL);
    g_free(path);
    return path != NULL;
}

static int playouts_of(int level)
{
    return 4 << index_of(level);
}

char *strength_spec(int level, const struct game *game, char *buffer, size_t size)
{
    int i = index_of(level);
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    if (!has_net(game))
        g_snprintf(buffer, size, "rollout:%d", playouts_of(level));
    else if (levels[i].visits)
        g_snprintf(buffer, size, "net:default,visits=%d%s", levels[i].visits,
                   game->ops->solve && levels[i].visits < LOOKS_AHEAD ? ",threats=0" : "");
    else
        g_snprintf(buffer, size, "policy:default,temperature=%s",
                   g_ascii_formatd(number, sizeof number, "%g", levels[i].temperature));
    return buffer;
}

const char *strength_analyst(const struct game *game)
{
    return has_net(game) ? "net:default" : "rollout:1000";
}

char *strength_text(int level, const struct game *game, char *buffer, size_t size)
{
    int i = index_of(level);
    if (!has_net(game))
        g_snprintf(buffer, size, _("Level %d: search, %d playouts"), i + 1, playouts_of(level));
    else if (levels[i].visits)
        g_snprintf(buffer, size, _("Level %d: search, %d visits"), i + 1, levels[i].visits);
    else if (levels[i].temperature > 0)
        g_snprintf(buffer, size, _("Level %d: no search, temperature %.1f"), i + 1, levels[i].temperature);
    else
        g_snprintf(buffer, size, _("Level %d: no search, best move"), i + 1);
    return buffer;
}

void strength_begin(struct strength_estimate *estimate)
{
    *estimate = (struct strength_estimate){.level = 5, .step = 2};
}

void strength_update(struct strength_estimate *estimate, int level, int result)
{
    /* A loss against a stronger level, or a win against a weaker one, carries little information. */
    double surprise = result - CLAMP((estimate->level - level) / 4, -1, 1);
    if (result && estimate->last && result != estimate->last)
        estimate->step = fmax(estimate->step / 2, 0.5);
    if (result)
        estimate->last = result;
    estimate->games++;
    estimate->level = CLAMP(estimate->level + estimate->step * surprise, 1, STRENGTH_LEVELS);
}

int strength_even(const struct strength_estimate *estimate)
{
    return CLAMP((int)lround(estimate->level), 1, STRENGTH_LEVELS);
}
