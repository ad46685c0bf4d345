/* The page of a run. */
#include "engine/page/page.h"
#include "engine/report/html/html.h"
#include "engine/report/report.h"

static void (*const sections[])(FILE *, const struct report *) = {html_strength,  html_lineage,     html_learning,
                                                                  html_self_play, html_openings,    html_picks,
                                                                  html_speed,     html_checkpoints, html_settings};

void report_print_html(const struct report *report, FILE *out)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" "
          "content=\"width=device-width, "
          "initial-scale=1\"/><title>",
          out);
    page_print_escaped(out, report->name);
    fprintf(out, " – Tengen</title><style>\n%s</style></head><body>\n<section><button id=\"lang\">中文</button>\n",
            html_style);
    html_head(out, report);
    for (size_t i = 0; i < G_N_ELEMENTS(sections); i++)
        sections[i](out, report);
    /* The marks keep the script out of the way of XML. */
    fputs("</section>\n<script>//<![CDATA[\n", out);
    html_data(out, report);
    fprintf(out, "%s%s//]]></script></body></html>\n", page_board_script, html_script);
}
