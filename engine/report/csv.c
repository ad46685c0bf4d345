/* The whole report as one table, made from the JSON object, so that both have the same contents. */
#include <cjson/cJSON.h>

#include "engine/match/report/report.h"
#include "engine/report/report.h"

static void print_value(FILE *out, const cJSON *value)
{
    char *text = cJSON_IsString(value) || cJSON_IsNull(value) ? NULL : cJSON_PrintUnformatted(value);
    if (cJSON_IsString(value))
        match_print_csv_field(out, value->valuestring);
    else if (text)
        fputs(text, out);
    putc('\n', out);
    cJSON_free(text);
}

/* A figure, or those of an object within the entry, as "outer.inner". */
static void print_figure(FILE *out, const char *part, int row, const char *name,
                         const cJSON *value) /* NOLINT(misc-no-recursion): as deep as the object */
{
    if (cJSON_IsObject(value) || cJSON_IsArray(value)) {
        int index = 0;
        const cJSON *inner;
        cJSON_ArrayForEach(inner, value)
        {
            char *number = g_strdup_printf("%d", ++index);
            char *path = g_strconcat(name, *name ? "." : "", inner->string ? inner->string : number, NULL);
            print_figure(out, part, row, path, inner);
            g_free(path);
            g_free(number);
        }
        return;
    }
    fprintf(out, "%s,%d,", part, row);
    match_print_csv_field(out, name);
    putc(',', out);
    print_value(out, value);
}

void report_print_csv(const struct report *report, FILE *out)
{
    cJSON *object = report_json(report);
    const cJSON *member, *entry;
    fputs("part,row,name,value\n", out);
    cJSON_ArrayForEach(member, object)
    {
        int row = 0;
        if (cJSON_IsArray(member)) {
            cJSON_ArrayForEach(entry, member)
                print_figure(out, member->string, ++row, cJSON_IsObject(entry) ? "" : "value", entry);
        } else if (cJSON_IsObject(member)) {
            print_figure(out, member->string, 1, "", member);
        } else {
            print_figure(out, "run", 1, member->string, member);
        }
    }
    cJSON_Delete(object);
}
