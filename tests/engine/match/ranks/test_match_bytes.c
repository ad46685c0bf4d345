/* What travels between the ranks of a match: games, settings and nets arrive as they were sent, and damage is noticed. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "engine/cluster/message.h"
#include "engine/match/game.h"
#include "engine/match/ranks/bytes.h"
#include "engine/match/ranks/nets.h"
#include "engine/match/settings.h"
#include "games/game.h"
#include "mcts/evaluator.h"
#include "net/net.h"

static struct game game;

static void set_up(void)
{
    cr_assert(game_parse(&game, "go:5", NULL));
}

TestSuite(match_bytes, .init = set_up);

static struct message_reader reader_of(const void *data, size_t size)
{
    return (struct message_reader){.at = data, .left = size, .good = true};
}

Test(match_bytes, a_pairing)
{
    const struct match_opening opening = {.moves = {3, 24, 25}, .count = 3};
    struct match_opening read;
    GByteArray *bytes = g_byte_array_new();
    int side[2];
    match_put_pairing(bytes, (const int[]){2, 0}, &opening);
    struct message_reader fields = reader_of(bytes->data, bytes->len);
    cr_assert(match_take_pairing(&fields, &game, 3, side, &read));
    cr_assert(side[0] == 2 && side[1] == 0 && read.count == 3 && read.moves[1] == 24 && fields.left == 0);
    fields = reader_of(bytes->data, bytes->len);
    cr_assert(!match_take_pairing(&fields, &game, 2, side, &read), "there are two players");
    for (size_t size = 0; size < bytes->len; size++) {
        fields = reader_of(bytes->data, size);
        cr_assert(!match_take_pairing(&fields, &game, 3, side, &read), "%d of %d bytes", (int)size, (int)bytes->len);
    }
    g_byte_array_unref(bytes);
}

static struct match_game make_game(void)
{
    struct match_game played = {.end = MATCH_TIME,
                                .outcome = GAME_WON_1,
                                .margin = -3.5f,
                                .loser = 0,
                                .plies = 2,
                                .seconds = 1.25,
                                .reason = "exceeded its time"};
    played.moves = g_new(game_move, 2);
    played.info = g_new0(struct match_ply, 2);
    played.moves[0] = 12;
    played.moves[1] = 25;
    played.info[0] = (struct match_ply){.time_ms = 40, .value = NAN};
    played.info[1] = (struct match_ply){.time_ms = 50, .value = -0.25f, .visits = (int64_t)1 << 40};
    return played;
}

Test(match_bytes, a_played_game)
{
    struct match_game played = make_game(), read;
    GBytes *packed = match_pack_game(&played);
    gsize size;
    const char *data = g_bytes_get_data(packed, &size);
    cr_assert(match_unpack_game(&read, &game, data, size, NULL));
    cr_assert(read.end == MATCH_TIME && read.outcome == GAME_WON_1 && read.loser == 0 && read.plies == 2);
    cr_assert(read.margin == -3.5f && read.seconds == 1.25);
    cr_assert_str_eq(read.reason, "exceeded its time");
    cr_assert(read.moves[0] == 12 && read.moves[1] == 25);
    cr_assert(read.info[0].time_ms == 40 && isnan(read.info[0].value) && read.info[0].visits == 0);
    cr_assert(read.info[1].value == -0.25f && read.info[1].visits == (int64_t)1 << 40);
    match_game_clear(&read);
    for (gsize part = 0; part < size; part++)
        cr_assert(!match_unpack_game(&read, &game, data, part, NULL), "%d of %d bytes", (int)part, (int)size);
    char *longer = g_malloc0(size + 1);
    memcpy(longer, data, size);
    cr_assert(!match_unpack_game(&read, &game, longer, size + 1, NULL));
    g_free(longer);
    g_bytes_unref(packed);
    match_game_clear(&played);
}

static void refuse(struct match_game played, const char *what)
{
    struct match_game read;
    GError *error = NULL;
    GBytes *packed = match_pack_game(&played);
    gsize size;
    const void *data = g_bytes_get_data(packed, &size);
    cr_assert(!match_unpack_game(&read, &game, data, size, &error), "%s", what);
    cr_assert_not_null(error);
    g_error_free(error);
    g_bytes_unref(packed);
}

Test(match_bytes, a_game_without_a_result_or_of_another_board_is_refused)
{
    struct match_game played = make_game(), wrong = played;
    wrong.end = MATCH_STOPPED;
    refuse(wrong, "a stopped game");
    wrong = played;
    wrong.outcome = GAME_ONGOING;
    refuse(wrong, "a game that goes on");
    wrong = played;
    wrong.loser = 2;
    refuse(wrong, "a third player");
    played.moves[1] = (game_move)game.moves;
    refuse(played, "a move outside of the board");
    match_game_clear(&played);
}

Test(match_bytes, settings_of_games_and_no_others)
{
    struct match_settings settings, read;
    GByteArray *bytes = g_byte_array_new();
    match_settings_init(&settings);
    match_settings_init(&read);
    cr_assert(match_settings_set(&settings, match_option_find("game"), "go:7,komi=9", 0, NULL));
    cr_assert(match_settings_set(&settings, match_option_find("time"), "5m+3x30s", 0, NULL));
    cr_assert(match_settings_set(&settings, match_option_find("reply-timeout"), "7", 0, NULL));
    cr_assert(match_settings_set(&settings, match_option_find("out"), "somewhere", 0, NULL));
    cr_assert(match_settings_set(&settings, match_option_find("games"), "6", 0, NULL));
    cr_assert(match_settings_set(&settings, match_option_find("seed"), "9", 0, NULL));
    match_put_settings(bytes, &settings);
    struct message_reader fields = reader_of(bytes->data, bytes->len);
    cr_assert(match_take_settings(&fields, &read, NULL));
    cr_assert_str_eq(read.game, "go:7,komi=9");
    cr_assert_str_eq(read.time, "5m+3x30s");
    cr_assert(read.reply_timeout_s == 7 && read.seed == 9 && !read.out && read.games == 100);
    fields = reader_of(bytes->data, bytes->len - 1);
    GError *error = NULL;
    cr_assert(!match_take_settings(&fields, &read, &error));
    cr_assert_not_null(error);
    g_clear_error(&error);
    g_byte_array_unref(bytes);
    match_settings_clear(&settings);
    match_settings_clear(&read);
}

static char *save_net(uint64_t seed)
{
    char *path;
    struct net *net;
    const int fd = g_file_open_tmp("tengen-net-XXXXXX.safetensors", &path, NULL);
    cr_assert_geq(fd, 0);
    close(fd);
    cr_assert_eq(evaluator_net_fresh(&net, &game, "conv:8", seed, NULL), 0);
    cr_assert_eq(net_save(net, path, NULL, NULL), 0);
    net_unref(net);
    return path;
}

/* The NET of a spec "net:NET,...". */
static struct net *load(const char *spec)
{
    struct net *net;
    char *path = g_strndup(spec + 4, strcspn(spec + 4, ","));
    GError *error = NULL;
    cr_assert_eq(net_load(&net, path, &error), 0, "%s", error ? error->message : "");
    g_free(path);
    return net;
}

Test(match_bytes, nets_are_there_without_their_files)
{
    char *a = save_net(1), *b = save_net(2), *spec = g_strdup_printf("net:%s,visits=3,against=%s,threads=1", a, b);
    const char *const specs[] = {"random", spec, "gtp:net:x", spec};
    GByteArray *bytes = g_byte_array_new();
    GError *error = NULL;
    struct net *before = load(spec);
    cr_assert(match_put_nets(bytes, specs, 4, "go", &error), "%s", error ? error->message : "");
    unlink(a);
    unlink(b);
    struct message_reader fields = reader_of(bytes->data, bytes->len);
    struct match_nets *nets = match_take_nets(&fields, &error);
    cr_assert(nets && fields.left == 0, "%s", error ? error->message : "");
    char *placed = match_nets_place(nets, spec), *other = match_nets_place(nets, "gtp:net:x");
    struct net *after = load(placed);
    GBytes *sent = net_write_bytes(before, NULL), *received = net_write_bytes(after, NULL);
    cr_assert(g_bytes_equal(sent, received));
    g_bytes_unref(sent);
    g_bytes_unref(received);
    cr_assert(strstr(placed, ",visits=3,against=/proc/self/fd/") && g_str_has_suffix(placed, ",threads=1"), "%s",
              placed);
    cr_assert_str_eq(other, "gtp:net:x");
    net_unref(before);
    net_unref(after);
    match_nets_free(nets);
    for (size_t size = 0; size < bytes->len; size += 97) {
        fields = reader_of(bytes->data, size);
        cr_assert_null(match_take_nets(&fields, NULL), "%d of %d bytes", (int)size, (int)bytes->len);
    }
    cr_assert(!match_put_nets(bytes, specs, 4, "go", &error));
    cr_assert(strstr(error->message, a), "%s", error->message);
    g_clear_error(&error);
    g_byte_array_unref(bytes);
    g_free(placed);
    g_free(other);
    g_free(spec);
    g_free(a);
    g_free(b);
}
