/* Piskvork records: reading, writing, and invalid files. */
#include <criterion/criterion.h>

#include "games/record/psq.h"

Test(psq, round_trip)
{
    static const char text[] =
        "Piskvorky 15x15, 11:11, 1\r\n8,8,0\r\n9,8,1250\r\n1,15,30\r\nfirst.zip\r\nsecond \xe9\r\n2\r\n";
    struct psq psq, again;
    GError *error = NULL;
    cr_assert(psq_parse(&psq, text, sizeof text - 1, "test", &error), "%s", error ? error->message : "");
    cr_assert(psq.size == 15 && psq.count == 3 && psq.end_code == 2);
    cr_assert(psq.moves[0].point == 7 * 15 + 7 && psq.moves[2].point == 14 * 15 && psq.moves[1].time_ms == 1250);
    cr_assert_str_eq(psq.names[0], "first.zip");
    char *out = psq_format(&psq);
    cr_assert(psq_parse(&again, out, strlen(out), "test", &error));
    cr_assert(again.count == 3 && again.end_code == 2 && memcmp(again.moves, psq.moves, 3 * sizeof *psq.moves) == 0);
    cr_assert_str_eq(again.names[1], psq.names[1]);
    psq_clear(&again);
    psq_clear(&psq);
    g_free(out);
    cr_assert(psq_parse(&psq, "Piskvorky 20x20", 15, "test", NULL) && psq.size == 20 && psq.count == 0);
    psq_clear(&psq);
}

/* A player's name may look like a move. */
Test(psq, a_name_like_a_move)
{
    struct psq psq = {.size = 15, .names = {g_strdup("28,\r 1"), g_strdup("3,4,5")}, .end_code = 0}, again;
    GError *error = NULL;
    char *text = psq_format(&psq);
    cr_assert(psq_parse(&again, text, strlen(text), "again", &error), "%s", error ? error->message : "");
    cr_expect_eq(again.count, 0);
    cr_expect_str_eq(again.names[0], "28,  1");
    cr_expect_str_eq(again.names[1], "3,4,5");
    psq_clear(&again);
    psq_clear(&psq);
    g_free(text);
}

Test(psq, no_records)
{
    static const char *const cases[][2] = {
        {"", "line 1: a record must begin"},
        {"Gobang 15x15", "line 1: a record must begin"},
        {"Piskvorky 15x16, 1:1, 0\n", "line 1: the board must be a square"},
        {"Piskvorky 25x25\n", "line 1: the board"},
        {"Piskvorky 15\n", "line 1: the board"},
        {"Piskvorky 15x15\n8,8,0\n16,1,0\n", "line 3: 16,1,0 is not on the 15x15 board"},
        {"Piskvorky 15x15\n0,8,0\n", "line 2: 0,8,0 is not on the 15x15 board"},
        {"Piskvorky 15x15\n8,8,0\n8,8,0\n", "line 3: 8,8,0 is already occupied"},
        {"Piskvorky 15x15\n8,8,0\na\nb\nc\n", "line 5: \"c\" is neither a move"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct psq psq;
        GError *error = NULL;
        cr_assert(!psq_parse(&psq, cases[i][0], strlen(cases[i][0]), "test", &error), "%s was accepted", cases[i][0]);
        cr_assert(strstr(error->message, cases[i][1]), "%s: %s", cases[i][0], error->message);
        g_clear_error(&error);
    }
    cr_assert(!psq_parse(&(struct psq){0}, "Piskvorky\0 15x15", 16, "test", NULL));
}
