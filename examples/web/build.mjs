// Builds the page into kbert/web/page, where `kbert serve` and the wheel take it from: npm run build
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const page = path.resolve(here, "../../kbert/web/page");
const runtime = path.join(here, "node_modules/onnxruntime-web/dist");
// Of onnxruntime-web's many files those of the processor alone; without WebGPU there is no need for the others.
const RUNTIME_FILES = ["ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"];

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  target: "es2022",
  legalComments: "inline",
  outdir: page,
  logLevel: "warning",
};

fs.rmSync(page, { recursive: true, force: true });
await esbuild.build({
  ...common,
  entryPoints: ["src/app.ts", "src/worker.ts", "src/style.css"],
  format: "esm",
  // The glue around the WebAssembly stays a file of its own: its threads load it again.
  conditions: ["onnxruntime-web-use-extern-wasm"],
});
for (const name of ["index.html", "icon.svg"]) fs.copyFileSync(path.join(here, "src", name), path.join(page, name));
for (const name of RUNTIME_FILES) fs.copyFileSync(path.join(runtime, name), path.join(page, name));
const licences = ["../../LICENSE", "licences/onnxruntime-web.txt"].map((name) =>
  fs.readFileSync(path.join(here, name), "utf8"),
);
fs.writeFileSync(path.join(page, "licences.txt"), licences.join(`\n${"=".repeat(80)}\n\n`));

const files = fs.readdirSync(page).sort();
const hash = crypto.createHash("sha256");
for (const name of files) hash.update(name).update(fs.readFileSync(path.join(page, name)));
await esbuild.build({
  ...common,
  entryPoints: ["src/offline.ts"],
  format: "iife",
  define: {
    // The page is asked for as the folder.
    PAGE_FILES: JSON.stringify(["./", ...files]),
    PAGE_VERSION: JSON.stringify(hash.digest("hex").slice(0, 16)),
  },
});

const sizes = fs.readdirSync(page).map((name) => [name, fs.statSync(path.join(page, name)).size]);
for (const [name, size] of sizes) console.log(`${(size / 1e6).toFixed(3).padStart(8)} MB  ${name}`);
console.log(`${(sizes.reduce((sum, [, size]) => sum + size, 0) / 1e6).toFixed(3).padStart(8)} MB  together`);
