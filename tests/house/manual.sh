#!/bin/sh
# The manual page lists exactly the options of each command's --help, in that command's section.
cd "$(dirname "$0")/../.." || exit 3
tengen=${TENGEN:-$PWD/build/release/tengen}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
for command in play train watch report match lab robust memory export import gtp analysis gomocup bench torture doctor; do
    "$tengen" $command --help | sed -n 's/^  *\(-[a-z], \)\{0,1\}--\([a-z-]*\).*/\2/p' | sort -u >"$work/help"
    awk -v title="$(echo $command | tr a-z A-Z)" '/^\.SH /{on = $2 == title} on' docs/tengen.1 | sed 's/\\-/-/g' |
        grep -oE -- '--[a-z-]+' | sed 's/^--//' | grep -vx help | sort -u >"$work/page"
    [ -s "$work/help" ] || { echo "tengen $command --help lists no options"; bad=1; }
    for option in $(comm -23 "$work/help" "$work/page"); do
        echo "docs/tengen.1 lacks tengen $command --$option"
        bad=1
    done
    for option in $(comm -13 "$work/help" "$work/page"); do
        echo "docs/tengen.1 has tengen $command --$option, which does not exist"
        bad=1
    done
done
# The help of --net lists all blocks, like the message about an unknown block.
for block in $("$tengen" bench --net none:1 2>&1 | grep -oE '[a-z]+:CHANNELS' | sed 's/:.*//' | tee "$work/blocks"); do
    "$tengen" train --help | grep -qE "^  $block  " || { echo "tengen train --help lacks the block $block"; bad=1; }
done
grep -qx conv "$work/blocks" || { echo "the message about an unknown block lists no blocks"; bad=1; }
exit $bad
