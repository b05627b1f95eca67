"""Raw text as commands take it: `--input A B C`, or `--input A --input B`."""

import itertools
from collections.abc import Iterator

import click


class TextCommand(click.Command):
    """A command whose repeatable options take all values that follow: `--input A B` is `--input A --input B`.

    An option of click takes one value. The others of a shell's wildcard would be arguments, whatever they follow.
    """

    def parse_args(self, context: click.Context, words: list[str]) -> list[str]:
        return super().parse_args(context, list(self._repeated(iter(words))))

    def _repeated(self, words: Iterator[str]) -> Iterator[str]:
        """The words, with its option before every value."""
        options = {
            name: parameter
            for parameter in self.params
            if isinstance(parameter, click.Option)
            for name in (*parameter.opts, *parameter.secondary_opts)
        }
        repeatable = None
        for word in words:
            if word.startswith("-") and word != "-":
                name, equals, _ = word.partition("=")
                option = options.get(name)
                repeatable = name if option and option.multiple else None
                yield word
                if option and not option.is_flag and not equals:
                    # Whatever it looks like: click takes it as the value.
                    yield from itertools.islice(words, 1)
            elif repeatable:
                yield from (repeatable, word)
            else:
                yield word


input_option = click.option(
    "--input",
    "text",
    required=True,
    multiple=True,
    metavar="TEXT",
    help="Files and folders of text: .txt, .jsonl with a field text, either with .gz. More may follow it.",
)
case_option = click.option(
    "--uncased/--cased",
    "lowercase",
    default=None,
    help="Fold case and accents, or keep them.  [default: by the vocabulary]",
)
sentence_objective_option = click.option(
    "--sentence-objective",
    type=click.Choice(["nsp", "sop", "none"]),
    default="nsp",
    show_default=True,
    help="What is learnt about pairs: next sentence, order of sentences, or nothing.",
)
documents_option = click.option(
    "--documents",
    type=click.Choice(["blank-line", "file"]),
    default="blank-line",
    show_default=True,
    help="What ends a document in plain text. A line of .jsonl is always one.",
)
