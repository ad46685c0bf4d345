/* The report as one self-contained HTML page: no network access, no other files. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/match/count.h"
#include "engine/match/game.h"
#include "engine/match/journal.h"
#include "engine/match/match.h"
#include "engine/match/report/report.h"
#include "engine/match/setup.h"
#include "engine/match/statistics/rating.h"
#include "engine/page/page.h"
#include "games/game.h"

enum { MAX_BOARDS = 3000 /* games embedded in the page, at some 500 bytes each */ };

static const char style[] =
    "body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em;color:#222;background:#fff}"
    "table{border-collapse:collapse;margin:.5em 0 1.5em}td,th{padding:.25em .6em;border-bottom:1px solid #ddd;"
    "text-align:right;white-space:nowrap}td.l,th.l{text-align:left}td.self{background:#eee}h1{font-size:1.5em}"
    "h2{font-size:1.15em;margin-top:1.6em}.w{color:#666}tr.g{cursor:pointer}tr.g:hover{background:#f4f0e4}"
    "tr.on,tr.on:hover{background:#e6c27a}.wide,pre{overflow-x:auto}"
    "#both{display:flex;flex-wrap:wrap;gap:1.5em;align-items:flex-start}"
    "#games{max-height:34em;overflow:auto;min-width:0}#view{order:-1;min-width:16em}#view[hidden]{display:none}"
    "#title{margin:.2em 0}#view p{margin:.4em 0}svg{max-width:100%}svg text{font:13px system-ui,sans-serif}"
    "#graph{cursor:pointer}button{font:inherit;padding:.1em .7em}";

/* Steps through a game: each move carries the points that it changes, as page_list_changes lists them. A move is a point index, or a
 * string (pass, swap ...). The graph below the board shows each side's value from the first player's view; a click goes to that
 * move. */
static const char script[] =
    "const $=i=>document.getElementById(i);let game=null,at=0;\n"
    "function board(){const b=new Array(T.width*T.height).fill(0);let last=-1;const put=x=>{b[(x-x%3)/3]=x%3};\n"
    " T.setup.forEach(put);\n"
    " for(let i=0;i<at;i++){game.c[i].forEach(put);if(typeof game.m[i]==='number')last=game.m[i]}return[b,last]}\n"
    "function draw(){const[b,last]=board();$('board').innerHTML=boardSvg(T,b,last);graph(boardWidth(T));\n"
    " const t=at?game.t[at-1]:null,e=at?game.v[at-1]:null,m=at?game.m[at-1]:'';\n"
    " $('info').textContent=`move ${at} of ${game.m.length}`+(typeof m==='string'&&m?`: ${m}`:'')+\n"
    "  (t?`, ${(t/1000).toFixed(2)} s`:'')+(e!==null&&e!==undefined?`, value for the mover ${e.toFixed(2)}`:'')}\n"
    "function graph(w){const n=game.m.length,h=70,x=i=>w*(i+1)/(n+1);let s=`<path d=\"M0 ${h/2}H${w}\" "
    "stroke=\"#bbb\"/>`;\n"
    " for(const side of[0,1]){let d='';for(let i=0;i<n;i++)if(game.v[i]!==null&&game.s[i]===side)\n"
    "   d+=(d?'L':'M')+x(i).toFixed(1)+' '+(h/2-(side?-1:1)*game.v[i]*(h/2-3)).toFixed(1);\n"
    "  s+=`<path d=\"${d}\" fill=\"none\" stroke=\"${side?'#c63':'#357'}\" stroke-width=\"1.5\"/>`}\n"
    " if(at)s+=`<path d=\"M${x(at-1)} 0V${h}\" stroke=\"#222\"/>`;\n"
    " $('graph').hidden=game.v.every(v=>v===null);\n"
    " $('graph').innerHTML=`<svg viewBox=\"0 0 ${w} ${h}\" width=\"${w}\" style=\"background:#f6f6f6\">${s}</svg>`+\n"
    "  '<p class=w>Value according to <span style=\"color:#357\">the first</span> and <span style=\"color:#c63\">the "
    "second</span> "
    "'+\n"
    "  'player; up favours the first.</p>';\n"
    " const e=$('graph').firstChild;e.onclick=c=>{const r=e.getBoundingClientRect();\n"
    "  step(Math.round((c.clientX-r.left)/r.width*(n+1))-at)}}\n"
    "function show(row){const g=T.games[row.dataset.i];if(!g)return;game=g;at=g.m.length;$('view').hidden=false;\n"
    " document.querySelectorAll('tr.on').forEach(r=>r.classList.remove('on'));row.classList.add('on');\n"
    " $('title').textContent=game.title;$('how').textContent=game.how;draw()}\n"
    "function step(d){if(game){at=Math.max(0,Math.min(game.m.length,at+d));draw()}}\n"
    "document.addEventListener('keydown',e=>{if(e.key==='ArrowLeft')step(-1);if(e.key==='ArrowRight')step(1)});\n"
    "document.querySelectorAll('tr.g').forEach((r,i)=>{r.onclick=()=>show(r);if(!i)show(r)});\n";

/* ---- standings and crosstable ---- */

/* Whether any player's name differs from its spec. */
static bool has_names(const struct match_table *table)
{
    bool has = false;
    for (int i = 0; i < table->n; i++)
        has = has || strcmp(table->setup->players[i].name, table->setup->players[i].spec) != 0;
    return has;
}

static void print_standings(const struct match_table *table, FILE *out)
{
    bool named = has_names(table);
    fputs("<h2>Standings</h2><div class=wide><table><tr><th></th><th "
          "class=l>player</th><th>games</th><th>wins</th><th>draws</th>"
          "<th>losses</th><th>score</th><th>Elo</th><th>95 %</th>",
          out);
    fputs(named ? "<th class=l>spec</th></tr>\n" : "</tr>\n", out);
    for (int i = 0; i < table->n; i++) {
        int p = table->standing[i];
        const struct match_score *s = &table->total[p];
        const struct rating *r = &table->ratings.ratings[p];
        fprintf(out, "<tr><td>%d</td><td class=l>", i + 1);
        page_print_escaped(out, match_table_name(table, p));
        fprintf(out, "%s</td><td>%d</td><td>%d</td><td>%d</td><td>%d</td>",
                table->report->withdrawn[p] ? " <span class=w>(withdrawn)</span>" : "", s->games, s->wins, s->draws,
                s->losses);
        if (s->games)
            fprintf(out, "<td>%.1f %%</td>", 100 * match_mean_score(s));
        else
            fputs("<td></td>", out);
        if (r->known)
            fprintf(out, "<td>%.0f</td><td>%.0f..%.0f</td>", r->elo, r->low, r->high);
        else
            fputs("<td></td><td></td>", out);
        if (named) {
            fputs("<td class=l>", out);
            page_print_escaped(out, table->setup->players[p].spec);
            fputs("</td>", out);
        }
        fputs("</tr>\n", out);
    }
    fputs("</table></div>\n", out);
}

static void print_cross(const struct match_table *table, FILE *out)
{
    fputs("<h2>Crosstable</h2><p class=w>Points of the row player against the column player / games; below, the "
          "probability that the row player is stronger.</p><div class=wide><table><tr><th></th><th></th>",
          out);
    for (int i = 0; i < table->n; i++)
        fprintf(out, "<th>%d</th>", i + 1);
    fputs("</tr>\n", out);
    for (int i = 0; i < table->n; i++) {
        int a = table->standing[i];
        fprintf(out, "<tr><td>%d</td><td class=l>", i + 1);
        page_print_escaped(out, match_table_name(table, a));
        fputs("</td>", out);
        for (int j = 0; j < table->n; j++) {
            int b = table->standing[j];
            const struct match_score *s = &table->cross[a * table->n + b];
            if (a == b)
                fputs("<td class=self></td>", out);
            else if (!s->games)
                fputs("<td></td>", out);
            else
                fprintf(out, "<td>%g/%d<br><span class=w>%.1f %%</span></td>", s->wins + s->draws / 2.0, s->games,
                        100 * rating_superiority(&table->ratings, a, b));
        }
        fputs("</tr>\n", out);
    }
    fputs("</table></div>\n", out);
}

/* ---- rating plot ---- */

static void print_truncated(const char *name, FILE *out)
{
    enum { MAX_LENGTH = 28 };
    bool fits = g_utf8_strlen(name, -1) <= MAX_LENGTH;
    char *start = g_utf8_substring(name, 0, fits ? g_utf8_strlen(name, -1) : MAX_LENGTH - 1);
    page_print_escaped(out, start);
    fputs(fits ? "" : "…", out);
    g_free(start);
}

static void print_plot(const struct match_table *table, FILE *out)
{
    enum { ROW = 26, LEFT = 220, WIDTH = 820, TOP = 10 };
    double low = INFINITY, high = -INFINITY;
    int rows = 0;
    for (int i = 0; i < table->n; i++)
        if (table->ratings.ratings[i].known) {
            low = fmin(low, table->ratings.ratings[i].low);
            high = fmax(high, table->ratings.ratings[i].high);
            rows++;
        }
    if (!rows)
        return;
    double margin = fmax((high - low) * 0.03, 5);
    low -= margin;
    high += margin;
    double step = page_grid_step(high - low);
    int height = TOP + rows * ROW + 30;
    fprintf(out,
            "<h2>Ratings</h2><svg viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\" aria-label=\"Elo with 95 %% "
            "intervals\">\n",
            WIDTH, height, WIDTH);
    int first = (int)ceil(low / step), last = (int)floor(high / step);
    for (int i = first; i <= last; i++) {
        double x = i * step;
        double at = LEFT + (x - low) / (high - low) * (WIDTH - LEFT - 20);
        fprintf(
            out,
            "<path d=\"M%.1f %d V%d\" stroke=\"#ddd\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f</text>\n",
            at, TOP, height - 22, at, height - 6, x + 0.0);
    }
    for (int i = 0, y = TOP + ROW / 2; i < table->n; i++) {
        const struct rating *r = &table->ratings.ratings[table->standing[i]];
        if (!r->known)
            continue;
        double scale = (WIDTH - LEFT - 20) / (high - low);
        fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", LEFT - 10, y + 4);
        print_truncated(match_table_name(table, table->standing[i]), out);
        fprintf(out,
                "</text><path d=\"M%.1f %d H%.1f\" stroke=\"#357\" stroke-width=\"3\"/><circle cx=\"%.1f\" cy=\"%d\" "
                "r=\"5\" fill=\"#357\"/>\n",
                LEFT + (r->low - low) * scale, y, LEFT + (r->high - low) * scale, LEFT + (r->elo - low) * scale, y);
        y += ROW;
    }
    fputs("</svg>\n", out);
}

/* ---- games ---- */

struct boards {
    const struct match_table *table;
    cJSON *games;
};

static const char *const results[] = {"", "1-0", "0-1", "draw"};

static char *how_text(const struct match_table *table, const struct match_record *r)
{
    bool lost = match_is_fault(r->end) || r->end == MATCH_RESIGNED;
    GString *text = g_string_new(match_end_names[r->end]);
    if (lost)
        g_string_append_printf(text, ", by %s", match_table_name(table, r->side[r->loser]));
    else if (r->margin != 0)
        g_string_append_printf(text, ", by %g points", fabs((double)r->margin));
    if (r->reason)
        g_string_append_printf(text, ": %s", r->reason);
    return g_string_free(text, FALSE);
}

static void add_board(int number, const struct match_record *stored, const struct match_game *game, void *data)
{
    struct boards *boards = data;
    const struct match_table *table = boards->table;
    const struct game *rules = &table->setup->game;
    (void)stored;
    if (number < 0 || number >= table->report->count || number >= MAX_BOARDS || !table->report->records[number].done)
        return;
    const struct match_record *r = &table->report->records[number];
    cJSON *object = cJSON_CreateObject(), *moves = cJSON_CreateArray(), *times = cJSON_CreateArray(),
          *values = cJSON_CreateArray(), *sides = cJSON_CreateArray(), *changes = cJSON_CreateArray();
    uint8_t stones[GAME_MAX_POINTS] = {0};
    char text[GAME_MOVE_TEXT_MAX];
    union any_position at;
    game_init(rules, &at.p);
    cJSON_Delete(page_list_changes(rules, &at.p, stones)); /* the page has them as its setup */
    for (int i = 0; i < game->plies; i++) {
        bool known = isfinite(game->info[i].value);
        cJSON_AddItemToArray(moves, game->moves[i] < rules->points
                                        ? cJSON_CreateNumber(game->moves[i])
                                        : cJSON_CreateString(game_move_format(rules, game->moves[i], text)));
        cJSON_AddItemToArray(times, cJSON_CreateNumber(game->info[i].time_ms));
        cJSON_AddItemToArray(values, known ? cJSON_CreateNumber(round((double)game->info[i].value * 100) / 100)
                                           : cJSON_CreateNull());
        cJSON_AddItemToArray(sides, cJSON_CreateNumber(at.p.player));
        game_play(rules, &at.p, NULL, game->moves[i]);
        cJSON_AddItemToArray(changes, page_list_changes(rules, &at.p, stones));
    }
    char *title = g_strdup_printf("Game %d: %s - %s, %s", number + 1, match_table_name(table, r->side[0]),
                                  match_table_name(table, r->side[1]), results[r->outcome]);
    char *how = how_text(table, r), *key = g_strdup_printf("%d", number);
    cJSON_AddStringToObject(object, "title", title);
    cJSON_AddStringToObject(object, "how", how);
    cJSON_AddItemToObject(object, "m", moves);
    cJSON_AddItemToObject(object, "c", changes);
    cJSON_AddItemToObject(object, "t", times);
    cJSON_AddItemToObject(object, "v", values);
    cJSON_AddItemToObject(object, "s", sides);
    cJSON_AddItemToObject(boards->games, key, object);
    g_free(title);
    g_free(how);
    g_free(key);
}

static bool print_boards(const struct match_table *table, FILE *out, GError **error)
{
    const struct game *game = &table->setup->game;
    cJSON *data = cJSON_CreateObject();
    page_add_board(data, game);
    struct boards boards = {table, cJSON_AddObjectToObject(data, "games")};
    bool good = !table->setup->journal || journal_visit(table->setup->journal, add_board, &boards, error);
    fputs("<script>\n", out);
    page_print_data(out, data);
    fputs(page_board_script, out);
    fputs(script, out);
    fputs("</script>\n", out);
    cJSON_Delete(data);
    return good;
}

static void print_games(const struct match_table *table, FILE *out)
{
    const struct match_report *report = table->report;
    fputs("<h2>Games</h2><p class=w>Click a game to show it; step through it with the arrow keys.</p><div id=both>"
          "<div id=games><table>"
          "<tr><th>game</th><th class=l>first</th><th class=l>second</th><th>result</th><th>plies</th><th "
          "class=l>ended</th>"
          "</tr>\n",
          out);
    for (int i = 0; i < report->count; i++) {
        const struct match_record *r = &report->records[i];
        if (!r->done)
            continue;
        char *how = how_text(table, r);
        fprintf(out, "<tr class=g data-i=%d><td>%d</td><td class=l>", i, i + 1);
        page_print_escaped(out, match_table_name(table, r->side[0]));
        fputs("</td><td class=l>", out);
        page_print_escaped(out, match_table_name(table, r->side[1]));
        fprintf(out, "</td><td>%s</td><td>%d</td><td class=l>", results[r->outcome], r->plies);
        page_print_escaped(out, how);
        fputs("</td></tr>\n", out);
        g_free(how);
    }
    fputs("</table></div><div id=view hidden><h3 id=title></h3><p id=how></p><div id=board></div><p id=info></p>"
          "<button onclick=\"step(-1e9)\">|&lt;</button> <button onclick=\"step(-1)\">&lt;</button> "
          "<button onclick=\"step(1)\">&gt;</button> <button onclick=\"step(1e9)\">&gt;|</button>"
          "<div id=graph></div></div></div>\n",
          out);
    if (report->count > MAX_BOARDS)
        fprintf(out, "<p class=w>This page shows the first %d games; the folder games has all of them.</p>\n",
                MAX_BOARDS);
}

bool match_print_html(const struct match_table *table, FILE *out, GError **error)
{
    char spec[GAME_SPEC_MAX], *text = NULL;
    size_t length = 0;
    game_format(&table->setup->game, spec);
    fputs(
        "<!DOCTYPE html>\n<html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>",
        out);
    page_print_escaped(out, spec);
    fprintf(out, " tournament</title><style>%s</style>\n<h1>Tournament of ", style);
    page_print_escaped(out, spec);
    fprintf(out, "</h1><p>%d games, seed %" G_GUINT64_FORMAT "%s.</p>\n", table->report->done,
            table->setup->config.seed, table->report->finished ? "" : ", not finished");
    print_standings(table, out);
    print_cross(table, out);
    print_plot(table, out);
    FILE *report = open_memstream(&text, &length);
    match_print_text(table, report);
    fclose(report);
    fputs("<h2>Text report</h2><pre>", out);
    page_print_escaped(out, text);
    fputs("</pre>\n", out);
    free(text);
    print_games(table, out);
    return print_boards(table, out, error);
}
