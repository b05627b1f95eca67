"""Splits a file of XQuAD by article into train.json, validation.json and test.json, in SQuAD's format.

python benchmarks/xquad_split.py XQUAD.json FOLDER

The 48 articles have the same order in every language, so the parts hold the same questions in all of them: the first 32
articles to train, 6 to validate, 10 to test. No article is in two parts.
"""

import json
import sys
from pathlib import Path

PARTS = {"train": slice(0, 32), "validation": slice(32, 38), "test": slice(38, 48)}


def main(source: str, folder: str) -> None:
    """Writes the three files, and prints how many questions each has."""
    content = json.loads(Path(source).read_text("utf-8"))
    articles = content["data"]
    if len(articles) != 48:
        sys.exit(f"{source}: expected the 48 articles of XQuAD, got {len(articles)}")
    Path(folder).mkdir(parents=True, exist_ok=True)
    for part, chosen in PARTS.items():
        rows = articles[chosen]
        path = Path(folder) / f"{part}.json"
        path.write_text(json.dumps({**content, "data": rows}, ensure_ascii=False), "utf-8")
        print(f"{path}: {sum(len(p['qas']) for row in rows for p in row['paragraphs'])} questions")


if __name__ == "__main__":
    main(*sys.argv[1:])
