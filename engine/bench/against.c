#include "engine/bench/against.h"

#include <cjson/cJSON.h>

#include "engine/bench/bench.h"
#include "games/game.h"

struct bench_against {
    GHashTable *values; /* full identification of a figure -> double */
    int found, slower;
};

static char *full_name(const char *part, const char *name, const char *game, const char *net, const char *dtype,
                       int batch, int threads, const char *unit)
{
    return g_strdup_printf("%s|%s|%s|%s|%s|%d|%d|%s", part, name, game, net ? net : "", dtype ? dtype : "", batch,
                           threads, unit);
}

static const char *text_of(const cJSON *line, const char *field)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(line, field);
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

static bool number_of(const cJSON *line, const char *field, double *out)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(line, field);
    if (!cJSON_IsNumber(item))
        return false;
    *out = item->valuedouble;
    return true;
}

static bool add_line(struct bench_against *against, const char *text)
{
    cJSON *line = cJSON_Parse(text);
    static const char *const fields[] = {"part", "name", "game", "net", "dtype", "unit"};
    const char *texts[G_N_ELEMENTS(fields)];
    double batch = 0, threads = 0, value = 0;
    bool good = number_of(line, "batch", &batch) && number_of(line, "threads", &threads) &&
                number_of(line, "value", &value) && value > 0 && batch >= 0 && batch <= 1e6 && threads >= 0 &&
                threads <= 1e6;
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        good &= (texts[i] = text_of(line, fields[i])) != NULL;
    if (good) {
        double *kept = g_new(double, 1);
        *kept = value;
        g_hash_table_replace(
            against->values,
            full_name(texts[0], texts[1], texts[2], texts[3], texts[4], (int)batch, (int)threads, texts[5]), kept);
    }
    cJSON_Delete(line);
    return good;
}

int bench_against_open(struct bench_against **out, const char *path, GError **error)
{
    char *text;
    *out = NULL;
    if (!g_file_get_contents(path, &text, NULL, error)) {
        g_prefix_error(error, "--against: ");
        return -1;
    }
    struct bench_against *against = g_new0(struct bench_against, 1);
    against->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    char **lines = g_strsplit(text, "\n", -1);
    int wrong = 0;
    for (int i = 0; lines[i] && !wrong; i++)
        if (*g_strstrip(lines[i]) && !add_line(against, lines[i]))
            wrong = i + 1;
    g_strfreev(lines);
    g_free(text);
    if (!wrong && g_hash_table_size(against->values)) {
        *out = against;
        return 0;
    }
    if (wrong)
        g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC,
                    "%s, line %d: not a benchmark figure; create the file with `bench --json > FILE`", path, wrong);
    else
        g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "%s is empty; create the file with `bench --json > FILE`",
                    path);
    bench_against_close(against);
    return -1;
}

void bench_against_close(struct bench_against *against)
{
    if (!against)
        return;
    g_hash_table_destroy(against->values);
    g_free(against);
}

double bench_against_value(struct bench_against *against, const char *game_spec, const struct bench_figure *figure,
                           double percent)
{
    char *name = full_name(figure->part, figure->name, game_spec, figure->net, figure->dtype, figure->batch,
                           figure->threads, figure->unit);
    const double *value = g_hash_table_lookup(against->values, name);
    g_free(name);
    if (!value)
        return 0;
    against->found++;
    against->slower += percent > 0 && figure->value < *value * (1 - percent / 100);
    return *value;
}

int bench_against_found(const struct bench_against *against)
{
    return against->found;
}
int bench_against_slower(const struct bench_against *against)
{
    return against->slower;
}
