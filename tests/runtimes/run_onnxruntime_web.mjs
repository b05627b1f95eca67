// Runs an .onnx file on token ids in onnxruntime-web (WebAssembly), as run_tflite.py does; logits become probabilities.
import fs from "node:fs";
import { createRequire } from "node:module";

// The packages lie in the folder where this runs, not beside this script.
const ort = createRequire(`${process.cwd()}/`)("onnxruntime-web");
ort.env.logLevel = "fatal";
ort.env.wasm.numThreads = 1;

const tensor = (row) => new ort.Tensor("int64", BigInt64Array.from(row, BigInt), [1, row.length]);

function softmax(logits) {
  const largest = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((value) => value / sum);
}

async function answer(path, rows) {
  let session;
  try {
    session = await ort.InferenceSession.create(new Uint8Array(fs.readFileSync(path)), { executionProviders: ["wasm"] });
  } catch (error) {
    return { error: String(error), probabilities: [] };
  }
  const probabilities = [];
  for (const row of rows) {
    const feed = {
      input_ids: tensor(row),
      attention_mask: tensor(row.map(() => 1)),
      token_type_ids: tensor(row.map(() => 0)),
    };
    const { logits } = await session.run(feed);
    probabilities.push(softmax(Array.from(logits.data, Number)));
  }
  return { error: "", probabilities };
}

const request = JSON.parse(fs.readFileSync(0, "utf8"));
console.log(JSON.stringify(await answer(process.argv[2], request.ids)));
