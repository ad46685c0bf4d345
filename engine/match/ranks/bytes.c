#include "engine/match/ranks/bytes.h"

#include <stdint.h>

#include "engine/cluster/load.h"
#include "engine/cluster/message.h"
#include "engine/match/game.h"
#include "engine/match/settings.h"
#include "games/game.h"
#include "games/option.h"

static void put_moves(GByteArray *message, const game_move *moves, int count)
{
    message_put_u64(message, (uint64_t)count);
    for (int i = 0; i < count; i++) {
        const guint16 little = GUINT16_TO_LE(moves[i]);
        g_byte_array_append(message, (const guint8 *)&little, sizeof little);
    }
}

/* Returns how many there are; -1 if the message is damaged. */
static int take_moves(struct message_reader *fields, const struct game *game, game_move *moves, int most)
{
    const uint64_t count = message_take_u64(fields);
    if (!fields->good || count > (uint64_t)most || 2 * count > fields->left)
        return -1;
    for (uint64_t i = 0; i < count; i++) {
        moves[i] = (game_move)(fields->at[0] | fields->at[1] << 8);
        fields->at += 2;
        fields->left -= 2;
        if (moves[i] >= game->moves)
            return -1;
    }
    return (int)count;
}

/* ---- what is to be played ---- */

void match_put_pairing(GByteArray *message, const int side[2], const struct match_opening *opening)
{
    message_put_u64(message, (uint64_t)side[0]);
    message_put_u64(message, (uint64_t)side[1]);
    put_moves(message, opening ? opening->moves : NULL, opening ? opening->count : 0);
}

bool match_take_pairing(struct message_reader *fields, const struct game *game, int players, int side[2],
                        struct match_opening *opening)
{
    const uint64_t first = message_take_u64(fields), second = message_take_u64(fields);
    opening->count = take_moves(fields, game, opening->moves, MATCH_MAX_OPENING);
    side[0] = (int)first;
    side[1] = (int)second;
    return fields->good && opening->count >= 0 && first < (uint64_t)players && second < (uint64_t)players;
}

/* ---- what was played ---- */

GBytes *match_pack_game(const struct match_game *played)
{
    GByteArray *bytes = g_byte_array_new();
    message_put_u64(bytes, (uint64_t)played->end);
    message_put_u64(bytes, (uint64_t)played->outcome);
    message_put_u64(bytes, (uint64_t)played->loser);
    message_put_f64(bytes, (double)played->margin);
    message_put_f64(bytes, played->seconds);
    message_put_text(bytes, played->reason);
    put_moves(bytes, played->moves, played->plies);
    for (int i = 0; i < played->plies; i++) {
        message_put_u64(bytes, (uint64_t)played->info[i].time_ms);
        message_put_f64(bytes, (double)played->info[i].value);
        message_put_u64(bytes, (uint64_t)played->info[i].visits);
    }
    return g_byte_array_free_to_bytes(bytes);
}

static bool take_result(struct message_reader *fields, struct match_game *played)
{
    const uint64_t end = message_take_u64(fields), outcome = message_take_u64(fields), loser = message_take_u64(fields);
    *played = (struct match_game){.end = (enum match_end)end,
                                  .outcome = (enum game_outcome)outcome,
                                  .loser = (int)loser,
                                  .margin = (float)message_take_f64(fields),
                                  .seconds = message_take_f64(fields)};
    char *reason = message_take_text(fields);
    g_strlcpy(played->reason, reason, sizeof played->reason);
    g_free(reason);
    return fields->good && end < MATCH_ENDS && end != MATCH_STOPPED && outcome > GAME_ONGOING &&
           outcome <= GAME_DRAWN && loser <= 1;
}

static void take_plies(struct message_reader *fields, struct match_game *played)
{
    for (int i = 0; i < played->plies; i++)
        played->info[i] = (struct match_ply){.time_ms = (int32_t)message_take_u64(fields),
                                             .value = (float)message_take_f64(fields),
                                             .visits = (int64_t)message_take_u64(fields)};
}

bool match_unpack_game(struct match_game *played, const struct game *game, const void *data, size_t size,
                       GError **error)
{
    struct message_reader fields = {.at = data, .left = size, .good = true};
    bool good = take_result(&fields, played);
    played->moves = g_new(game_move, game->max_plies + 1);
    played->info = g_new0(struct match_ply, game->max_plies + 1);
    played->plies = good ? take_moves(&fields, game, played->moves, game->max_plies) : -1;
    good = played->plies >= 0;
    if (good)
        take_plies(&fields, played);
    if (good && fields.good && fields.left == 0)
        return true;
    match_game_clear(played);
    g_set_error_literal(error, CLUSTER_ERROR, CLUSTER_ERROR_LOST, "it is incomplete, or of another game");
    return false;
}

/* ---- settings ---- */

static bool travels(const struct option_row *option)
{
    return (option->flags & MATCH_OF_GAMES) && option->type != OPTION_STRINGS;
}

void match_put_settings(GByteArray *message, const struct match_settings *settings)
{
    uint64_t count = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; match_options[i].name; i++) {
            char *value = travels(&match_options[i]) ? match_settings_value(settings, i) : NULL;
            count += value && pass == 0;
            if (value && pass == 1) {
                message_put_text(message, match_options[i].name);
                message_put_text(message, value);
            }
            g_free(value);
        }
        if (pass == 0)
            message_put_u64(message, count);
    }
}

bool match_take_settings(struct message_reader *fields, struct match_settings *settings, GError **error)
{
    bool good = true;
    for (uint64_t count = message_take_u64(fields); good && fields->good && count > 0; count--) {
        char *name = message_take_text(fields), *value = message_take_text(fields);
        const int option = match_option_find(name);
        good = fields->good && option >= 0 && match_settings_set(settings, option, value, 0, error);
        g_free(name);
        g_free(value);
    }
    if (good && fields->good)
        return true;
    if (error && !*error)
        g_set_error_literal(error, CLUSTER_ERROR, CLUSTER_ERROR_LOST, "damaged settings from rank 0");
    return false;
}
