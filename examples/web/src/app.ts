// The page: what the user does, and what is shown for it.
import { drawAnswer, drawTokens, sayAnswer } from "./answer_view";
import { LatencyChart } from "./chart";
import { Client } from "./client";
import { byId, element, megabytes, milliseconds } from "./dom";
import { InputError } from "./input_error";
import type { Answered, ModelInfo } from "./protocol";
import { type Export, chosenExport, servedExport } from "./sources";

const TYPING_PAUSE_MS = 200;
/** Screen readers are told of an answer when the user has stopped typing, not at every letter. */
const SPEAKING_PAUSE_MS = 1000;
const LENGTHS = [8, 16, 32, 64, 128, 256, 512];
const RUNS = 7;
const MOST_THREADS = 4;
const VERBS: Record<string, string> = {
  regression: "Score",
  "token-classification": "Tag",
  "intent-slots": "Tag",
  embedding: "Compare",
};
const PAIR_TASKS = ["text-classification", "multi-label", "regression", "embedding"];

const client = new Client();
const chart = new LatencyChart(byId("chart"));
const text = byId<HTMLTextAreaElement>("text");
const textB = byId<HTMLTextAreaElement>("text-b");
const pair = byId<HTMLInputElement>("pair");
const files = byId<HTMLSelectElement>("files");

let opened: Export | undefined;
let info: ModelInfo | undefined;
let running = false;
let waiting = false;
let speakLater: ReturnType<typeof setTimeout> | undefined;

function showProblem(error: unknown): void {
  const problem = byId("problem");
  const expected = error instanceof InputError;
  const message = error instanceof Error ? error.message : String(error);
  problem.textContent = error === undefined ? "" : expected ? message : `the page met a defect of its own: ${message}`;
  problem.hidden = error === undefined;
  if (error !== undefined && !expected) console.error(error);
}

/** Runs what an event starts; what goes wrong is shown. */
function guarded(work: () => Promise<void>): () => void {
  return () => {
    work().catch(showProblem);
  };
}

async function openExport(found: Export): Promise<void> {
  opened = found;
  files.replaceChildren(...found.models.map(({ name }, i) => element("option", { value: String(i) }, name)));
  byId("file-row").hidden = found.models.length < 2;
  await openModel();
}

async function openModel(): Promise<void> {
  const source = opened!.models[Number(files.value || 0)]!;
  info = undefined;
  document.body.dataset["state"] = "loading";
  showProblem(undefined);
  byId("status").textContent = `Loading ${source.name} …`;
  byId("answer").hidden = byId("tokens-card").hidden = true;
  byId("golden-result").textContent = "";
  chart.clear();
  try {
    info = await client.ask("open", { source, threads: threads() });
  } catch (error) {
    document.body.dataset["state"] = "failed";
    byId("status").textContent = `${source.name} cannot be used.`;
    throw error;
  }
  showModel(info);
  await run();
}

function threads(): number {
  // Threads share memory, which browsers allow only to pages that are isolated from others: kbert serve sees to it.
  // They spin while they wait for each other, so half of the processor is left to all else.
  const half = Math.floor(navigator.hardwareConcurrency / 2);
  return crossOriginIsolated ? Math.max(1, Math.min(MOST_THREADS, half)) : 1;
}

function showModel({
  name,
  task,
  labels,
  maxLength,
  vocabularySize,
  lowercase,
  scheme,
  bytes,
  threads,
  loadMs,
}: ModelInfo): void {
  byId("model-name").textContent = opened!.name;
  document.title = `${opened!.name} · kbert`;
  byId("status").textContent = `Ready after ${milliseconds(loadMs)}.`;
  byId("submit").textContent = VERBS[task] ?? "Classify";
  const pairs = PAIR_TASKS.includes(task);
  byId("pair-row").hidden = !pairs;
  pair.checked = task === "embedding" || (pairs && pair.checked);
  showSecond();
  const facts: [string, string][] = [
    ["file", `${name.split("/").at(-1)}, ${megabytes(bytes)}`],
    ["task", labels > 1 ? `${task}, ${labels} labels` : task],
    ["weights", scheme],
    ["reads", `up to ${maxLength} tokens`],
    ["vocabulary", `${vocabularySize.toLocaleString("en")} tokens, ${lowercase ? "uncased" : "cased"}`],
    ["runtime", `onnxruntime-web, WebAssembly, ${threads} ${threads === 1 ? "thread" : "threads"}`],
  ];
  byId("facts").replaceChildren(...facts.flatMap(([key, value]) => [element("dt", {}, key), element("dd", {}, value)]));
  byId<HTMLButtonElement>("golden").disabled = !opened!.golden;
  byId("golden-hint").hidden = Boolean(opened!.golden);
}

function showSecond(): void {
  byId("second").hidden = !pair.checked;
}

/** Runs the text that stands there; while one runs, only the last that was typed is run behind it. */
async function run(): Promise<void> {
  if (running || !info) {
    waiting = true;
    return;
  }
  running = true;
  document.body.dataset["state"] = "running";
  try {
    do {
      waiting = false;
      await runOnce();
    } while (waiting);
  } finally {
    running = false;
    if (info) document.body.dataset["state"] = "ready";
  }
}

async function runOnce(): Promise<void> {
  const second = pair.checked && textB.value.trim() ? textB.value : undefined;
  if (!text.value.trim()) {
    byId("answer").hidden = byId("tokens-card").hidden = true;
    return;
  }
  const asked = info;
  const answered = await client.ask("run", { text: text.value, textB: second });
  if (info !== asked) return; // another model was opened meanwhile
  showProblem(undefined);
  showAnswer(answered);
}

function showAnswer({ answer, tokens, length, truncated, tokenizeMs, modelMs }: Answered): void {
  const said = sayAnswer(answer);
  byId("headline").textContent = said;
  byId("drawing").replaceChildren(...drawAnswer(answer));
  byId("cut").hidden = !truncated;
  byId("cut").textContent = `The text is longer than the model reads: cut to ${info!.maxLength} tokens.`;
  byId("tokens").replaceChildren(drawTokens(tokens, answer.kind === "tags" ? answer.tags : []));
  byId("tokens-title").textContent = `${length} tokens`;
  byId("latency").textContent = `${milliseconds(modelMs)} for the model, ${milliseconds(tokenizeMs)} for the tokenizer`;
  byId("answer").hidden = byId("tokens-card").hidden = false;
  const twice = answer.kind === "vector" && answer.cosine !== null; // two runs of two lengths
  if (!twice) chart.addRun({ length, ms: modelMs });
  clearTimeout(speakLater);
  speakLater = setTimeout(() => {
    byId("spoken").textContent = truncated ? `${said}. The text was cut.` : said;
  }, SPEAKING_PAUSE_MS);
}

async function measure(): Promise<void> {
  if (!info) throw new InputError("no model is open to measure. Choose an export directory or an .onnx file");
  const button = byId<HTMLButtonElement>("measure");
  button.disabled = true;
  chart.clearMeasured();
  try {
    const { maxLength } = info;
    const lengths = LENGTHS.filter((length) => length < maxLength);
    for (const length of [...lengths, maxLength]) {
      button.textContent = `Measuring ${length} tokens …`;
      chart.addMeasured({ length, ms: await client.ask("time", { length, runs: RUNS }) });
    }
  } finally {
    button.disabled = false;
    button.textContent = "Measure";
  }
}

async function checkTokenizer(): Promise<void> {
  const { passed, total, failures } = await client.ask("golden", { file: await opened!.golden!() });
  const result = byId("golden-result");
  result.className = failures.length ? "bad" : "good";
  result.textContent = failures.length
    ? `✗ ${passed} of ${total} texts have their tokens. Not so: ${failures.map((failure) => `“${failure}”`).join(", ")}`
    : `✓ All ${total} texts have the tokens and offsets that Python gives.`;
}

async function choose(input: HTMLInputElement): Promise<void> {
  const chosen = [...(input.files ?? [])];
  input.value = ""; // so that the same files can be chosen again
  if (chosen.length) await openExport(chosenExport(chosen));
}

function listen(): void {
  let typed: ReturnType<typeof setTimeout> | undefined;
  const runSoon = () => {
    clearTimeout(typed);
    typed = setTimeout(guarded(run), TYPING_PAUSE_MS);
  };
  for (const field of [text, textB]) {
    field.addEventListener("input", runSoon);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) byId<HTMLFormElement>("form").requestSubmit();
    });
  }
  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(typed);
    guarded(async () => {
      if (!text.value.trim()) throw new InputError("there is no text yet: type one");
      await run();
    })();
  });
  pair.addEventListener("change", () => {
    showSecond();
    runSoon();
  });
  files.addEventListener("change", guarded(openModel));
  byId("measure").addEventListener("click", guarded(measure));
  byId("golden").addEventListener("click", guarded(checkTokenizer));
  for (const kind of ["folder", "file"]) {
    const input = byId<HTMLInputElement>(`${kind}-input`);
    byId(`${kind}-button`).addEventListener("click", () => input.click());
    input.addEventListener(
      "change",
      guarded(() => choose(input)),
    );
  }
  // Phones have no folders to choose.
  byId("folder-button").hidden = !("webkitdirectory" in HTMLInputElement.prototype);
}

async function start(): Promise<void> {
  listen();
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker
      .register("offline.js")
      .catch((error: unknown) => console.warn("not kept for offline use:", error));
  }
  const found = await servedExport();
  if (found) {
    await openExport(found);
  } else {
    document.body.dataset["state"] = "empty";
    byId("status").textContent = "Choose an export directory, or an .onnx file of one.";
  }
}

guarded(start)();
