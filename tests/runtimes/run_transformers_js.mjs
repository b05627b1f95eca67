// Runs an export directory on texts in a pipeline of transformers.js: FOLDER DTYPE, as run_mediapipe.py does.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const { env, pipeline } = createRequire(`${process.cwd()}/`)("@huggingface/transformers");
const [folder, dtype] = process.argv.slice(2);
env.allowRemoteModels = false;
env.localModelPath = path.dirname(folder);

async function answer(texts) {
  try {
    const classify = await pipeline("text-classification", path.basename(folder), { dtype, device: "cpu" });
    const probabilities = [];
    for (const text of texts) {
      const found = await classify(text, { top_k: null });
      probabilities.push(Object.fromEntries(found.map(({ label, score }) => [label, score])));
    }
    return { error: "", probabilities };
  } catch (error) {
    return { error: String(error), probabilities: [] };
  }
}

const request = JSON.parse(fs.readFileSync(0, "utf8"));
console.log(JSON.stringify(await answer(request.texts)));
