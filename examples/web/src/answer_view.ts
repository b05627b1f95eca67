// An answer and its tokens as elements of the page.
import type { Answer, Bar, TokenTag } from "./answers";
import { element, percent } from "./dom";
import type { ShownToken } from "./protocol";

const FIRST_BARS = 8;

/** An answer in a few words, for the headline and for screen readers. */
export function sayAnswer(answer: Answer): string {
  switch (answer.kind) {
    case "labels": {
      const chosen = answer.bars.filter((bar) => bar.chosen);
      if (!chosen.length) return "no label";
      return chosen.map((bar) => `${bar.label} ${percent(bar.probability)}`).join(", ");
    }
    case "score":
      return `score ${answer.value.toFixed(3)}`;
    case "tags":
      return answer.intents[0]
        ? `${answer.intents[0].label} ${percent(answer.intents[0].probability)}`
        : "a tag for each token";
    case "vector":
      return answer.cosine === null ? `a vector of ${answer.size} numbers` : `cosine ${answer.cosine.toFixed(3)}`;
  }
}

/** What is drawn below the headline. */
export function drawAnswer(answer: Answer): Node[] {
  switch (answer.kind) {
    case "labels": {
      const note = answer.threshold === null ? "" : `Labels from ${percent(answer.threshold)} on are given.`;
      return [drawBars(answer.bars), ...(note ? [element("p", { class: "faint" }, note)] : [])];
    }
    case "score": {
      const [low, high] = answer.range;
      const share = (answer.value - low) / (high - low);
      return [drawScale(share, String(low), String(high), "the scores that were learned from")];
    }
    case "tags": {
      const note =
        "Tags stand below the tokens. Words and entities are put together of them by kbert predict, not by this page.";
      return [...(answer.intents.length ? [drawBars(answer.intents)] : []), element("p", { class: "faint" }, note)];
    }
    case "vector":
      if (answer.cosine === null) return [element("p", { class: "faint" }, "Type a second text to compare it with.")];
      return [drawScale((answer.cosine + 1) / 2, "-1", "1", "from opposite to the same")];
  }
}

/** The tokens of a text; with their ids' place in the text, and tags if there are some. */
export function drawTokens(tokens: readonly ShownToken[], tags: readonly TokenTag[] = []): Node {
  const items = tokens.map((token, i) => {
    const kind = [token.special ? "special" : "", token.second ? "second" : ""].filter(Boolean).join(" ");
    const item = element("li", kind ? { class: kind } : {}, element("bdi", {}, token.text));
    const tag = token.special ? undefined : tags[i];
    if (tag) {
      const outside = tag.tag === "O";
      item.append(
        element("small", outside ? {} : { class: "tag" }, outside ? "O" : `${tag.tag} ${percent(tag.probability)}`),
      );
    }
    return item;
  });
  return element("ol", { class: "tokens", "aria-label": "Tokens" }, ...items);
}

function drawBars(bars: readonly Bar[]): HTMLElement {
  const list = element("ol", { class: "bars", "aria-label": "Probabilities" });
  const draw = (from: number, to: number) => {
    for (const bar of bars.slice(from, to)) {
      const fill = element("span", { class: "fill", "aria-hidden": "true" });
      fill.style.setProperty("--share", String(bar.probability));
      list.append(
        element(
          "li",
          bar.chosen ? { class: "chosen" } : {},
          element("span", { class: "label" }, element("bdi", {}, bar.label)),
          element("span", { class: "number" }, percent(bar.probability)),
          element("span", { class: "track", "aria-hidden": "true" }, fill),
        ),
      );
    }
  };
  draw(0, FIRST_BARS);
  if (bars.length <= FIRST_BARS) return list;
  const more = element("button", { type: "button", class: "quiet" }, `All ${bars.length} labels`);
  more.addEventListener("click", () => {
    draw(FIRST_BARS, bars.length);
    more.remove();
  });
  return element("div", {}, list, more);
}

function drawScale(share: number, low: string, high: string, meaning: string): HTMLElement {
  const mark = element("span", { class: "mark", "aria-hidden": "true" });
  mark.style.setProperty("--share", String(Math.min(1, Math.max(0, share))));
  return element(
    "div",
    { class: "scale" },
    element("div", { class: "track", "aria-hidden": "true" }, mark),
    element(
      "div",
      { class: "ends faint" },
      element("span", {}, low),
      element("span", {}, meaning),
      element("span", {}, high),
    ),
  );
}
