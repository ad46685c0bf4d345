/* Piskvork's records: in and out to the byte, every limit, and what is no record, by line. */
#include <criterion/criterion.h>

#include "games/game.h"
#include "games/record/psq.h"
#include "tests/games/common.h"

static struct psq read_psq(const char *text)
{
    struct psq psq;
    GError *error = NULL;
    cr_assert(psq_parse(&psq, text, strlen(text), "test", &error), "%s: %s", text, error ? error->message : "");
    return psq;
}

static void formats(const char *text, const char *wanted)
{
    struct psq psq = read_psq(text);
    char *out = psq_format(&psq);
    cr_expect_str_eq(out, wanted);
    g_free(out);
    psq_clear(&psq);
    cr_expect(!psq.moves && !psq.names[0] && !psq.names[1] && psq.count == 0 && psq.end_code == -1);
}

Test(psq, what_is_read)
{
    struct psq psq = read_psq("Piskvorky 15x15, 11:11, 1\r\n8,8,0\r\n9,8,1250\r\n1,15,30\r\n15,1\r\nfirst.zip\r\n"
                              "second \xe9\r\n2\r\n");
    cr_assert(psq.size == 15 && psq.count == 4 && psq.end_code == 2);
    static const struct psq_move moves[] = {{7 * 15 + 7, 0}, {7 * 15 + 8, 1250}, {14 * 15, 30}, {14, 0}};
    for (int i = 0; i < 4; i++)
        cr_expect(psq.moves[i].point == moves[i].point && psq.moves[i].time_ms == moves[i].time_ms, "move %d", i);
    cr_expect_str_eq(psq.names[0], "first.zip");
    cr_expect_str_eq(psq.names[1], "second \xef\xbf\xbd", "what is no UTF-8 is replaced");
    psq_clear(&psq);
}

Test(psq, what_is_written)
{
    formats("Piskvorky 15x15, 11:11, 1\n8,8,0\n15,1,1250\n1,15,30\na\nb\n3\n",
            "Piskvorky 15x15, 11:11, 0\n8,8,0\n15,1,1250\n1,15,30\na\nb\n3\n");
    formats("Piskvorky 20x20", "Piskvorky 20x20, 11:11, 0\nunknown\nunknown\n0\n");
}

/* Blanks may stand behind the separators and at the end of a line, not before it. */
Test(psq, blanks)
{
    struct psq psq = read_psq("Piskvorky 5x5 , 11:11, 1\n1 , \t2,\t 7 \t\n3,3\n  first\nsecond  \n4 \t\n");
    cr_expect(psq.size == 5 && psq.count == 2 && psq.moves[0].point == 5 && psq.moves[0].time_ms == 7);
    cr_expect_str_eq(psq.names[0], "first");
    cr_expect_str_eq(psq.names[1], "second");
    psq_clear(&psq);
}

/* The names may be missing, and so may the end. */
Test(psq, what_a_file_does_not_say)
{
    static const struct {
        const char *text, *first, *second;
        int code;
    } cases[] = {
        {"Piskvorky 5x5\n1,1,0\n", NULL, NULL, -1},      {"Piskvorky 5x5\n1,1,0\na", "a", NULL, -1},
        {"Piskvorky 5x5\n1,1,0\na\n", "a", NULL, -1},    {"Piskvorky 5x5\na\nb\n", "a", "b", -1},
        {"Piskvorky 5x5\na\nb\n0\n", "a", "b", 0},       {"Piskvorky 5x5\na\nb\n1000\n", "a", "b", 1000},
        {"Piskvorky 5x5\na\nb\n7\nmore\n", "a", "b", 7}, {"Piskvorky 5x5\na\n\n7\n", "a", NULL, -1},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct psq psq = read_psq(cases[i].text);
        cr_expect(g_strcmp0(psq.names[0], cases[i].first) == 0 && g_strcmp0(psq.names[1], cases[i].second) == 0, "%s",
                  cases[i].text);
        cr_expect_eq(psq.end_code, cases[i].code, "%s: %d", cases[i].text, psq.end_code);
        psq_clear(&psq);
    }
}

/* A player may be called what would be a move; a name of one number is none. */
Test(psq, a_name_like_a_move)
{
    static const char *const names[][2] = {{"28,\r 1", "28,  1"},  {"3,4,5", "3,4,5"}, {"3", "3"},
                                           {"3,4,5,6", "3,4,5,6"}, {"a\nb", "a b"},    {"", "unknown"}};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        struct psq psq = {.size = 15, .names = {g_strdup(names[i][0]), NULL}, .end_code = -1};
        char *text = psq_format(&psq);
        struct psq again = read_psq(text);
        cr_expect(again.count == 0 && again.end_code == 0);
        cr_expect_str_eq(again.names[0], names[i][1]);
        cr_expect_str_eq(again.names[1], "unknown");
        psq_clear(&again);
        psq_clear(&psq);
        g_free(text);
    }
}

Test(psq, sizes)
{
    for (int size = 0; size <= 25; size++) {
        char text[40];
        struct psq psq;
        struct game game;
        g_snprintf(text, sizeof text, "Piskvorky %dx%d, 1:1", size, size);
        cr_assert_eq(psq_parse(&psq, text, strlen(text), "test", NULL), size >= 3 && size <= 20, "%s", text);
        if (size < 3 || size > 20)
            continue;
        cr_expect_eq(psq_game(&psq, &game, NULL), size >= 5, "a line of five");
        cr_expect(size < 5 || (game.width == size && psq_supports(&game)));
        psq_clear(&psq);
    }
    struct game go = parse("go:9");
    cr_expect(!psq_supports(&go));
}

/* A board that is full to its corners. */
Test(psq, every_point_may_be_played)
{
    GString *text = g_string_new("Piskvorky 20x20\n");
    for (int p = 0; p < 400; p++)
        g_string_append_printf(text, "%d,%d,%d\n", p % 20 + 1, p / 20 + 1, p);
    struct psq psq = read_psq(text->str);
    cr_assert_eq(psq.count, 400);
    for (int p = 0; p < 400; p++)
        cr_assert(psq.moves[p].point == p && psq.moves[p].time_ms == p);
    psq_clear(&psq);
    g_string_append(text, "20,20,0\n");
    cr_expect(!psq_parse(&psq, text->str, text->len, "test", NULL));
    g_string_free(text, TRUE);
}

Test(psq, no_records)
{
    static const char *const cases[][2] = {
        {"", "test, line 1: a record must begin"},
        {"Gobang 15x15", "line 1: a record must begin"},
        {"Piskvorky", "line 1: a record must begin"},
        {"Piskvorky 15x16, 1:1, 0\n", "line 1: the board must be a square from 3x3 to 20x20"},
        {"Piskvorky 21x21\n", "line 1: the board"},
        {"Piskvorky 2x2\n", "line 1: the board"},
        {"Piskvorky 15\n", "line 1: the board"},
        {"Piskvorky 15x15x15\n", "line 1: the board"},
        {"Piskvorky -5x-5\n", "line 1: the board"},
        {"Piskvorky 15x15\n8,8,0\n16,1,0\n", "line 3: 16,1,0 is not on the 15x15 board"},
        {"Piskvorky 15x15\n8,8,0\n1,16,0\n", "line 3: 1,16,0 is not on the 15x15 board"},
        {"Piskvorky 15x15\n0,8,0\n", "line 2: 0,8,0 is not on the 15x15 board"},
        {"Piskvorky 15x15\n8,0,0\n", "line 2: 8,0,0 is not on the 15x15 board"},
        {"Piskvorky 15x15\n8,8,0\n8,8,0\n", "line 3: 8,8,0 is already occupied"},
        {"Piskvorky 15x15\n8,8,0\na\nb\nc\n", "line 5: \"c\" is neither a move"},
        {"Piskvorky 15x15\na\nb\n1001\n", "line 4: \"1001\" is neither a move"},
        {"Piskvorky 15x15\na\nb\n1,2\n", "line 4: \"1,2\" is neither a move"},
        {"Piskvorky 15x15\na\nb\n-1\n", "line 4: \"-1\" is neither a move"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct psq psq;
        GError *error = NULL;
        cr_assert(!psq_parse(&psq, cases[i][0], strlen(cases[i][0]), "test", &error), "%s was read", cases[i][0]);
        cr_expect(strstr(error->message, cases[i][1]), "%s: %s", cases[i][0], error->message);
        cr_expect(error->code == GAME_ERROR_FILE && !psq.moves && psq.end_code == -1);
        g_clear_error(&error);
    }
    cr_assert(!psq_parse(&(struct psq){0}, "Piskvorky\0 15x15", 16, "test", NULL));
}

/* A file has at most a mebibyte. */
Test(psq, length)
{
    GString *text = g_string_new("Piskvorky 15x15\nfirst\n");
    while (text->len < PSQ_MAX_BYTES)
        g_string_append_c(text, 'x');
    struct psq psq = read_psq(text->str);
    cr_expect_eq(strlen(psq.names[1]), PSQ_MAX_BYTES - 22);
    psq_clear(&psq);
    g_string_append_c(text, 'x');
    cr_expect(!psq_parse(&psq, text->str, text->len, "test", NULL));
    g_string_free(text, TRUE);
}
