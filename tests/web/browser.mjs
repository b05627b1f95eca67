// Plays a user in headless Chromium: {chromium, steps} on stdin, one result a step on stdout.
//
//   open {url}                      go there, or load again; wait until a model is open or cannot be
//   type {text, textB?}             type, press the button, wait for the answer
//   press {text}                    type key by key, as a user does, and wait for the answer
//   paste {text}                    put in a text that typing takes too long for, or cannot give
//   golden                          press "Check the tokenizer"
//   measure                         press "Measure"
//   choose {files}                  open files, as if chosen in the file dialogue
//   kill {pid}                      end the server
//   evaluate {code}                 an expression in the page
//   shot {path, dark?, width?}      a picture of the page
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../examples/web/", import.meta.url));
const { chromium } = require("playwright-core");

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const MORE_FLAGS = ["--disable-component-update", "--disable-sync"];
const SETTLED = ["ready", "failed", "empty"];
const request = JSON.parse(fs.readFileSync(0, "utf8"));

const profile = fs.mkdtempSync(path.join(os.tmpdir(), "kbert-chromium-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: request.chromium,
  headless: true,
  args: [...FLAGS, ...MORE_FLAGS],
});
const page = context.pages()[0] ?? (await context.newPage());
page.setDefaultTimeout(180_000); // a machine that is busy with all other tests
const hosts = new Set();
const errors = [];
context.on("request", (sent) => hosts.add(new URL(sent.url()).hostname));
page.on("pageerror", (error) => errors.push(error.message));
page.on("console", (message) => message.type() === "error" && errors.push(message.text()));

const settled = (states = SETTLED) =>
  page.waitForFunction((wanted) => wanted.includes(document.body.dataset.state), states);

function look() {
  return page.evaluate(() => {
    const text = (id) => {
      const found = document.getElementById(id);
      return found.closest("[hidden]") ? "" : plain(found);
    };
    // Without the spaces at which no line may end.
    const plain = (found) => found.textContent.replaceAll("\u00a0", " ");
    const all = (selector) => [...document.querySelectorAll(selector)];
    return {
      state: document.body.dataset.state,
      status: text("status"),
      problem: text("problem"),
      headline: text("headline"),
      cut: text("cut"),
      length: text("tokens-title"),
      tokens: all("#tokens li bdi").map((found) => found.textContent),
      tags: all("#tokens li small").map(plain),
      bars: all(".bars li").map((row) => [
        row.querySelector("bdi").textContent,
        Number(row.querySelector(".fill").style.getPropertyValue("--share")),
      ]),
    };
  });
}

const STEPS = {
  async open({ url }) {
    await page.goto(url);
    await settled();
    return look();
  },
  async type({ text, textB }) {
    if (textB !== undefined) {
      await page.setChecked("#pair", true);
      await page.fill("#text-b", textB);
    }
    await page.fill("#text", text);
    await page.click("#submit");
    await settled();
    return look();
  },
  async press({ text }) {
    await page.focus("#text");
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.type(text, { delay: 5 });
    await page.waitForFunction(
      (length) => document.querySelectorAll("#tokens li").length === length,
      text.split(" ").length + 2,
    );
    return look();
  },
  async paste({ text }) {
    // In JSON, as half a character does not come through by itself.
    await page.evaluate((json) => {
      document.getElementById("text").value = JSON.parse(json);
      document.getElementById("form").requestSubmit();
    }, JSON.stringify(text));
    await settled();
    return look();
  },
  async golden() {
    await page.click("#golden");
    await page.waitForSelector("#golden-result:not(:empty)");
    return page.textContent("#golden-result");
  },
  async measure() {
    await page.click("#measure");
    await page.waitForFunction(() => document.getElementById("measure").textContent === "Measure");
    return page.$$eval("#chart tbody tr", (rows) => rows.map((row) => row.textContent.replaceAll("\u00a0", " ")));
  },
  async choose({ files }) {
    await page.setInputFiles("#file-input", files);
    await page.waitForTimeout(50);
    await settled();
    return look();
  },
  async kill({ pid }) {
    process.kill(pid);
    return null;
  },
  evaluate: ({ code }) => page.evaluate(code),
  async shot({ path: target, dark = false, width = 1200 }) {
    await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: target, fullPage: true });
    return null;
  },
};

try {
  const results = [];
  for (const step of request.steps) results.push(await STEPS[step.do](step));
  process.stdout.write(JSON.stringify({ results, hosts: [...hosts], errors }));
} finally {
  await context.close();
  fs.rmSync(profile, { recursive: true, force: true });
}
