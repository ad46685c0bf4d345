#!/bin/sh
# What NumPy makes of exported rows and weights: docs/exchange.py runs on them, every array has the schema of docs/exchange.md, and
# weights that NumPy saved, compressed or not, come back bit for bit.
# Target: 0 faults. Needs Debian's python3-numpy (PYTHON: another interpreter that has it).
# Usage: exchange.sh; TENGEN: the program.
set -u
cd "$(dirname "$0")/../../.." || exit 3
tengen=${TENGEN:-$PWD/build/release/tengen}
python=${PYTHON:-/usr/bin/python3}
"$python" -c 'import numpy' 2>/dev/null || { echo "NumPy is missing: apt-get install python3-numpy"; exit 3; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0
fault() { echo "FAULT: $*"; faults=$((faults + 1)); }

"$tengen" train "$work/run" --game go:7 --net conv:16,res:16,attn:16+heads=2 --set sizes=5,7 --set horizons=20 --set visits=4 \
    --deterministic --generations 2 --set generation_steps=20 --set first_rows=200 >"$work/log" 2>&1 ||
    { cat "$work/log"; exit 3; }
net=$work/run/nets/best.safetensors
"$tengen" export "$work/run" --rows "$work/rows.npz" && "$tengen" export "$net" --npz "$work/weights.npz" || exit 3
"$python" docs/exchange.py "$work/rows.npz" "$net" || fault "docs/exchange.py"

"$python" - "$work" <<'SCRIPT' || fault "the rows are not as documented"
import json, sys
import numpy as np
rows = np.load(sys.argv[1] + "/rows.npz")
about = json.loads(rows["about"].item())
assert about["format"] == "tengen-rows-1" and set(about["rows"]) == {"5x5", "7x7"}, about
expected = {"about"}
for board, n in about["rows"].items():
    size = int(board.split("x")[0])
    moves, points = size * size + about["other_moves"], size * size
    shapes = {"planes": (about["planes"], size, size), "globals": (about["globals"],), "policy": (moves,), "reply": (moves,),
              "value": (3,), "short_term_value": (3,), "horizon_1": (3,), "score": (), "map": (points,)}
    shapes.update({name + "_weight": () for name in list(shapes)[2:]}, draw_weight=(), game=(), ply=())
    types = {"game": "<i8", "ply": "<i4"}
    for name, shape in shapes.items():
        array = rows[f"{board}/{name}"]
        expected.add(f"{board}/{name}")
        assert array.shape == (n, *shape) and array.dtype == np.dtype(types.get(name, "<f4")), (board, name, array.shape)
        assert np.isfinite(array).all(), name
    get = lambda name: rows[f"{board}/{name}"]
    for name in ("policy", "reply", "value", "short_term_value", "horizon_1"):
        assert np.allclose(get(name).sum(1), get(name + "_weight"), atol=1e-3), name
    assert n and (np.diff(get("game")) <= 0).all() and np.abs(get("map")).max() <= 1 and get("planes").max() <= 1
    # Who wins has the positive margin, and the map adds up to it but for komi, which is the same for all rows of a game and colour.
    assert (np.sign(get("score")) == get("value")[:, 0] - get("value")[:, 2]).all()
assert set(rows.files) == expected, set(rows.files) ^ expected
weights = np.load(sys.argv[1] + "/weights.npz")
np.savez(sys.argv[1] + "/stored.npz", **weights)
np.savez_compressed(sys.argv[1] + "/deflated.npz", **{name: array.astype("<f8") for name, array in weights.items()})
np.savez(sys.argv[1] + "/changed.npz", **{name: array * 2 for name, array in weights.items()})
SCRIPT

for kind in stored deflated changed; do
    "$tengen" import "$net" --npz "$work/$kind.npz" --out "$work/$kind.safetensors" && "$tengen" export \
        "$work/$kind.safetensors" --npz "$work/again.npz" || fault "import of $kind.npz"
    cmp -s "$work/again.npz" "$work/weights.npz"
    same=$?
    [ $kind = changed ] && [ $same -eq 0 ] && fault "changed weights were not taken"
    [ $kind != changed ] && [ $same -ne 0 ] && fault "$kind weights came back different"
done
echo "$faults faults; target 0"
[ $faults -eq 0 ]
