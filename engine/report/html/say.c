/* Text in two languages. */
#include <stdarg.h>
#include <string.h>

#include "engine/page/page.h"
#include "engine/report/html/html.h"

static void print_in(FILE *out, const char *language, const char *text)
{
    fprintf(out, "<span lang=\"%s\">", language);
    page_print_escaped(out, text);
    fputs("</span>", out);
}

void html_pair(FILE *out, const char *en, const char *zh)
{
    print_in(out, "en", en);
    print_in(out, "zh", zh);
}

static void say(FILE *out, const char *en, const char *zh, va_list arguments)
    __attribute__((format(printf, 2, 0), format(printf, 3, 0)));
static void say(FILE *out, const char *en, const char *zh, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    char *texts[2] = {g_strdup_vprintf(en, arguments), g_strdup_vprintf(zh, again)};
    va_end(again);
    html_pair(out, texts[0], texts[1]);
    g_free(texts[0]);
    g_free(texts[1]);
}

void html_say(FILE *out, const char *en, const char *zh, ...)
{
    va_list arguments;
    va_start(arguments, zh);
    say(out, en, zh, arguments);
    va_end(arguments);
}

void html_say_in(FILE *out, const char *element, const char *en, const char *zh, ...)
{
    va_list arguments;
    int name = (int)strcspn(element, " ");
    va_start(arguments, zh);
    fprintf(out, "<%s>", element);
    say(out, en, zh, arguments);
    fprintf(out, "</%.*s>\n", name, element);
    va_end(arguments);
}

void html_section(FILE *out, const char *en, const char *zh)
{
    fputs("</section>\n<section>\n", out);
    fputs("<h2>", out);
    html_pair(out, en, zh);
    fputs("</h2>\n", out);
}

void html_cell(FILE *out, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    fputs("<td>", out);
    page_print_escaped(out, text);
    fputs("</td>", out);
    g_free(text);
}

char *html_private(const char *text)
{
    const char *home = g_get_home_dir();
    if (!home || strlen(home) < 2)
        return g_strdup(text);
    char **parts = g_strsplit(text, home, -1), *joined = g_strjoinv("~", parts);
    g_strfreev(parts);
    return joined;
}

const char *html_game_zh(const char *name, const char *title)
{
    static const char *const names[][2] = {
        {"go", "围棋"}, {"gomoku", "五子棋"}, {"connect4", "四子棋"}, {"reversi", "黑白棋"}};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i][0], name) == 0)
            return names[i][1];
    return title;
}
