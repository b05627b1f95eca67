"""The page of `kbert serve` in headless Chromium: what it weighs, and how long a sentence of 20 tokens takes.

    python benchmarks/web_speed.py exported [--threads 1]

Each file of the export in a worker of its own, from the text to the answer at the page: the tokenizer, the model, and
the message to the worker and back. Needs what tests/web needs (`make web`, Chromium). Run it on a quiet machine.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import threading
from pathlib import Path
from typing import Any

from kbert.web.server import PAGE, PageServer

BROWSER = Path(__file__).parent.parent / "tests" / "web" / "browser.mjs"
# Most uncased English vocabularies have a token for each of these words: with [CLS] and [SEP] 20.
TEXT = "the film is a good story about two people who have no idea what they want from life"
RUNS = 100
LENGTHS = (8, 16, 32, 64, 128)

# In the page: asks a worker of its own, so that nothing is drawn meanwhile.
MEASURE = """
(async () => {
  const worker = new Worker("worker.js", { type: "module" });
  const ask = (kind, given) => new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error.message)) : resolve(data.answer));
    worker.postMessage({ id: 0, kind, given });
  });
  const source = { name: NAME, url: new URL("export/" + NAME, location).href };
  const info = await ask("open", { source, threads: THREADS });
  const answers = [];
  for (let run = 0; run < RUNS + 10; run++) {
    const started = performance.now();
    const { length, modelMs, tokenizeMs } = await ask("run", { text: TEXT });
    answers.push({ ms: performance.now() - started, length, modelMs, tokenizeMs });
  }
  const byLength = {};
  for (const length of LENGTHS.filter((length) => length <= info.maxLength)) {
    byLength[length] = await ask("time", { length, runs: 15 });
  }
  worker.terminate();
  return { info, answers: answers.slice(10), byLength };
})()
"""


def measure(url: str, models: list[str], threads: int) -> list[Any]:
    """What the page answers for each model."""
    given = {"THREADS": threads, "RUNS": RUNS, "TEXT": TEXT, "LENGTHS": LENGTHS}
    steps: list[dict[str, Any]] = [{"do": "open", "url": url}]
    for name in models:
        code = MEASURE
        for key, value in {**given, "NAME": name}.items():
            code = code.replace(key, json.dumps(value))
        steps.append({"do": "evaluate", "code": code})
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("no Chromium here: apt-get install chromium")
    request = json.dumps({"chromium": chromium, "steps": steps})
    done = subprocess.run(["node", str(BROWSER)], input=request, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[:2000])
    found: list[Any] = json.loads(done.stdout)["results"][1:]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("export")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    with PageServer(arguments.export) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        models = json.loads(server.listing)["models"]
        found = measure(server.url, models, arguments.threads)
        server.shutdown()
    weight = sum(file.stat().st_size for file in PAGE.iterdir())
    print(f"page without the model: {weight / 1e6:.2f} MB in {len(list(PAGE.iterdir()))} files")
    for name, result in zip(models, found, strict=True):
        answers = result["answers"]
        times = sorted(answer["ms"] for answer in answers)
        print(
            f"{name}, {result['info']['bytes'] / 1e6:.1f} MB, {arguments.threads} thread(s), "
            f"open after {result['info']['loadMs'] / 1000:.1f} s\n"
            f"  {answers[0]['length']} tokens, {len(times)} times: median {statistics.median_high(times):.1f} ms, "
            f"least {times[0]:.1f} ms, 95 % below {times[int(0.95 * len(times))]:.1f} ms "
            f"(model {statistics.median_high([a['modelMs'] for a in answers]):.1f}, "
            f"tokenizer {statistics.median_high([a['tokenizeMs'] for a in answers]):.2f})\n"
            f"  model by tokens: {', '.join(f'{n}: {ms:.1f} ms' for n, ms in result['byLength'].items())}"
        )


if __name__ == "__main__":
    main()
