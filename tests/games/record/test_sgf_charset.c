/* The character sets of records: what CA names, what the bytes say, and what is written again. */
#include <criterion/criterion.h>

#include "games/record/sgf.h"
#include "tests/games/record/sgf_common.h"

/* How a record reads: its PB, its notes in one line ("" for none), and how it is written. */
static void expect_read(const char *bytes, size_t length, const char *name, const char *note, const char *written)
{
    GError *error = NULL;
    struct sgf *sgf = sgf_parse(bytes, length, "test", &error);
    cr_assert(sgf, "%s: %s", bytes, error ? error->message : "");
    char *text = sgf_text(sgf_root(sgf), "PB"), *notes = sgf_notes_text(sgf, 0, 10);
    cr_expect(g_strcmp0(text, name) == 0, "%s: PB is %s", bytes, text);
    cr_expect_str_eq(notes ? notes : "", note, "%s", bytes);
    if (written)
        assert_formats(sgf, written);
    g_free(text);
    g_free(notes);
    sgf_free(sgf);
}

#define READ(bytes, name, note, written) expect_read(bytes, sizeof(bytes) - 1, name, note, written)

Test(sgf_charset, names)
{
    static const char *const known[][2] = {
        {"ISO-IR-193", "UTF-8"},
        {"utf8", "UTF-8"},
        {"utf_8", "UTF-8"},
        {"Shift_JIS", "CP932"},
        {"SHIFT-JIS", "CP932"},
        {"sjis", "CP932"},
        {"x-sjis", "CP932"},
        {"ms_kanji", "CP932"},
        {"csShiftJIS", "CP932"},
        {"EUC-KR", "CP949"},
        {"EUC_KR", "CP949"},
        {"euc_kr", "CP949"},
        {"KS_C_5601", "CP949"},
        {"ks_c_5601-1987", "CP949"},
        {"MS949", "CP949"},
        {"UHC", "CP949"},
        {"gb18030", "GB18030"},
        {"CP936", "GB18030"},
        {"ISO-IR-193", "UTF-8"},
        {"GB2312", "GB18030"},
        {"gb_2312-80", "GB18030"},
        {"GBK", "GB18030"},
        {"Big5", "CP950"},
        {"ISO8859_1", "ISO-8859-1"},
        {"ISO8859-1", "ISO-8859-1"},
        {"iso8859_15", "ISO-8859-15"},
        {"latin1", "ISO-8859-1"},
        {"ISO-8859-2", "ISO-8859-2"},
        {"windows-1252", "windows-1252"},
        {"ANSI", "CP1252"},
        {"US-ASCII", "ISO-8859-1"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        cr_expect(g_strcmp0(sgf_charset(known[i][0]), known[i][1]) == 0, "%s: %s", known[i][0],
                  sgf_charset(known[i][0]));
    static const char *const unknown[] = {"klingon", "UTF-8//IGNORE", "UTF-16",    "UCS-4", "UTF-7",
                                          "",        "iso8859_99",    "UTF-8\xe5", "UTF-8+"};
    for (size_t i = 0; i < G_N_ELEMENTS(unknown); i++)
        cr_expect_null(sgf_charset(unknown[i]), "%s", unknown[i]);
}

/* What CA says is true, under any of its spellings: read in that set, kept, and written in it. */
Test(sgf_charset, named_rightly)
{
    READ("(;CA[ISO8859_1]PB[M\xfcller])", "Müller", "", "(;CA[ISO8859_1]PB[M\xfcller])\n");
    READ("(;CA[KS_C_5601]PB[\xb9\xd9\xb5\xcf])", "바둑", "", "(;CA[KS_C_5601]PB[\xb9\xd9\xb5\xcf])\n");
    READ("(;CA[EUC_KR]PB[\xb9\xd9\xb5\xcf])", "바둑", "", "(;CA[EUC_KR]PB[\xb9\xd9\xb5\xcf])\n");
    READ("(;CA[MS949]PB[\xb9\xd9\xb5\xcf])", "바둑", "", "(;CA[MS949]PB[\xb9\xd9\xb5\xcf])\n");
    READ("(;CA[utf_8]PB[\xe5\xa4\xa9])", "天", "", "(;CA[utf_8]PB[\xe5\xa4\xa9])\n");
    READ("(;CA[ utf-8 ]PB[\xe5\xa4\xa9])", "天", "", "(;CA[ utf-8 ]PB[\xe5\xa4\xa9])\n");
    READ("(;CA[Shift_JIS]PB[\x93\x56\x8c\xb3])", "天元", "", "(;CA[Shift_JIS]PB[\x93\x56\x8c\xb3])\n");
    READ("(;CA[GB18030]PB[\xcc\xec\xd4\xaa])", "天元", "", "(;CA[GB18030]PB[\xcc\xec\xd4\xaa])\n");
    READ("(;CA[big5]PB[\xa4\xd1])", "天", "", "(;CA[big5]PB[\xa4\xd1])\n");
    /* a second byte that is a backslash in ASCII */
    READ("(;CA[SJIS]PB[\x83\x5c\\]x])", "ソ]x", "", "(;CA[SJIS]PB[\x83\x5c\\]x])\n");
}

/* CA is unknown, or says one set and the text is in another: the bytes decide, with a note, and what is written is true. */
Test(sgf_charset, named_wrongly)
{
    READ("(;CA[klingon-1]PB[abc])", "abc", "CA[klingon-1] is not a known character set; the text is read as UTF-8",
         "(;CA[UTF-8]PB[abc])\n");
    READ("(;CA[a/b]PB[\xe5\xa4\xa9])", "天", "CA[a/b] is not a known character set; the text is read as UTF-8",
         "(;CA[UTF-8]PB[天])\n");
    READ("(;CA[x]PB[M\xfcller])", "Müller", "CA[x] is not a known character set; the text is read as ISO-8859-1",
         "(;CA[UTF-8]PB[Müller])\n");
    READ("(;CA[GB2312]PB[\xe5\xaf\xb9\xe5\xb1\x80])", "对局",
         "CA[GB2312] does not fit the text, which is read as UTF-8", "(;CA[UTF-8]PB[对局])\n");
    READ("(;CA[Shift_JIS]PB[\xe5\xaf\xb9\xe5\xb1\x80])", "对局",
         "CA[Shift_JIS] does not fit the text, which is read as UTF-8", "(;CA[UTF-8]PB[对局])\n");
    READ("(;CA[ISO-8859-1]PB[M\xc3\xbcller])", "Müller", "CA[ISO-8859-1] does not fit the text, which is read as UTF-8",
         "(;CA[UTF-8]PB[Müller])\n");
    READ("(;CA[UTF-8]PB[\xce\xa7\xc6\xe5\xb6\xd4\xbe\xd6])", "围棋对局",
         "CA[UTF-8] does not fit the text, which is read as GB18030", "(;CA[UTF-8]PB[围棋对局])\n");
    READ("(;CA[UTF-8]PB[M\xfcller])", "Müller", "CA[UTF-8] does not fit the text, which is read as ISO-8859-1",
         "(;CA[UTF-8]PB[Müller])\n");
    READ("(;CA[Shift_JIS]PB[abc])", "abc", "", "(;CA[Shift_JIS]PB[abc])\n"); /* of no matter in ASCII */
}

/* Without CA (or with an empty one): UTF-8 if it is valid, an East Asian set if the text looks like it, or Latin-1. What
 * was read is kept: the record is written as UTF-8 and says so. */
Test(sgf_charset, not_named)
{
    READ("(;PB[abc])", "abc", "", "(;PB[abc])\n");
    READ("(;PB[M\xc3\xbcller])", "Müller", "", "(;PB[Müller]CA[UTF-8])\n");
    READ("(;PB[M\xfcller])", "Müller", "", "(;PB[Müller]CA[UTF-8])\n");
    READ("(;CA[ ]PB[M\xfcller])", "Müller", "", "(;CA[UTF-8]PB[Müller])\n");
    READ("(;PB[\xce\xa7\xc6\xe5\xb6\xd4\xbe\xd6])", "围棋对局", "no CA; the text is read as GB18030",
         "(;PB[围棋对局]CA[UTF-8])\n");
    /* EUC-KR and GB 2312 use the same bytes: Korean is what has many of the common ones only. */
    READ("(;PB[\xb9\xd9\xb5\xcf\xb1\xe2\xbb\xe7]PW[\xc0\xcc\xc3\xa2\xc8\xa3]EV[\xb1\xe2])", "바둑기사",
         "no CA; the text is read as CP949", NULL);
    READ("(;PB[\xb9\xd9\xb5\xcf])", "官迪", "no CA; the text is read as GB18030", NULL);
    READ("(;PB[\x88\xcd\x8c\xe9\x82\xcc\x91\xce\x8b\xc7])", "囲碁の対局", "no CA; the text is read as CP932",
         "(;PB[囲碁の対局]CA[UTF-8])\n");
    /* The backslash in the last character escapes nothing. */
    READ("(;PB[\x83\x5c];B[ee])", "ソ", "no CA; the text is read as CP932", "(;PB[ソ]CA[UTF-8];B[ee])\n");
    /* One character of three would be frequent in Chinese. */
    READ("(;PB[\xd4\xe9 \xe0\xe9 \xe0\xe9])", "Ôé àé àé", "", "(;PB[Ôé àé àé]CA[UTF-8])\n");
    READ("(;PB[Ren\xe9];B[ee])", "René", "", "(;PB[René]CA[UTF-8];B[ee])\n");
}

Test(sgf_charset, byte_order_marks)
{
    READ("\xef\xbb\xbf(;PB[\xe5\xa4\xa9])", "天", "", "(;PB[天]CA[UTF-8])\n");
    READ("\xef\xbb\xbf(;CA[GB2312]PB[\xe5\xa4\xa9\xe5\x85\x83])", "天元",
         "CA[GB2312] does not fit the text, which is read as UTF-8", "(;CA[UTF-8]PB[天元])\n");
    /* Two bytes that are a character in either set: the mark decides. */
    READ("\xef\xbb\xbf(;CA[GB2312]PB[\xc3\xa9])", "é", "CA[GB2312] does not fit the text, which is read as UTF-8",
         "(;CA[UTF-8]PB[é])\n");
    READ("(;CA[GB2312]PB[\xc3\xa9])", "茅", "", "(;CA[GB2312]PB[\xc3\xa9])\n");
    READ("\xef\xbb\xbf(;CA[GB2312]PB[abc])", "abc", "", "(;CA[GB2312]PB[abc])\n");
    READ("\xfe\xff\0(\0;\0P\0B\0[\0\xe9\0]\0)", "é", "", "(;PB[é]CA[UTF-8])\n");
    READ("\xff\xfe(\0;\0P\0B\0[\0\xe9\0]\0)\0", "é", "", "(;PB[é]CA[UTF-8])\n");
    READ("\xff\xfe(\0;\0P\0B\0[\0\0\xd8x\0]\0)\0", "\xef\xbf\xbdx", "byte 13 is not valid UTF-16LE and is replaced",
         NULL); /* half a pair */
    READ("\xff\xfe(\0;\0P\0B\0[\0x\0]\0)\0 ", "x", "byte 19 is not valid UTF-16LE and is replaced", NULL);
}

Test(sgf_charset, zero_bytes)
{
    READ("(;PB[a];B[ee])\0", "a", "", "(;PB[a];B[ee])\n");
    READ("(;PB[M\xc3\xbcller];B[ee])\0\0\0", "Müller", "", "(;PB[Müller]CA[UTF-8];B[ee])\n");
    READ("(;PB[a\0b];B[ee])", "a b", "zero bytes are replaced by blanks", "(;PB[a b];B[ee])\n");
    READ("\xff\xfe(\0;\0P\0B\0[\0x\0]\0)\0\0\0", "x", "", "(;PB[x])\n");
}

/* A damaged character costs the name a character, and nothing else. */
Test(sgf_charset, damaged_characters)
{
#define BAD "\xef\xbf\xbd"
    READ("(;CA[UTF-8]PB[\xe5\x9b\xb4\xe6\xa3\x8b\xe5\xb1];B[ee])", "围棋" BAD,
         "line 1, column 17: byte 0xe5 is not valid UTF-8 and is replaced", "(;CA[UTF-8]PB[围棋" BAD "];B[ee])\n");
    READ("(;CA[UTF-8]PB[\xe5\xb1];B[ee])", BAD, "line 1, column 15: byte 0xe5 is not valid UTF-8 and is replaced",
         NULL);
    READ("(;PB[\xe5\x9b\xb4\xe6\xa3\x8b\xff\xe5\xb1\x80];B[ee])", "围棋" BAD "局",
         "line 1, column 8: byte 0xff is not valid UTF-8 and is replaced", NULL);
    READ("(;CA[Shift_JIS]PB[\x93\x56\xff\x8c\xb3];B[ee])", "天" BAD "元",
         "line 1, column 20: byte 0xff is not valid CP932 and is replaced", NULL);
    /* The first byte of a cut character must not take the ']' for its second one, which it could be. */
    READ("(;CA[GBK]PB[\xce\xa7\xc6];B[ee])", "围" BAD,
         "line 1, column 14: byte 0xc6 is not valid GB18030 and is replaced", NULL);
    READ("(;CA[SJIS]PB[\x83]PW[x];B[ee])", BAD, "line 1, column 14: byte 0x83 is not valid CP932 and is replaced",
         NULL);
    READ("(;CA[Big5]PB[\xa4\xd1\xa4]\n;B[ee])", "天" BAD,
         "line 1, column 15: byte 0xa4 is not valid CP950 and is replaced", NULL);
    READ("(;CA[SJIS];B[ee]N[\x83])", NULL, "line 1, column 19: byte 0x83 is not valid CP932 and is replaced", NULL);
    READ("(;CA[SJIS]PB[\x83])", BAD, "line 1, column 14: byte 0x83 is not valid CP932 and is replaced", NULL);
    READ("(;CA[SJIS]PB[\x83]\x83]];B[ee])", "ゾゾ", "", NULL); /* where it is the second byte */
    READ("(;CA[EUC-KR]PB[\xb9\xd9\xb5];B[ee])", "바" BAD,
         "line 1, column 17: byte 0xb5 is not valid CP949 and is replaced", NULL);
#undef BAD
    GString *many =
        g_string_new("(;CA[UTF-8]PB[天天天天天天天天天天天天天天天天天天天天天天天天天天天天天天天天天天天天"
                     "天天天天天天天天天天天天天天天天天天天天天天天天天天天天天天天天天天]C[");
    for (int i = 0; i < 25; i++)
        g_string_append(many, "\xff ");
    g_string_append(many, "];B[ee])");
    struct sgf *sgf = sgf_parse(many->str, many->len, "test", NULL);
    int count;
    const char *const *notes = sgf_notes(sgf, &count);
    cr_expect_eq(count, 21);
    cr_expect_str_eq(notes[20], "and more");
    char *text = sgf_notes_text(sgf, 19, 1);
    cr_expect(g_str_has_suffix(text, "is replaced; and 1 more"), "%s", text);
    g_free(text);
    cr_expect_null(sgf_notes_text(sgf, 21, 2));
    sgf_free(sgf);
    g_string_free(many, TRUE);
}

/* If the character set lacks a character, or would not be told from another, the record is written in UTF-8. */
Test(sgf_charset, what_is_written_is_read_again)
{
    struct sgf *sgf = parse_sgf("(;CA[ISO-8859-1]PB[x])");
    sgf_set_text(sgf_root(sgf), "PB", "天");
    assert_formats(sgf, "(;CA[UTF-8]PB[天])\n");
    sgf_free(sgf);
    sgf = parse_sgf("(;CA[ISO-8859-1]PB[x])");
    sgf_set_text(sgf_root(sgf), "PB", "\xc3\x83\xc2\xa9"); /* in Latin-1 these are the bytes of é in UTF-8 */
    assert_formats(sgf, "(;CA[UTF-8]PB[\xc3\x83\xc2\xa9])\n");
    sgf_free(sgf);
    sgf = parse_sgf("(;CA[ISO-8859-1]PB[x])");
    sgf_set_text(sgf_root(sgf), "PB", "é");
    assert_formats(sgf, "(;CA[ISO-8859-1]PB[\xe9])\n");
    sgf_free(sgf);
}
