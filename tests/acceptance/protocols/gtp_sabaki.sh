#!/bin/sh
# `tengen gtp` with Sabaki's client library (@sabaki/gtp, installed by npm in a temporary folder): initial queries, synchronising
# a board with handicap and an undone move, an interrupted analysis, genmove_analyze. Prints the observations; fails if a
# command is rejected or no analysis arrives. Needs node and npm.
cd "$(dirname "$0")/../../.." || exit 3
tengen=${TENGEN:-$PWD/build/release/tengen}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3
npm install --silent @sabaki/gtp >npm.log 2>&1 || { tail -n 3 npm.log; echo "npm could not fetch @sabaki/gtp"; exit 3; }
cat >client.mjs <<'END'
import pkg from '@sabaki/gtp'
const {Controller, ControllerStateTracker} = pkg
const engine = new Controller(process.argv[2], ['gtp', '--agent', 'rollout:200', '--game', 'go:9'])
await engine.start()
const send = (name, args = [], each) => engine.sendCommand({name, args}, each)
const greeting = await Promise.all(['name', 'version', 'protocol_version', 'list_commands'].map(name => send(name)))
const tracker = new ControllerStateTracker(engine)
const start = {name: 'set_free_handicap', args: ['C3', 'G7']}, white = {name: 'play', args: ['W', 'E5']}
await tracker.sync({komi: 6.5, boardsize: [9, 9], history: [start, white, {name: 'play', args: ['B', 'E6']}]})
await tracker.sync({komi: 7.5, boardsize: [9, 9], history: [start, white, {name: 'play', args: ['B', 'F6']}]})
let lines = 0
const running = send('analyze', ['W', '10'], ({line}) => {
    if (/^info move \S+ .*winrate \d+\.\d+ .* pv /.test(line)) lines++
})
await new Promise(done => setTimeout(done, 1000))
const next = await send('protocol_version')
await running
const move = await send('genmove_analyze', ['W', '10'], () => {})
const komi = await send('get_komi'), board = await send('showboard')
await engine.stop()
const played = move.content.split('\n').pop()
const fine = greeting.every(answer => !answer.error) && lines > 2 && next.content === '2' && /^play /.test(played) &&
    komi.content === '7.5' && !board.error && engine.process == null
console.log(`${greeting[3].content.split('\n').length} commands, ${lines} lines of analysis in a second (target: 3 or ` +
    `more), then protocol_version ${next.content} (target: 2), "${played}", komi ${komi.content} (target: 7.5)`)
process.exit(fine ? 0 : 1)
END
timeout 120 node client.mjs "$tengen"
