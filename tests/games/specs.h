/* The specs for the conformance tests. A new game only has to add its own here. */
#ifndef TENGEN_TESTS_GAMES_SPECS_H
#define TENGEN_TESTS_GAMES_SPECS_H

#include "games/game.h"

struct spec {
    char text[GAME_SPEC_MAX];
};
static struct spec specs[] = {
    {"go:2"},
    {"go:3,cap=300"},
    {"go:5"},
    {"go:6,rules=japanese"},
    {"go:7,komi=9"},
    {"go:9"},
    {"go:9,suicide=no"},
    {"go:9,rules=chinese,handicap=4"},
    {"go:9,rules=aga,komi=0.5"},
    {"go:9,rules=japanese,komi=-3"},
    {"go:13,ko=situational,passes=3"},
    {"go:19,komi=7.5"},
    {"go:9,cap=30"},
    {"gomoku:3,line=3"},
    {"gomoku:4,line=4"},
    {"gomoku:6"},
    {"gomoku:9"},
    {"gomoku:15"},
    {"gomoku:20"},
    {"gomoku:15,rules=standard"},
    {"gomoku:15,rules=renju"},
    {"gomoku:11,rules=renju"},
    {"gomoku:15,rules=caro"},
    {"gomoku:15,opening=pro"},
    {"gomoku:15,opening=longpro"},
    {"gomoku:15,opening=swap"},
    {"gomoku:15,opening=swap2"},
    {"gomoku:15,opening=swap2,rules=standard"},
    {"gomoku:15,rules=caro-exact"},
    {"gomoku:7,line=4"},
    {"gomoku:15,rules=renju,opening=swap"},
    {"reversi:4"},
    {"reversi:6"},
    {"reversi:8"},
    {"connect4:4"},
    {"connect4:7x6"},
    {"connect4:5x7"},
    {"connect4:8x7"},
};

#endif
