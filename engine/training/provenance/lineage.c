#include "engine/training/provenance/lineage.h"

#include <cjson/cJSON.h>
#include <math.h>

#include "engine/ladder/ladder.h"
#include "engine/match/statistics/rating.h"
#include "engine/store/store.h"

static double number_of(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(item) && isfinite(item->valuedouble) ? item->valuedouble : 0;
}

/* A count, as numbers of JSON hold it exactly. */
static int64_t count_of(const cJSON *object, const char *name)
{
    return (int64_t)CLAMP(number_of(object, name), 0, 1e15);
}

static void read_text(const cJSON *object, const char *name, char text[LINEAGE_NAME])
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    g_strlcpy(text, cJSON_IsString(item) ? item->valuestring : "", LINEAGE_NAME);
    const char *end;
    if (!g_utf8_validate(text, -1, &end))
        text[end - text] = '\0';
    for (char *c = text; *c; c++)
        if (g_ascii_iscntrl(*c))
            *c = '?';
}

static void read_run(const cJSON *object, struct lineage_run *run)
{
    const cJSON *point;
    read_text(object, "run", run->name);
    read_text(object, "anchor", run->anchor);
    run->games = count_of(object, "games");
    run->rows = count_of(object, "rows");
    run->steps = count_of(object, "steps");
    run->seconds = fmax(0, number_of(object, "seconds"));
    run->processor_seconds = fmax(0, number_of(object, "processor_seconds"));
    cJSON_ArrayForEach(point, cJSON_GetObjectItemCaseSensitive(object, "ratings"))
    {
        if (run->count < LINEAGE_POINTS && cJSON_IsObject(point))
            run->points[run->count++] = (struct lineage_point){number_of(point, "seconds"), number_of(point, "elo"),
                                                               number_of(point, "low"), number_of(point, "high")};
    }
}

GArray *lineage_parse(const char *text)
{
    GArray *runs = g_array_new(FALSE, FALSE, sizeof(struct lineage_run));
    cJSON *all = cJSON_Parse(text), *object;
    cJSON_ArrayForEach(object, all)
    {
        struct lineage_run run = {0};
        if (!cJSON_IsObject(object) || runs->len == LINEAGE_RUNS)
            continue;
        read_run(object, &run);
        g_array_append_val(runs, run);
    }
    cJSON_Delete(all);
    return runs;
}

GArray *lineage_parse_before(const char *text)
{
    GArray *runs = lineage_parse(text);
    return runs->len > 0 ? g_array_set_size(runs, runs->len - 1) : runs;
}

static cJSON *run_json(const struct lineage_run *run)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "run", run->name);
    cJSON_AddNumberToObject(object, "games", (double)run->games);
    cJSON_AddNumberToObject(object, "rows", (double)run->rows);
    cJSON_AddNumberToObject(object, "steps", (double)run->steps);
    cJSON_AddNumberToObject(object, "seconds", round(run->seconds));
    cJSON_AddNumberToObject(object, "processor_seconds", round(run->processor_seconds));
    if (run->count == 0)
        return object;
    cJSON_AddStringToObject(object, "anchor", run->anchor);
    cJSON *points = cJSON_AddArrayToObject(object, "ratings");
    for (int i = 0; i < run->count; i++) {
        cJSON *point = cJSON_CreateObject();
        cJSON_AddNumberToObject(point, "seconds", round(run->points[i].seconds));
        cJSON_AddNumberToObject(point, "elo", round(run->points[i].elo));
        cJSON_AddNumberToObject(point, "low", round(run->points[i].low));
        cJSON_AddNumberToObject(point, "high", round(run->points[i].high));
        cJSON_AddItemToArray(points, point);
    }
    return object;
}

cJSON *lineage_json(const GArray *runs)
{
    cJSON *all = cJSON_CreateArray();
    for (guint i = runs->len > LINEAGE_RUNS ? runs->len - LINEAGE_RUNS : 0; i < runs->len; i++)
        cJSON_AddItemToArray(all, run_json(&g_array_index(runs, struct lineage_run, i)));
    return all;
}

char *lineage_write(const GArray *runs)
{
    cJSON *all = lineage_json(runs);
    char *printed = cJSON_PrintUnformatted(all), *text = g_strdup(printed);
    cJSON_free(printed);
    cJSON_Delete(all);
    return text;
}

/* Seconds of training at a checkpoint; NAN if it is not known. */
static double seconds_of(const GArray *checkpoints, uint32_t generation)
{
    for (guint i = 0; i < checkpoints->len; i++) {
        const struct store_checkpoint *at = &g_array_index(checkpoints, struct store_listed_checkpoint, i).at;
        if (at->generation == generation)
            return at->seconds;
    }
    return NAN;
}

/* Struct lineage_point of the rated checkpoints, by generation. */
static GArray *points_of(struct store *store, char anchor[LINEAGE_NAME])
{
    GArray *games = store_rung_games(store), *ratings = ladder_rate(games), *checkpoints = store_checkpoints(store);
    GArray *points = g_array_new(FALSE, FALSE, sizeof(struct lineage_point));
    for (guint i = 0; i < ratings->len; i++) {
        const struct ladder_rating *r = &g_array_index(ratings, struct ladder_rating, i);
        const struct lineage_point point = {seconds_of(checkpoints, r->generation), r->rating.elo, r->rating.low,
                                            r->rating.high};
        if (i == 0)
            g_strlcpy(anchor, r->name, LINEAGE_NAME);
        if (!r->name[0] && r->rating.known && isfinite(point.seconds))
            g_array_append_val(points, point);
    }
    g_array_unref(games);
    g_array_unref(ratings);
    g_array_unref(checkpoints);
    return points;
}

void lineage_of_store(struct store *store, const struct store_checkpoint *at, struct lineage_run *run)
{
    *run = (struct lineage_run){.games = at->games,
                                .rows = at->rows,
                                .steps = at->steps,
                                .seconds = at->seconds,
                                .processor_seconds = store_spent(store).seconds};
    char *name = g_path_get_basename(store_folder(store));
    g_strlcpy(run->name, name, sizeof run->name);
    g_free(name);
    GArray *points = points_of(store, run->anchor);
    run->count = (int)MIN(points->len, LINEAGE_POINTS);
    for (int i = 0; i < run->count; i++) /* evenly, with the first and the last */
        run->points[i] = g_array_index(points, struct lineage_point,
                                       run->count == 1 ? 0 : (guint)i * (points->len - 1) / (guint)(run->count - 1));
    g_array_unref(points);
}
