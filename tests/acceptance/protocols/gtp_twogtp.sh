#!/bin/sh
# GNU Go against `tengen gtp`, with GoGui's twogtp as referee: gtp_twogtp.sh [GAMES [SIZE [AGENT]]]
# TWOGTP is the command that starts it (gogui-twogtp). Prints games, errors, and the number of games in which both
# players and the referee (GNU Go) agree on the score; fails if there are errors or fewer than nine of ten scores agree.
cd "$(dirname "$0")/../../.." || exit 3
games=${1:-20}
size=${2:-9}
agent=${3:-net:default,visits=100}
twogtp=${TWOGTP:-gogui-twogtp}
tengen=${TENGEN:-$PWD/build/release/tengen}
gnugo=$(PATH=$PATH:/usr/games command -v gnugo) || { echo "GNU Go is not installed"; exit 3; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
$twogtp -black "$gnugo --mode gtp --level 1 --chinese-rules --positional-superko" \
    -white "$tengen gtp --agent $agent --seed 1" \
    -referee "$gnugo --mode gtp --chinese-rules --positional-superko" \
    -size "$size" -komi 6.5 -games "$games" -alternate -auto -sgffile "$work/game" >"$work/log" 2>&1 ||
    { tail -n 5 "$work/log"; echo "twogtp itself failed"; exit 3; }
awk -v games="$games" '
    !/^#/ { done++; error += $12; length_sum += $7
            if ($2 == $4) a++; if ($3 == $4) b++; if ($3 == "?" && $4 !~ /R$/) unknown++
            ours = $3; if (ours == $4) agree++; else print "game " $1 ": GNU Go " $2 ", Tengen " $3 ", referee " $4 }
    END { printf "%d games of %d, %.0f moves each, %d errors (target: %d games, 0 errors)\n", done, games, length_sum / done, error, games
          printf "scores that agree with the referee: GNU Go %d, Tengen %d of %d (target: 90 %%)\n", a, b, done
          exit !(done == games && error == 0 && b >= 0.9 * done) }' "$work/game.dat"
