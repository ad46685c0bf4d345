// Runs FOLDER/net.onnx in onnxruntime on the positions that onnx_positions wrote, in batches, and prints the largest absolute
// difference of each output. Exits with 1 if one is not below the target. Usage: onnx_compare.js MODULES FOLDER TARGET
const fs = require('fs');
const path = require('path');
const [modules, folder, limit] = process.argv.slice(2);
const ort = require(path.join(modules, 'onnxruntime-node'));
const BATCH = 50;

function floats(name) {
  const bytes = fs.readFileSync(path.join(folder, name));
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

async function main() {
  const session = await ort.InferenceSession.create(path.join(folder, 'net.onnx'), {intraOpNumThreads: 1});
  const worst = {policy: 0, wdl: 0, score: 0, map: 0}, largest = {policy: 0, wdl: 0, score: 0, map: 0};
  let positions = 0;
  for (const b of JSON.parse(fs.readFileSync(path.join(folder, 'positions.json')))) {
    const name = `${b.width}x${b.height}`, points = b.width * b.height, width = {policy: b.moves, wdl: 3, score: 1, map: points};
    const planes = floats(`${name}.planes`), globals = floats(`${name}.globals`);
    const ours = Object.fromEntries(Object.keys(width).map(k => [k, floats(`${name}.${k}`)]));
    for (let i = 0; i < b.n; i += BATCH) {
      const n = Math.min(BATCH, b.n - i), row = b.planes * points;
      const theirs = await session.run({
        planes: new ort.Tensor('float32', planes.slice(i * row, (i + n) * row), [n, b.planes, b.height, b.width]),
        globals: new ort.Tensor('float32', globals.slice(i * b.globals, (i + n) * b.globals), [n, b.globals]),
      });
      for (const k of Object.keys(width)) {
        const shape = k === 'score' ? [n] : [n, width[k]];
        if (JSON.stringify(theirs[k].dims) !== JSON.stringify(shape))
          throw new Error(`${k} has the shape ${theirs[k].dims}, expected ${shape}`);
        for (let j = 0; j < n * width[k]; j++) {
          const a = ours[k][i * width[k] + j], difference = Math.abs(a - theirs[k].data[j]);
          worst[k] = difference >= worst[k] || Number.isNaN(difference) ? difference : worst[k];
          largest[k] = Math.max(largest[k], Math.abs(a));
        }
      }
      positions += n;
    }
  }
  let good = positions > 0;
  for (const k of Object.keys(worst)) {
    console.log(`  ${k.padEnd(8)} largest difference ${worst[k].toExponential(1)} of values up to ${largest[k].toPrecision(3)}`);
    good = good && worst[k] < Number(limit);
  }
  console.log(`  ${positions} positions; target below ${limit}: ${good ? 'met' : 'MISSED'}`);
  process.exit(good ? 0 : 1);
}
main().catch(error => { console.log(error.message); process.exit(3); });
