// Where models come from: the export that the server has, or files that the user chooses.
import { InputError } from "./input_error";
import { fetchKept } from "./kept";
import type { GoldenFile, Source } from "./protocol";

/** Those that come first are opened first: what transformers.js looks for, too. */
const PREFERRED = ["model_quantized.onnx", "model.onnx"];
const GOLDEN = "tokenizer_golden.json";
const FOLDER = "export/";

export interface Export {
  name: string;
  models: Source[];
  golden: (() => Promise<GoldenFile>) | undefined;
}

/** What `kbert serve` writes to export.json. */
interface Listing {
  name: string;
  models: string[];
  golden: boolean;
}

/** The export beside the page; undefined where there is none. */
export async function servedExport(): Promise<Export | undefined> {
  const listing = (await fetchJson<Listing>("export.json")) ?? (await probe());
  if (!listing) return undefined;
  return {
    name: listing.name,
    models: byPreference(listing.models.map((name) => ({ name, url: absolute(FOLDER + encode(name)) }))),
    golden: listing.golden
      ? async () => {
          const found = await fetchJson<GoldenFile>(FOLDER + GOLDEN);
          if (!found) throw new InputError(`${GOLDEN}: the export has none`);
          return found;
        }
      : undefined,
  };
}

/** The models among chosen files, which may be all of a folder. Throws an InputError if there is none. */
export function chosenExport(files: readonly File[]): Export {
  const models = files.filter((file) => file.name.endsWith(".onnx"));
  if (!models.length) {
    throw new InputError(
      `expected an .onnx file among those chosen, found none in ${files.length}. ` +
        "Choose an export directory, or make one with kbert export --onnx",
    );
  }
  const golden = files.find((file) => file.name === GOLDEN);
  const folder = models[0]!.webkitRelativePath.split("/")[0];
  return {
    name: folder || models[0]!.name,
    models: byPreference(models.map((file) => ({ name: file.name, file }))),
    golden: golden && (async () => readJson<GoldenFile>(await golden.text(), golden.name)),
  };
}

function byPreference(models: Source[]): Source[] {
  const rank = ({ name }: Source) => {
    const place = PREFERRED.indexOf(name.split("/").at(-1)!);
    return place < 0 ? PREFERRED.length : place;
  };
  return models.sort((one, other) => rank(one) - rank(other));
}

/** A static host lists nothing: looks for the files of an export directory copied beside the page. */
async function probe(): Promise<Listing | undefined> {
  const models: string[] = [];
  for (const name of PREFERRED.map((file) => `onnx/${file}`)) {
    const response = await fetch(absolute(FOLDER + name), { method: "HEAD" }).catch(() => undefined);
    if (response?.ok) models.push(name);
  }
  return models.length ? { name: "export", models, golden: true } : undefined;
}

async function fetchJson<T>(path: string): Promise<T | undefined> {
  const response = await fetchKept(absolute(path));
  return response.ok ? readJson<T>(await response.text(), path) : undefined;
}

function readJson<T>(text: string, name: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new InputError(`${name}: expected JSON, could not read it`);
  }
}

/** A path as a URL has it. */
function encode(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

function absolute(path: string): string {
  return new URL(path, document.baseURI).href;
}
