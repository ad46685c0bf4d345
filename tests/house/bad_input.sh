#!/bin/sh
# Invalid input of every kind: a single line on stderr that says what is wrong, exit status 2, and nothing overwritten.
# Runs the release build's tengen, or $TENGEN.
cd "$(dirname "$0")/../.." || exit 3
tengen=${TENGEN:-$PWD/build/release/tengen}
work=$(mktemp -d)
trap 'umount "$work/full" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 3
tested=0
bad=0

# refuse PATTERN ARGUMENTS...: expects status 2 and exactly one line on stderr, which contains PATTERN.
refuse() {
    pattern=$1
    shift
    timeout 60 "$tengen" "$@" >out 2>err </dev/null
    status=$?
    tested=$((tested + 1))
    if [ $status -ne 2 ] || [ "$(wc -l <err)" -ne 1 ] || ! grep -qiE -- "$pattern" err; then
        echo "tengen $*: exit $status (2 expected), stderr (one line with /$pattern/ expected):"
        head -n 5 err | sed 's/^/    /'
        bad=1
    fi
}
pair="--agent random --agent random --games 2"

refuse 'command' nonsense
for command in play train watch report match lab robust memory export import gtp analysis gomocup bench torture doctor; do
    refuse '--no-such' $command --no-such-option
    "$tengen" $command --help >out 2>&1 && grep -q Usage out || { echo "$command --help fails"; bad=1; }
done

# Commands with a window: everything is rejected before the window opens.
refuse 'go:SIZE' play --game chess:8
refuse 'invalid clock' play --clock soon
refuse '1 to 16' play --level 99
refuse 'mutually exclusive' play --level 3 --agent random
refuse 'black, white' play --colour green
refuse 'such file' play absent.sgf
refuse 'absent' play --agent net:absent
refuse 'one file' play a.sgf b.sgf
refuse '0.5 to 4' play --scale 9
refuse 'threads' play --threads 0
refuse '1 to 1, the number of processes' train r --trainers 2
refuse 'mpirun -n 1' train r --accept port
refuse 'mpirun -n 1' train --join port
refuse 'remove r' train r --join port
refuse '1 to 1, the number of processes' train r --trainers 0
PMI_RANK=0 PMI_SIZE=4 TENGEN_MPI=lam refuse 'openmpi, mpich or own' train r
PMI_RANK=0 PMI_SIZE=4 TENGEN_MPI=lam refuse 'openmpi, mpich or own' match --agent random --agent random
PMI_RANK=0 PMI_SIZE=4 TENGEN_MPI=lam refuse 'openmpi, mpich or own' lab file.yaml
PMI_RANK=0 PMI_SIZE=4 refuse 'without mpirun' report r
refuse 'set memory=FILE' train r --set memory_share=0.1
refuse 'deterministic' train r --deterministic --set memory_share=0.1 --set memory=m.db
refuse 'memory_share takes' train r --set memory_share=2
refuse 'against=nosuch' train r --against nosuch --minutes 1
refuse 'deterministic' train r --against default --deterministic
refuse 'no effect without an opponent' train r --set against_share=0.5
refuse 'give only RUN' train r --unpack x --against default
refuse 'against_visits_final=2' train r --against default --set against_visits=4 --set against_visits_final=2
refuse 'against=nosuch' match --game go:5 --agent net:default,against=nosuch --agent random --games 2
refuse 'memory takes a file' play --memory ''
refuse 'none of list' memory nonsense
refuse 'no argument' memory list 1
refuse 'number of one lesson' memory show
refuse 'one file' memory export
refuse 'no file' memory show 1 --memory absent.db
refuse 'no file' memory forget --all --memory absent.db
refuse 'belong to forget' memory --all
refuse 'such as 12h' memory forget --older-than soon
echo 'no database' >plain.db
refuse 'plain.db' memory --memory plain.db
refuse 'regular' memory --memory .
refuse 'absent' watch absent
refuse 'one run' watch a b
refuse '0.5 to 4' watch --scale 9

# To and from other programs.
refuse 'one net or one run' export
refuse 'one net or one run' export a b --onnx f
refuse 'one of --onnx' export default
refuse 'one of --onnx' export default --onnx f --npz g
refuse 'belongs to --rows' export default --onnx f --newest 3
refuse 'belongs to --rows' export r --rows f --newest=-1
refuse 'absent' export absent --onnx f
refuse 'plain.db' export plain.db --onnx f
refuse 'cannot create absent/f' export default --onnx absent/f
refuse 'cannot create absent/f' export default --npz absent/f
refuse 'not a regular file' export default --onnx .
refuse 'not a regular file' export default --onnx /dev/null
refuse 'no run in runs/absent' export absent --rows f
refuse 'no run in runs/absent' export absent --sgf games
[ ! -e f ] || { echo "a rejected export wrote a file"; bad=1; }
refuse 'one run or one net' import
refuse 'one of --sgf' import r
refuse 'one of --sgf' import r --sgf a --npz b
refuse 'belongs to --npz' import r --sgf a --out b
refuse 'belongs to --npz, --game' import r --npz a --game go:9
refuse 'with --game' import r --sgf .
refuse 'go:SIZE' import r --sgf . --game chess:8
refuse 'no file or folder' import r --sgf nothing --game go:9
refuse 'no game for the run' import r --sgf . --game go:9
echo 'no game' >a.sgf
refuse 'no game for the run' import r --sgf a.sgf --game go:9
[ ! -e runs/r/run.db ] || { echo "an import without a game made a run"; bad=1; }
rm a.sgf
refuse 'without --out' import default --npz f
refuse 'absent.npz' import default --npz absent.npz --out f
refuse 'plain.db.*no zip' import default --npz plain.db --out f

# Games and rules.
refuse 'go:SIZE' match --game chess:8 $pair
refuse '2 to 19' match --game go:1 $pair
refuse '2 to 19' match --game go:20 $pair
refuse '2 to 19' match --game go:9x9 $pair
refuse '3 to 20' match --game gomoku:2 $pair
refuse 'halves' match --game go:9,komi=seven $pair
refuse 'halves' match --game go:9,komi=7.3 $pair
refuse 'rules takes' match --game go:9,rules=klingon $pair
refuse 'no option' match --game go:9,line=5 $pair
refuse 'rules takes' match --game gomoku:15,rules=chinese $pair
refuse 'line' match --game gomoku:3,line=5 $pair
refuse 'go:SIZE' bench board --game nothing
refuse 'against' bench board --against absent
echo '{"part":"board"}' >figures
refuse 'line 1' bench board --against figures
refuse 'fail-slower' bench board --fail-slower 100

# Agents and matches.
refuse 'random' match --game go:9 --agent nobody --agent random --games 2
refuse 'rollout' match --game go:9 --agent rollout:many --agent random --games 2
refuse 'rollout' match --game go:9 --agent rollout:0 --agent random --games 2
refuse 'visits' match --game go:9 --agent net:default,visits=-3 --agent random --games 2
refuse 'stdev takes .*0 to 1' match --game go:9 --agent net:default,stdev=2 --agent random --games 2
refuse 'bias takes .*0 to 1' match --game go:9 --agent net:default,bias=-1 --agent random --games 2
refuse 'hold takes no.yes' match --game go:9 --agent net:default,hold=maybe --agent random --games 2
refuse 'hold needs selection=puct' match --game go:9 --agent net:default,hold=yes,selection=gumbel --agent random --games 2
refuse 'hold=yes distributes time, which visits=100 does not use; remove one of them' match --game go:9 --agent net:default,hold=yes,visits=100 --agent random --games 2
refuse 'uncertainty takes .*0 to 2' match --game go:9 --agent net:default,uncertainty=3 --agent random --games 2
refuse 'stdev needs selection=puct' match --game go:9 --agent net:default,stdev=0.8,selection=gumbel --agent random --games 2
refuse 'threats takes .*0 to 2' match --game gomoku:9 --agent net:default,threats=3 --agent random --games 2
refuse 'threats takes .*0 to 2' match --game gomoku:9 --agent rollout:9,threats=yes --agent random --games 2
refuse 'absent' match --game go:9 --agent net:absent --agent random --games 2
LC_ALL=C refuse 'unknown net "天元"' match --game go:9 --agent net:天元 --agent random --games 2
: >script
refuse 'chmod' match --game go:9 --agent gtp:./script --agent random --games 2
refuse 'perfect' match --game go:9 --agent perfect --agent random --games 2
refuse 'two|agent' match --game go:9 --agent random --games 2
refuse 'games' match --game go:9 --agent random --agent random --games 0
refuse 'fewer' match --game go:9 $pair $pair $pair --games 1000000
refuse 'seed' match --game go:9 $pair --seed -7
refuse 'name' match --game go:9 --agent a=random --agent a=random --games 2
refuse 'threads' match --game go:9 $pair --threads 0
refuse 'knockout' match --game go:9 $pair --schedule cup
refuse 'swiss' match --game go:9 $pair --rounds 3
refuse 'time control' match --game go:9 $pair --time 5
refuse 'mutually exclusive' match --game go:9 $pair --time 5m --move-time 100
refuse 'elo0' match --game go:9 $pair --sprt elo0=5,elo1=1
refuse 'two agents' match --game go:9 $pair $pair --sprt elo1=5
refuse '0.01 to 1' match --game go:9 $pair --adjudicate win=7
refuse 'cannot score' match --game go:9 $pair --referee random
refuse 'no program' match --game go:9 --agent random --agent 'gtp:no-such-program' --games 2
refuse 'none of the agents' match --game go:9 $pair --anchor nobody
refuse 'Gomoku' match --game go:9 $pair --out cup --format psq
refuse 'No such file' match absent.yaml
printf 'game: go:9\ngames: 2\nagnet: random\n' >cup.yaml
refuse 'cup.yaml, line 3: there is no key "agnet"' match cup.yaml
printf 'game: go:9\ngames: 2\nagent:\n- random\n- gtp:no-such-program\n' >cup.yaml
refuse 'cup.yaml, line 5: .*no program' match cup.yaml
printf 'game: go:9\ngames: 2\nagent:\n- a=random\n- a=random\n' >cup.yaml
refuse 'cup.yaml, line 5: two agents have the name' match cup.yaml
printf 'Q16 D4\n' >large.txt
printf 'game: go:9\nagent: [random, random]\nopenings: large.txt\n' >cup.yaml
refuse 'cup.yaml, line 3: openings: large.txt, line 1: "Q16"' match cup.yaml
"$tengen" match --game gomoku:5,line=4 $pair --seed 1 --out kept >out 2>err || { echo "a small match with --out failed"; bad=1; }
before=$(cksum kept/report.json kept/match.db)
refuse 'games was "2" and is now "1"' match --game gomoku:5,line=4 $pair --games 1 --seed 1 --out kept
refuse 'seed was "1" and is now "2"' match --game gomoku:5,line=4 $pair --seed 2 --out kept
[ "$before" = "$(cksum kept/report.json kept/match.db)" ] || { echo "a rejected command changed a tournament"; bad=1; }

"$tengen" match --game gomoku:5,line=4 $pair --seed 1 >/dev/full 2>err
[ $? -eq 3 ] && grep -q 'stdout: No space left' err || { echo "a result that could not be written was not reported"; bad=1; }

# Lab files.
lab() { # PATTERN [LINE...]: a file of these lines is refused
    pattern=$1
    shift
    printf '%s\n' "$@" >lab.yaml
    refuse "$pattern" lab lab.yaml
}
seeds='seeds: [1, 2]'
budget='budget: {steps: 2}'
arms='arms: [{name: a}, {name: b, rate: 0.1}]'
refuse 'takes one lab file' lab
refuse 'such file' lab absent.yaml
refuse 'threads' lab --threads 0 absent.yaml
lab 'line 1, column 1: a lab file is a mapping' ''
lab 'line 3, column 9: budget takes' 'game: go:5' "$seeds" 'budget: {minutes: 1, steps: 5}' "$arms"
lab 'line 1, column 1: .*no key "gmae"; did you mean "game"' 'gmae: go:5'
lab 'line 1, column 7: .*go:SIZE' 'game: chess:8' "$seeds" "$budget" "$arms"
lab 'the key seeds is missing' 'game: go:5' "$budget" "$arms"
lab 'line 2, column 12: the seed 1 is given twice' 'game: go:5' 'seeds: [1, 1]' "$budget" "$arms"
lab 'two arms or more' 'game: go:5' "$seeds" "$budget" 'arms: [{name: a}]'
lab 'line 4, column 26: two arms have the name' 'game: go:5' "$seeds" "$budget" 'arms: [{name: a}, {name: a}]'
lab 'line 4, column 18: .*no setting "rat"' 'game: go:5' "$seeds" "$budget" 'arms: [{name: a, rat: 1}, {name: b}]'
lab 'rate takes a number' 'game: go:5' "$seeds" "$budget" 'arms: [{name: a, rate: -1}, {name: b}]'
lab 'sizes is the same for all arms' 'game: go:5' "$seeds" "$budget" 'arms: [{name: a, sizes: 5}, {name: b}]'
lab 'arm b: .*5by64' 'game: go:5' "$seeds" "$budget" 'arms: [{name: a}, {name: b, net: 5by64}]'
lab 'line 4, column 11: a factor.s name has' 'game: go:5' "$seeds" "$budget" 'factors: {a b: {rate: 1}}'
lab 'arms and factors exclude each other' 'game: go:5' "$seeds" "$budget" "$arms" 'factors: {a: {rate: 1}}'
lab 'line 4, column 15: .*no setting "rat"' 'game: go:5' 'seeds: [1, 2]' "$budget" 'factors: {a: {rat: 1}}'
lab 'need 2 seeds for intervals' 'game: go:5' 'seeds: [1]' "$budget" 'factors: {a: {rate: 1}}'
lab 'ladder_share has no effect in a lab' 'game: go:5' "$seeds" "$budget" 'arms: [{name: a}, {name: b, ladder_share: 0.1}]'
lab 'needs data' 'kind: same-data' 'game: go:5' "$seeds" "$budget" "$arms"
lab 'same-data only' 'data: x' 'game: go:5' "$seeds" "$budget" "$arms"
lab 'held-out applies to kind: same-data only' 'held-out: 0.2' 'game: go:5' "$seeds" "$budget" "$arms"
lab 'visits has no effect with kind: same-data' 'kind: same-data' 'data: x' 'game: go:5' "$seeds" "$budget" \
    'arms: [{name: a, visits: 8}, {name: b, visits: 64}]'
lab 'compare: game must be go' 'game: go:5' "$seeds" "$budget" "$arms" 'compare: {game: "gomoku:9"}'
refuse 'compare: game must be go' lab lab.yaml --check
lab 'line 2, column 7: no run in runs/x' 'kind: same-data' 'data: x' 'game: go:5' "$seeds" "$budget" "$arms"
lab 'from=absent' 'from: absent' 'game: go:5' "$seeds" "$budget" "$arms"
lab 'compare: .*unknown agent' 'game: go:5' "$seeds" "$budget" "$arms" 'compare: {anchors: [nobody]}'
lab 'no key of compare "vists"; did you mean "visits"' 'game: go:5' "$seeds" "$budget" "$arms" 'compare: {vists: 5}'
lab 'such file' 'game: go:5' "$seeds" "$budget" "$arms" 'compare: {openings: absent}'
[ ! -e runs ] || { echo "a rejected lab created a folder"; bad=1; }

# Limits of a run.
refuse 'max_memory.*0 to' train ./limits --game gomoku:3,line=3 --set max_memory=-1
refuse 'max_disk.*0 to' train ./limits --game gomoku:3,line=3 --set max_disk=x
refuse 'max_memory=10 is too little.*at least' train ./limits --game gomoku:3,line=3 --set max_memory=10 --minutes 0.01
refuse 'deterministic' train ./limits2 --game gomoku:3,line=3 --deterministic --set max_memory=1000
rm -rf limits

# Torture: nothing is started, and nothing is deleted.
refuse 'no kind of fault "rain"; there are kill' torture --only kill,rain
refuse 'no kind of fault ""' torture --only ''
refuse 'faults takes' torture --faults 0
refuse 'seed takes' torture --seed -2
refuse 'no arguments' torture run
mkdir used && touch used/mine
refuse 'not empty' torture --folder used
refuse 'cannot create' torture --folder used/mine
[ -e used/mine ] || { echo "torture deleted a file"; bad=1; }
rm -r used

# Robustness: the net, the cells, the settings.
refuse 'give the net to measure' robust
refuse 'one net' robust default other
refuse 'absent' robust absent
refuse 'absent' robust absent --game go:9 --anchor random --games 2
refuse 'no net ships' robust default --game connect4:7x6 --anchor random --games 2
refuse 'go:SIZE' robust default --game chess:8
refuse 'games must be a multiple of 4' robust default --games 6
refuse 'multiple of 2' robust default --games 5 --anchor random
refuse 'games takes' robust default --games 0
refuse 'visits takes' robust default --visits 0
refuse 'openings takes' robust default --openings 61
refuse 'threads takes' robust default --threads 0
refuse 'seed takes' robust default --seed -1
refuse 'unknown agent' robust default --anchor nobody --games 2
refuse 'two agents have the name' robust default --anchor a=random --anchor a=random --games 4
refuse 'cells: .*no "line" to change' robust default --cells line=5
refuse 'cells: .*NAME=VALUE' robust default --cells nonsense
refuse 'cells: .*empty' robust default --cells ''
refuse 'cells: .*komi takes' robust default --cells 'size=13; komi=seven'
refuse 'cells: .*2 to 19' robust default --cells size=20
refuse 'plays no games: remove' robust default --traps --anchor random
refuse 'plays no games: remove' robust default --traps --cells komi=3
refuse 'positions of Go' robust default --traps --game gomoku:15
refuse 'area is scored' robust default --traps --game go:9,rules=japanese
refuse '9x9 or larger' robust default --traps --game go:7
refuse 'absent' robust absent --traps
refuse 'cells: .*changes nothing' robust default --cells komi=7
refuse 'No such file' robust default --cells absent.yaml
printf -- '- size=13\n- komi: x\n' >cells.yaml
refuse 'cells.yaml, line 2: .*komi takes' robust default --cells cells.yaml
: >plain
refuse 'plain' robust default --out plain --cells size=7 --anchor random --games 2
[ ! -e robust ] || { echo "a rejected command left a folder"; bad=1; }
small="robust default --game go:5 --openings 2 --cells komi=20 --anchor random --visits 1"
"$tengen" $small --games 2 --seed 1 --out table >out 2>err || { echo "a small robust failed"; cat err; bad=1; }
before=$(cksum table/report.csv table/main/match.db)
refuse 'main .*agent 1 was .*visits=1" and is now .*visits=2"' $small --games 2 --visits 2 --seed 1 --out table
refuse 'main .*seed was "1" and is now "2"' $small --games 2 --seed 2 --out table
refuse 'main .*opening-plies was "2" and is now "1"' $small --games 2 --openings 1 --seed 1 --out table
[ "$before" = "$(cksum table/report.csv table/main/match.db)" ] || { echo "a rejected command changed a table"; bad=1; }

# Protocols: invalid specs are rejected before a client waits for replies.
refuse 'unknown agent' gtp --agent nobody
refuse 'go:SIZE' gtp --game chess:8
refuse 'perfect' gtp --agent perfect --game go:9
refuse 'threads' gtp --agent random --threads 0
refuse 'unexpected argument' gtp random
refuse 'seed' gtp --agent random --seed -1
refuse 'unknown agent' analysis --agent nobody
refuse 'go:SIZE' analysis --game chess:8
refuse 'unexpected argument' analysis random
refuse 'analysis-threads' analysis -analysis-threads 0
refuse 'threads must' analysis --threads 65
refuse 'visits' analysis --visits 0
refuse 'sidetomove' analysis --perspective red
refuse 'maxTime' analysis -override-config maxTime=-1
refuse 'unknown agent' gomocup --agent nobody
refuse 'unexpected argument' gomocup random
refuse 'plays Gomoku' match --game go:9 --agent gomocup:true --agent random --games 2
refuse 'needs a command' match --game gomoku:15 --agent gomocup: --agent random --games 2

# Options that exclude each other, invalid times.
refuse 'hours|minutes|until' train run --hours 1 --minutes 5
refuse 'until' train run --until 25:00
refuse 'minutes' train run --minutes -1
refuse 'threads' train run --minutes 1 --threads 0
refuse '--net|blocks' train run --minutes 1 --net 5by64
refuse '--net|blocks' train run --minutes 5 --net 5by64
refuse 'takes \+drop=' train run --minutes 1 --net 'conv:8,res:8+dropp=0.1'
refuse 'number after \+depth=' train run --minutes 1 --net 2x8+depth=1
refuse 'batch' bench --batch 0
refuse 'number type' bench --dtype f8
refuse 'the optimisers are sgd, adamw, muon' bench train --optimiser adam
refuse 'number type' train run --dtype f8
refuse 'plain backend' train run --backend plain --dtype bf16
refuse 'se:8|VNNI' train run --game go:5 --net 'conv:8 se:8' --dtype int8 --minutes 0.1
refuse 'sizes|size of go' train run --sizes 5,99
refuse 'no setting' train run --set nonsense=1
refuse 'optimiser takes sgd' train run --set optimiser=adam
refuse 'weight_decay takes' train run --set weight_decay=-1
refuse 'go has go-v2' train run --game go:9 --set features=go-v9
refuse 'sizes: 9 is given twice' train run --game go:9 --sizes 9,13,9
refuse 'not a valid share' train run --game go:9 --sizes 9:x
refuse 'largest_share' train run --game go:9 --sizes 9:1,13:2 --set largest_share=0.5
refuse 'rules takes|japanese' train run --game go:9 --set rules=chinese,baduk
refuse 'ko takes' train run --game go:9 --set rules=chinese+ko=triple
refuse 'no handicap' train run --game gomoku:9 --set handicap_share=0.1
refuse 'no komi' train run --game gomoku:9 --set komi_fair_share=0.1
refuse 'rungs: .*unknown agent' train run --game go:9 --set 'rungs=random;nobody'
refuse 'rungs: ' train run --game gomoku:9 --set rungs=perfect
refuse 'no komi' train run --game gomoku:9 --set komi_relabel_share=0.1
refuse 'start_fair_share=0.1: gomoku has no komi' train run --game gomoku:9 --set start_share=0.1 --set start_fair_share=0.1
refuse 'visits_final=1: ' train run --minutes 1 --set visits_final=1
refuse 'visits_final=64 is reached at the deadline.*visits_rows' train run --set visits_final=64
refuse 'visits_final=64 with deterministic=1.*visits_rows' train run --deterministic --minutes 1 --set visits_final=64
refuse 'horizons=6,1: takes up to 3 numbers above 1' train run --set horizons=6,1
refuse 'horizons=2,3,4,5: takes up to 3 numbers' train run --set horizons=2,3,4,5
refuse 'start_share takes' train run --set start_share=-0.1
refuse 'start_fork=0.5 has no effect without start_share' train run --set start_fork=0.5
refuse 'visits_rows=9 has no effect without visits_final' train run --set visits_rows=9
refuse 'is too long; at most 63' train run --set rules=tromp-taylor+scoring=area+ko=situational+suicide=yes+komi=-125.5+handicap=0
refuse 'value_search_mix takes' train run --set value_search_mix=2
refuse 'surprise_weight takes' train run --set surprise_weight=1.5
refuse 'surprise_weight=0.7 and surprise_value=0.4 exceed 1' train run --set surprise_weight=0.7 --set surprise_value=0.4
refuse 'such file' train run --unpack absent
refuse 'such file' train run --salvage absent
[ ! -e runs ] || { echo "a rejected command created a run"; bad=1; }
refuse 'part' bench nonsense
refuse 'visits' bench selfplay --visits 1
refuse 'steps and settle need a net with a loop' bench net --steps 3
refuse '17 steps, settle 0: steps must be 0 to 16' bench net --net conv:8,loop:8 --steps 17
refuse 'settle 0 to 1' bench net --net conv:8,loop:8 --settle 2
refuse 'needs a number after .steps=; it is how often' train run --net conv:8,loop:8+steps=8..2
refuse 'must be the last block of the trunk' train run --net conv:8,loop:8,res:8
refuse 'steps takes a whole number' match --game go:5 --agent policy:default,steps=0 --agent random --games 2
refuse 'settle takes a number' match --game go:5 --agent policy:default,settle=2 --agent random --games 2
refuse 'steps and settle need a net with a loop' match --game go:5 --agent policy:default,steps=2 --agent random --games 2

# Weights files.
"$tengen" train made --game gomoku:3,line=3 --net 1x8 --deterministic --minutes 0.1 --seed 1 >out 2>&1 ||
    { tail -n 3 out; echo "a small training run failed"; exit 1; }
good=runs/made/nets/best.safetensors
net() { refuse "$1" match --game "${3:-gomoku:3,line=3}" --agent "policy:$2" --agent random --games 2; }
size=$(wc -c <$good)
head -c 4 $good >cut4.safetensors
head -c $((size - 4)) $good >cut.safetensors
head -c 40 $good >header.safetensors
: >empty.safetensors
head -c 5000 /dev/urandom >noise.safetensors
for file in cut4 cut header empty noise; do net "$file" $file.safetensors; done
cp $good nan.safetensors
printf '\377\377\377\377' | dd of=nan.safetensors bs=1 seek=$((size - 4)) conv=notrunc 2>/dev/null
net 'finite|nan' nan.safetensors
sed 's/gomoku-v1/gomoku-v9/' $good >features.safetensors
net 'gomoku-v9' features.safetensors
sed 's/conv:8/conv:9/' $good >shape.safetensors
net 'shape' shape.safetensors
sed 's/conv:8/xonv:8/' $good >block.safetensors
net 'xonv' block.safetensors
net 'gomoku' $good go:9
refuse 'plays gomoku' bench selfplay --game go:9 --net $good
train_from() { refuse "$1" train begun --game "$2" --from "$3" --minutes 0.1 $4; }
train_from 'unknown net' gomoku:3,line=3 absent
train_from 'plays gomoku' go:5 $good
train_from 'finite|nan' gomoku:3,line=3 nan.safetensors
train_from 'cannot become' gomoku:3,line=3 $good '--net 1x4'
[ ! -e runs/begun ] || { echo "a rejected command created a run"; bad=1; }
"$tengen" train begun --game gomoku:3,line=3 --from $good --deterministic --generations 1 --seed 3 >out 2>&1 ||
    { tail -n 3 out; echo "a run could not be started from a net"; bad=1; }
refuse 'from=' train begun --from default --minutes 0.1
refuse 'plain backend' train begun --backend plain --dtype bf16 --set visits=77
"$tengen" report begun --json | grep -q '"visits":"77"' && { echo "a rejected command changed the settings of a run"; bad=1; }

# A tournament whose agent's net has changed.
"$tengen" match --game gomoku:3,line=3 --agent policy:kept.safetensors --agent random --games 2 --seed 1 --out nets >out 2>&1 &&
    bad=1 # there is no such file yet
cp $good kept.safetensors
"$tengen" match --game gomoku:3,line=3 --agent policy:kept.safetensors --agent random --games 2 --seed 1 --out nets >out 2>&1 ||
    { echo "a small match with a net and --out failed"; bad=1; }
"$tengen" train other --game gomoku:3,line=3 --net 1x8 --deterministic --minutes 0.05 --seed 2 >out 2>&1
cp runs/other/nets/best.safetensors kept.safetensors
refuse 'net of agent 1 was' match --game gomoku:3,line=3 --agent policy:kept.safetensors --agent random --games 2 --seed 1 --out nets

# Run directories.
before=$(find runs -type f -exec cksum {} + | sort | grep -v 'run.db-' | grep -v lock)
refuse 'gomoku:3' train made --game go:9 --minutes 0.1
refuse 'no run|absent' report absent
refuse 'no run|absent' report absent --html
refuse 'exclusive' report made --html --json
refuse 'exclusive' report made --csv --json
refuse 'one run' report made begun
refuse 'made is a run: put the run first' report --html made
refuse 'no directory|directory|write|create' train /proc/tengen/run --minutes 0.1
echo precious >file
refuse 'directory|write|create' train ./file --minutes 0.1
[ "$(cat file)" = precious ] || { echo "a file was overwritten"; bad=1; }
after=$(find runs -type f -exec cksum {} + | sort | grep -v 'run.db-' | grep -v lock)
[ "$before" = "$after" ] || { echo "a rejected command changed the run"; bad=1; }
mkdir full
if mount -t tmpfs -o size=64k tmpfs full 2>/dev/null; then
    refuse 'space|disk|full' train ./full/run --game gomoku:3,line=3 --net 1x8 --minutes 0.2
    refuse 'space|disk|full' export default --onnx ./full/net.onnx
    refuse 'space|disk|full' export default --npz ./full/net.npz
    [ ! -e full/net.onnx ] && [ ! -e full/net.npz ] || { echo "half an export was left behind"; bad=1; }
else
    echo "not root: a full disk was not tested"
fi
echo "$tested invalid inputs tested"
exit $bad
