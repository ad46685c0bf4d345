/* Prints the decoded contents of runs and journals, without anything that depends on time: files with the same text are
 * equivalent, whatever their format. Shared by the tests of old files and acceptance/program/contents.c. */
#ifndef TENGEN_TESTS_CONTENTS_H
#define TENGEN_TESTS_CONTENTS_H

#include <glib.h>
#include <stdint.h>
#include <stdio.h>

#include "engine/match/game.h"
#include "engine/store/record.h"
#include "games/game.h"

/* "game 3 of go:5 by generation 1: outcome 2, margin -4, opening 0123456789abcdef" */
static inline void contents_print_record(FILE *out, const struct record *record)
{
    char spec[GAME_SPEC_MAX];
    fprintf(out,
            "game %" G_GUINT64_FORMAT " of %s by generation %u: outcome %d, margin %g, opening %016" G_GINT64_MODIFIER
            "x\n",
            record->number, game_format(&record->game, spec), record->generation, (int)record->result.outcome,
            (double)record->result.margin, record->opening_hash);
}

/* "D4 player 0 flags 3 wdl 0.1 0.2 0.7 raw 0.1 0.2 0.7 policy 12:65535 13:1" */
static inline void contents_print_record_ply(FILE *out, const struct record *record, int at)
{
    const struct record_ply *ply = &record->plies[at];
    char move[GAME_MOVE_TEXT_MAX];
    fprintf(out, "%s player %d flags %d wdl %.6g %.6g %.6g raw %.6g %.6g %.6g policy",
            game_move_format(&record->game, ply->move, move), ply->player, ply->flags, (double)ply->wdl[0],
            (double)ply->wdl[1], (double)ply->wdl[2], (double)ply->raw_wdl[0], (double)ply->raw_wdl[1],
            (double)ply->raw_wdl[2]);
    for (int i = 0; i < ply->share_count; i++) {
        const struct record_share *share = &record->shares[ply->first_share + (uint32_t)i];
        fprintf(out, " %d:%d", share->move, share->share);
    }
    fputc('\n', out);
}

/* A game of a run with all its plies and its final map. */
static inline void contents_print_game(FILE *out, const struct record *record)
{
    contents_print_record(out, record);
    for (int i = 0; i < record->ply_count; i++)
        contents_print_record_ply(out, record, i);
    fputs("map", out);
    for (int i = 0; i < record->game.points; i++)
        fprintf(out, " %d", record->map[i]);
    fputc('\n', out);
}

/* "game 3 round 0 pair 1 opening 1: 0 against 2, outcome 1, ended 0, loser 0, margin 0, reason -", then a line per ply:
 * "D4 value 0.1234 visits 32". */
static inline void contents_print_match(FILE *out, const struct game *game, int number,
                                        const struct match_record *record, const struct match_game *played)
{
    char move[GAME_MOVE_TEXT_MAX];
    fprintf(out,
            "game %d round %d pair %d opening %d: %d against %d, outcome %d, ended %d, loser %d, margin %g, "
            "reason %s\n",
            number, record->round, record->pair, record->opening, record->side[0], record->side[1],
            (int)record->outcome, (int)record->end, record->loser, (double)record->margin,
            record->reason && *record->reason ? record->reason : "-");
    for (int i = 0; i < played->plies; i++)
        fprintf(out, "%s value %.4f visits %" G_GINT64_FORMAT "\n", game_move_format(game, played->moves[i], move),
                (double)played->info[i].value, played->info[i].visits);
}

#endif
