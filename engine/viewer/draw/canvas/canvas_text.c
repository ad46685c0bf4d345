/* Text, in a font with Latin and Chinese characters found by fontconfig. Rendered lines are cached as textures. */
#include <fontconfig/fontconfig.h>
#include <math.h>

#include "engine/viewer/draw/canvas/canvas.h"
#include "engine/viewer/draw/canvas/canvas_internal.h"
#include "games/game.h"

static FcPattern *wanted_font(void)
{
    FcPattern *pattern = FcPatternCreate();
    FcCharSet *characters = FcCharSetCreate();
    static const FcChar32 needed[] = {'A', 'z', '0', 0x5929, 0x5143, 0x56f4, 0x68cb}; /* "Tengen" and "Go" in Chinese */
    for (size_t i = 0; i < G_N_ELEMENTS(needed); i++)
        FcCharSetAddChar(characters, needed[i]);
    FcPatternAddCharSet(pattern, FC_CHARSET, characters);
    FcPatternAddString(pattern, FC_FAMILY, (const FcChar8 *)"sans-serif");
    FcPatternAddString(pattern, FC_LANG, (const FcChar8 *)"zh-cn");
    FcPatternAddBool(pattern, FC_SCALABLE, FcTrue);
    FcCharSetDestroy(characters);
    return pattern;
}

static bool has_both(const FcPattern *font)
{
    FcCharSet *characters;
    return FcPatternGetCharSet(font, FC_CHARSET, 0, &characters) == FcResultMatch &&
           FcCharSetHasChar(characters, 'A') && FcCharSetHasChar(characters, 0x5929);
}

bool canvas_find_font(char **path, long *index, GError **error)
{
    bool found = false;
    FcPattern *pattern = wanted_font();
    FcConfigSubstitute(NULL, pattern, FcMatchPattern);
    FcDefaultSubstitute(pattern);
    FcResult result;
    FcFontSet *set = FcFontSort(NULL, pattern, FcFalse, NULL, &result);
    /* The first font with both, otherwise the first of all, which has Latin characters at least. */
    for (int pass = 0; set && pass < 2 && !found; pass++)
        for (int i = 0; i < set->nfont && !found; i++) {
            FcChar8 *file;
            int face = 0;
            if ((pass == 0 && !has_both(set->fonts[i])) ||
                FcPatternGetString(set->fonts[i], FC_FILE, 0, &file) != FcResultMatch)
                continue;
            FcPatternGetInteger(set->fonts[i], FC_INDEX, 0, &face);
            *path = g_strdup((const char *)file);
            *index = face & 0xffff;
            found = true;
        }
    if (set)
        FcFontSetDestroy(set);
    FcPatternDestroy(pattern);
    FcFini();
    if (!found)
        g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC,
                    "no font found; install one with Latin and Chinese characters (Debian: fonts-wqy-microhei)");
    return found;
}

static void free_entry(gpointer data)
{
    struct canvas_text_entry *entry = data;
    SDL_DestroyTexture(entry->texture);
    g_free(entry->text);
    g_free(entry);
}

static TTF_Font *font_of(struct canvas *canvas, int pixels)
{
    for (int i = 0; i < canvas->font_count; i++)
        if (canvas->fonts[i].pixels == pixels)
            return canvas->fonts[i].font;
    if (canvas->font_count == CANVAS_FONTS) { /* after much resizing: close the oldest */
        TTF_CloseFont(canvas->fonts[0].font);
        memmove(canvas->fonts, canvas->fonts + 1, sizeof canvas->fonts[0] * (CANVAS_FONTS - 1));
        canvas->font_count--;
    }
    /* SDL_ttf sizes are points at 72 dpi, that is, pixels. */
    TTF_Font *font = TTF_OpenFontIndex(canvas->font_path, pixels, canvas->font_index);
    if (!font)
        return NULL;
    TTF_SetFontHinting(font, TTF_HINTING_LIGHT);
    canvas->fonts[canvas->font_count].pixels = pixels;
    canvas->fonts[canvas->font_count++].font = font;
    return font;
}

bool canvas_text_open(struct canvas *canvas, const char *font, long index, GError **error)
{
    canvas->texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_entry);
    canvas->widths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    canvas->font_path = g_strdup(font);
    canvas->font_index = index;
    if (font_of(canvas, 14))
        return true;
    g_set_error(error, GAME_ERROR, GAME_ERROR_SPEC, "cannot read the font %s: %s", font, TTF_GetError());
    return false;
}

void canvas_text_forget(struct canvas *canvas)
{
    g_hash_table_remove_all(canvas->texts);
}

void canvas_text_close(struct canvas *canvas)
{
    for (int i = 0; i < canvas->font_count; i++)
        TTF_CloseFont(canvas->fonts[i].font);
    if (canvas->texts)
        g_hash_table_destroy(canvas->texts);
    if (canvas->widths)
        g_hash_table_destroy(canvas->widths);
    g_free(canvas->font_path);
}

static int pixels_of(const struct canvas *canvas, enum text_size size)
{
    static const float units[] = {11.5f, 13.5f, 16, 22};
    return (int)roundf(units[size] * canvas->u);
}

static gboolean is_old(gpointer key, gpointer value, gpointer user)
{
    (void)key;
    return ((struct canvas_text_entry *)value)->used + CANVAS_TEXTS / 2 < *(uint64_t *)user;
}

static const struct canvas_text_entry *rendered_text(struct canvas *canvas, int pixels, const char *text)
{
    char *key = g_strdup_printf("%d %s", pixels, text);
    struct canvas_text_entry *entry = g_hash_table_lookup(canvas->texts, key);
    if (entry) {
        entry->used = ++canvas->clock;
        g_free(key);
        return entry;
    }
    if (g_hash_table_size(canvas->texts) >= CANVAS_TEXTS)
        g_hash_table_foreach_remove(canvas->texts, is_old, &canvas->clock);
    TTF_Font *font = font_of(canvas, pixels);
    SDL_Surface *surface = font ? TTF_RenderUTF8_Blended(font, text, (SDL_Color){255, 255, 255, 255}) : NULL;
    if (!surface) {
        g_free(key);
        return NULL;
    }
    entry = g_new0(struct canvas_text_entry, 1);
    entry->texture = SDL_CreateTextureFromSurface(canvas->renderer, surface);
    entry->w = surface->w;
    entry->ascent = TTF_FontAscent(font);
    entry->h = surface->h;
    entry->used = ++canvas->clock;
    SDL_FreeSurface(surface);
    g_hash_table_insert(canvas->texts, key, entry);
    return entry;
}

static float width_of(struct canvas *canvas, int pixels, const char *text)
{
    int w = 0, h = 0;
    gpointer known;
    char *key = g_strdup_printf("%d %s", pixels, text);
    if (g_hash_table_lookup_extended(canvas->widths, key, NULL, &known)) {
        g_free(key);
        return (float)GPOINTER_TO_INT(known);
    }
    TTF_Font *font = font_of(canvas, pixels);
    if (font)
        TTF_SizeUTF8(font, text, &w, &h);
    if (g_hash_table_size(canvas->widths) > 4000)
        g_hash_table_remove_all(canvas->widths);
    g_hash_table_insert(canvas->widths, key, GINT_TO_POINTER(w));
    return (float)w;
}

/* The longest prefix that fits with an ellipsis. */
static char *shorten(struct canvas *canvas, int pixels, const char *text, float max_width)
{
    for (const char *end = text + strlen(text); end > text;) {
        end = g_utf8_prev_char(end);
        char *tried = g_strdup_printf("%.*s\u2026", (int)(end - text), text);
        if (width_of(canvas, pixels, tried) <= max_width)
            return tried;
        g_free(tried);
    }
    return g_strdup("");
}

static float draw_text(struct canvas *canvas, float x, float y, int pixels, enum text_align align, float max_width,
                       struct colour colour, const char *text)
{
    if (!*text || pixels < 4)
        return 0;
    float width = width_of(canvas, pixels, text);
    char *shorter = max_width > 0 && width > max_width ? shorten(canvas, pixels, text, max_width) : NULL;
    if (shorter) {
        text = shorter;
        width = width_of(canvas, pixels, text);
    }
    float left = align == TEXT_LEFT ? x : align == TEXT_CENTRE ? x - width / 2 : x - width;
    struct rect bounds = {left - 2, y - (float)pixels, width + 4, 2 * (float)pixels};
    uint64_t hash = g_str_hash(text) ^ (uint64_t)(int64_t)(left * 8) << 40 ^ (uint64_t)(int64_t)(y * 8) << 16 ^
                    (uint64_t)pixels << 33;
    if (*text && canvas_record(canvas, 't', &hash, sizeof hash, colour, bounds)) {
        const struct canvas_text_entry *entry = rendered_text(canvas, pixels, text);
        if (entry) {
            SDL_Rect to = {(int)roundf(left), (int)roundf(y + 0.36f * (float)pixels) - entry->ascent, entry->w,
                           entry->h};
            SDL_SetTextureColorMod(entry->texture, colour.r, colour.g, colour.b);
            SDL_SetTextureAlphaMod(entry->texture, colour.a);
            SDL_RenderCopy(canvas->renderer, entry->texture, NULL, &to);
        }
    }
    g_free(shorter);
    return width;
}

float canvas_text(struct canvas *canvas, float x, float y, enum text_size size, enum text_align align, float max_width,
                  struct colour colour, const char *text)
{
    return draw_text(canvas, x, y, pixels_of(canvas, size), align, max_width, colour, text);
}

float canvas_text_px(struct canvas *canvas, float x, float y, float pixels, enum text_align align, float max_width,
                     struct colour colour, const char *text)
{
    return draw_text(canvas, x, y, (int)roundf(pixels), align, max_width, colour, text);
}

float canvas_text_width(struct canvas *canvas, enum text_size size, const char *text)
{
    return width_of(canvas, pixels_of(canvas, size), text);
}

float canvas_line_height(const struct canvas *canvas, enum text_size size)
{
    return roundf((float)pixels_of(canvas, size) * 1.45f);
}

/* The end of the piece that starts at `text` and cannot be broken: up to a space, or a single Chinese character. */
static const char *next_piece(const char *text)
{
    const char *at = g_utf8_next_char(text);
    if (g_utf8_get_char(text) >= 0x2e80)
        return at;
    while (*at && *at != '\n' && at[-1] != ' ' && g_utf8_get_char(at) < 0x2e80)
        at = g_utf8_next_char(at);
    return at;
}

float canvas_paragraph(struct canvas *canvas, struct rect rect, enum text_size size, struct colour colour,
                       const char *text, bool draw)
{
    float height = canvas_line_height(canvas, size), y = rect.y;
    int pixels = pixels_of(canvas, size);
    while (*text) {
        const char *end = text;
        while (*end && *end != '\n') {
            const char *further = next_piece(end);
            char *tried = g_strndup(text, (gsize)(further - text));
            bool fits = width_of(canvas, pixels, tried) <= rect.w + 1;
            g_free(tried);
            if (!fits && end > text)
                break;
            end = further;
        }
        char *line = g_strndup(text, (gsize)(end - text));
        if (draw)
            draw_text(canvas, rect.x, y + height / 2, pixels, TEXT_LEFT, rect.w, colour, g_strchomp(line));
        g_free(line);
        y += height;
        text = *end == '\n' ? end + 1 : end;
    }
    return y - rect.y;
}
