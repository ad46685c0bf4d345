#include "engine/training/progress.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "engine/store/record.h"
#include "net/targets.h"

void progress_games_add(struct progress_games *games, const struct record *record)
{
    games->plies[games->next] = record->ply_count;
    games->openings[games->next] = record->opening_hash;
    games->next = (games->next + 1) % PROGRESS_GAMES;
    games->count += games->count < PROGRESS_GAMES;
}

double progress_games_plies(const struct progress_games *games)
{
    double sum = 0;
    for (int i = 0; i < games->count; i++)
        sum += games->plies[i];
    return games->count ? sum / games->count : 0;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

double progress_games_diversity(const struct progress_games *games)
{
    if (games->count < 20)
        return -1;
    uint64_t sorted[PROGRESS_GAMES];
    memcpy(sorted, games->openings, sizeof sorted);
    qsort(sorted, (size_t)games->count, sizeof *sorted, compare);
    int distinct = 1;
    for (int i = 1; i < games->count; i++)
        distinct += sorted[i] != sorted[i - 1];
    return (double)distinct / games->count;
}

char *progress_duration(double seconds, char buffer[32])
{
    int64_t s = (int64_t)fmax(seconds, 0);
    if (s < 60)
        g_snprintf(buffer, 32, "%d s", (int)s);
    else if (s < 3600)
        g_snprintf(buffer, 32, "%d min %02d s", (int)(s / 60), (int)(s % 60));
    else
        g_snprintf(buffer, 32, "%d h %02d min", (int)(s / 3600), (int)(s / 60 % 60));
    return buffer;
}

static void add_figure(cJSON *object, const char *name, bool known, float loss)
{
    if (known && isfinite(loss))
        cJSON_AddNumberToObject(object, name, loss);
    else
        cJSON_AddNullToObject(object, name);
}

static void add_loss(cJSON *object, const char *name, const struct progress_report *report, float loss)
{
    add_figure(object, name, report->has_losses, loss);
}

static void add_losses(cJSON *object, const struct progress_report *report)
{
    cJSON *losses = cJSON_AddObjectToObject(object, "losses");
    for (int t = 0; t < NET_TARGETS; t++)
        /* Without those that the net does not have. */
        if (!net_targets[t].horizon || (report->has_losses && isfinite(report->losses.target[t])))
            add_loss(losses, net_targets[t].name, report, report->losses.target[t]);
}

static void add_elo(cJSON *object, const struct progress_report *r)
{
    const struct rating *elo = &r->elo;
    static const char *const names[] = {"elo", "elo_low", "elo_high"};
    const double values[] = {elo->elo, elo->low, elo->high};
    for (int i = 0; i < 3; i++)
        if (elo->known)
            cJSON_AddNumberToObject(object, names[i], round(values[i]));
        else
            cJSON_AddNullToObject(object, names[i]);
    if (elo->known)
        cJSON_AddNumberToObject(object, "elo_generation", r->elo_generation);
}

static void print_json(FILE *out, const struct progress_report *r)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "seconds", round(r->seconds * 10) / 10);
    cJSON_AddNumberToObject(object, "games", (double)r->games);
    cJSON_AddNumberToObject(object, "positions", (double)r->positions);
    cJSON_AddNumberToObject(object, "evals_per_s", round(r->evals_per_s));
    cJSON_AddNumberToObject(object, "games_per_s", round(r->games_per_s * 100) / 100);
    cJSON_AddNumberToObject(object, "rows", (double)r->rows);
    cJSON_AddNumberToObject(object, "steps", (double)r->steps);
    cJSON_AddNumberToObject(object, "samples", (double)r->samples);
    add_loss(object, "loss", r, r->losses.total);
    add_loss(object, "policy_loss", r, r->losses.target[NET_TARGET_POLICY]);
    add_loss(object, "value_loss", r, r->losses.target[NET_TARGET_VALUE]);
    add_figure(object, "unseen_policy_loss", r->has_unseen, r->unseen.target[NET_TARGET_POLICY]);
    add_figure(object, "unseen_value_loss", r->has_unseen, r->unseen.target[NET_TARGET_VALUE]);
    add_loss(object, "map_loss", r, r->losses.target[NET_TARGET_MAP]);
    add_loss(object, "grad_norm", r, r->losses.grad_norm);
    cJSON_AddNumberToObject(object, "generation", r->generation);
    if (r->visits > 0)
        cJSON_AddNumberToObject(object, "visits", (double)r->visits);
    if (r->opponent_visits > 0) {
        cJSON_AddNumberToObject(object, "opponent_visits", (double)r->opponent_visits);
        add_figure(object, "opponent_score", r->opponent_score >= 0, (float)r->opponent_score);
    }
    add_elo(object, r);
    cJSON_AddNumberToObject(object, "plies_per_game", round(r->plies_per_game * 10) / 10);
    if (r->diversity >= 0)
        cJSON_AddNumberToObject(object, "diversity", round(r->diversity * 1000) / 1000);
    if (r->seconds_left >= 0)
        cJSON_AddNumberToObject(object, "seconds_left", round(r->seconds_left));
    cJSON_AddNumberToObject(object, "memory_mb", round(r->memory / 1e5) / 10);
    cJSON_AddNumberToObject(object, "disk_mb", round(r->disk / 1e5) / 10);
    add_losses(object, r);
    char *text = cJSON_PrintUnformatted(object);
    fprintf(out, "%s\n", text);
    cJSON_free(text);
    cJSON_Delete(object);
}

static void append_losses(GString *line, const struct progress_report *r)
{
    if (r->has_losses)
        g_string_append_printf(line, " | loss %.3f (policy %.3f, value %.3f", r->losses.total,
                               r->losses.target[NET_TARGET_POLICY], r->losses.target[NET_TARGET_VALUE]);
    else if (r->rows < r->first_rows)
        g_string_append_printf(line, " | collecting games: %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " rows", r->rows,
                               r->first_rows);
    else
        g_string_append(line, " | collecting games");
    if (r->has_losses && r->has_unseen)
        g_string_append_printf(line, "; new games %.3f, %.3f", r->unseen.target[NET_TARGET_POLICY],
                               r->unseen.target[NET_TARGET_VALUE]);
    g_string_append(line, r->has_losses ? ")" : "");
}

static void append_games(GString *line, const struct progress_report *r)
{
    g_string_append_printf(line, " | %.0f plies/game", r->plies_per_game);
    if (r->diversity < 0)
        return;
    g_string_append_printf(line, ", openings %.0f %% distinct", 100 * r->diversity);
    if (r->diversity < PROGRESS_DIVERSITY_ALARM)
        g_string_append(line, " (TOO LOW: raise opening_plies or temperature)");
}

/* ---- on a terminal ---- */

enum { BAR = 20, COLUMNS = 80 };

static void append_bar(GString *line, const struct progress_report *r)
{
    char duration[32];
    double part = r->seconds / fmax(r->seconds + r->seconds_left, 1e-3);
    int full = (int)(part * BAR);
    g_string_append_c(line, '[');
    for (int i = 0; i < BAR; i++)
        g_string_append_c(line, i < full ? '#' : '-');
    g_string_append_printf(line, "] %.0f %%, %s left", 100 * part, progress_duration(r->seconds_left, duration));
}

/* Unless the line would be too long. */
static void append_if_fits(GString *line, int columns, const char *text)
{
    if ((int)(line->len + strlen(text)) < columns)
        g_string_append(line, text);
}

char *progress_live(const struct progress_report *r, int columns)
{
    char text[96], duration[32];
    GString *line = g_string_new(NULL);
    if (r->seconds_left >= 0)
        append_bar(line, r);
    else
        g_string_append(line, progress_duration(r->seconds, duration));
    g_snprintf(text, sizeof text, " | %" G_GINT64_FORMAT " games, %.1f/s", r->games, r->games_per_s);
    append_if_fits(line, columns, text);
    if (r->has_losses)
        g_snprintf(text, sizeof text, " | policy %.3f, value %.3f", r->losses.target[NET_TARGET_POLICY],
                   r->losses.target[NET_TARGET_VALUE]);
    else
        g_snprintf(text, sizeof text, " | %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " rows", r->rows, r->first_rows);
    append_if_fits(line, columns, r->has_losses || r->rows < r->first_rows ? text : "");
    g_snprintf(text, sizeof text, " | gen %u", r->generation);
    append_if_fits(line, columns, text);
    g_snprintf(text, sizeof text, " | Elo %.0f (%.0f..%.0f)", r->elo.elo, r->elo.low, r->elo.high);
    append_if_fits(line, columns, r->elo.known ? text : "");
    g_snprintf(text, sizeof text, " | %.0f %% against opponent (%d visits)", 100 * r->opponent_score,
               (int)r->opponent_visits);
    append_if_fits(line, columns, r->opponent_visits > 0 && r->opponent_score >= 0 ? text : "");
    if (r->diversity >= 0 && r->diversity < PROGRESS_DIVERSITY_ALARM)
        append_if_fits(line, columns, " | FEW OPENINGS");
    return g_string_free(line, FALSE);
}

static void print_live(FILE *out, const struct progress_report *r)
{
    struct winsize size;
    bool known = ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    char *line = progress_live(r, known ? size.ws_col : COLUMNS);
    fprintf(out, "\r\033[K%s", line);
    g_free(line);
}

void progress_print(FILE *out, enum progress_style style, const struct progress_report *r)
{
    if (style != PROGRESS_PLAIN) {
        if (style == PROGRESS_JSON)
            print_json(out, r);
        else
            print_live(out, r);
        fflush(out);
        return;
    }
    char duration[32];
    GString *line = g_string_new(NULL);
    g_string_append_printf(line, "%s: %" G_GINT64_FORMAT " games, %" G_GINT64_FORMAT " positions, %.1f games/s",
                           progress_duration(r->seconds, duration), r->games, r->positions, r->games_per_s);
    g_string_append_printf(line, ", %.0f evals/s | %.1f samples/row", r->evals_per_s,
                           r->rows ? (double)r->samples / (double)r->rows : 0);
    append_losses(line, r);
    append_games(line, r);
    g_string_append_printf(line, " | gen %u", r->generation);
    if (r->elo.known)
        g_string_append_printf(line, " | Elo of gen %u: %.0f (%.0f..%.0f)", r->elo_generation, r->elo.elo, r->elo.low,
                               r->elo.high);
    if (r->opponent_visits > 0)
        g_string_append_printf(line, " | opponent at %" G_GINT64_FORMAT " visits", r->opponent_visits);
    if (r->opponent_visits > 0 && r->opponent_score >= 0)
        g_string_append_printf(line, ", %.0f %% against it", 100 * r->opponent_score);
    if (r->roll_backs)
        g_string_append_printf(line, ", %d roll-backs", r->roll_backs);
    if (r->seconds_left >= 0)
        g_string_append_printf(line, " | %s left", progress_duration(r->seconds_left, duration));
    fprintf(out, "%s\n", line->str);
    fflush(out);
    g_string_free(line, TRUE);
}

void progress_estimate(FILE *out, const struct progress_report *began, const struct progress_report *r)
{
    if (r->seconds_left < 0 || r->seconds <= 0)
        return;
    double factor = r->seconds_left / r->seconds, games = factor * (double)(r->games - began->games),
           positions = factor * (double)(r->positions - began->positions);
    char duration[32];
    fprintf(out,
            "At this rate, the remaining %s will add about %.0f games and %.0f positions (%.0f and %.0f in total).\n",
            progress_duration(r->seconds_left, duration), games, positions, (double)r->games + games,
            (double)r->positions + positions);
    fflush(out);
}
