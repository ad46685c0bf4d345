#include "engine/page/page.h"

#include <glib.h>
#include <math.h>

#include "games/game.h"

enum { WOOD = 0xe6c27a };

const char page_board_script[] =
    "const boardStep=S=>Math.max(S.width,S.height)<12?36:24,boardWidth=S=>boardStep(S)*(S.width+1);\n"
    "function boardSvg(S,b,last){const n=S.width,h=S.height,k=boardStep(S);let s='';\n"
    " const w=k*(n+1),v=k*(h+1),o=S.cells?k/2:0;\n"
    " for(let i=1-(o>0)/2;i<=n+(o>0)/2;i++)s+=`<path d=\"M${k*i} ${k-o}V${k*h+o}\" stroke=\"#764\" fill=\"none\"/>`;\n"
    " for(let i=1-(o>0)/2;i<=h+(o>0)/2;i++)s+=`<path d=\"M${k-o} ${k*i}H${k*n+o}\" stroke=\"#764\" fill=\"none\"/>`;\n"
    " for(let i=1;i<=n;i++)s+=`<text x=\"${k*i}\" y=\"${v-2}\" text-anchor=\"middle\">"
    "${'ABCDEFGHJKLMNOPQRSTUVWXYZ'[i-1]}</text>`;\n"
    " for(let i=1;i<=h;i++)s+=`<text x=\"2\" y=\"${k*i+4}\" "
    "style=\"font-size:${Math.min(12,.4*k)}px\">${h+1-i}</text>`;\n"
    " for(let p=0;p<n*h;p++)if(b[p]){const x=k*(p%n+1),y=k*((p-p%n)/n+1);\n"
    "  s+=`<circle cx=\"${x}\" cy=\"${y}\" r=\"${k*(o?.42:.46)}\" fill=\"${b[p]===1?'#111':'#fff'}\" "
    "stroke=\"#111\"/>`;\n"
    "  if(p===last)s+=`<circle cx=\"${x}\" cy=\"${y}\" r=\"4\" fill=\"#c33\"/>`}\n"
    " return`<svg viewBox=\"0 0 ${w} ${v}\" width=\"${w}\" style=\"background:${S.ground}\">${s}</svg>`}\n";

void page_print_escaped(FILE *out, const char *text)
{
    char *escaped = g_markup_escape_text(text ? text : "", -1);
    fputs(escaped, out);
    g_free(escaped);
}

void page_print_data(FILE *out, const cJSON *data)
{
    char *text = cJSON_PrintUnformatted(data);
    fputs("const T=", out);
    for (const char *at = text; *at; at++)
        if (*at == '<')
            fputs("\\u003c", out);
        else
            putc(*at, out);
    fputs(";\n", out);
    cJSON_free(text);
}

double page_grid_step(double range)
{
    double step = pow(10, floor(log10(range / 4)));
    return range / step > 20 ? 5 * step : range / step > 8 ? 2 * step : step;
}

void page_add_board(cJSON *to, const struct game *game)
{
    const struct game_look *look = &game->ops->traits.look;
    union any_position at;
    uint8_t stones[GAME_MAX_POINTS] = {0};
    char ground[8];
    g_snprintf(ground, sizeof ground, "#%06x", look->ground ? look->ground : WOOD);
    game_init(game, &at.p);
    cJSON_AddNumberToObject(to, "width", game->width);
    cJSON_AddNumberToObject(to, "height", game->height);
    cJSON_AddBoolToObject(to, "cells", look->cells);
    cJSON_AddStringToObject(to, "ground", ground);
    cJSON_AddItemToObject(to, "setup", page_list_changes(game, &at.p, stones));
}

cJSON *page_list_changes(const struct game *game, const struct position *position, uint8_t *stones)
{
    cJSON *list = cJSON_CreateArray();
    for (int p = 0; p < game->points; p++) {
        uint8_t stone = (uint8_t)game->ops->stone(game, position, p);
        if (stone != stones[p])
            cJSON_AddItemToArray(list, cJSON_CreateNumber(3 * p + stone));
        stones[p] = stone;
    }
    return list;
}
