"""Text to token ids inside a TensorFlow graph, equal to `kbert.tokenizer` for every text.

Only TensorFlow's own operations are used, so that no server needs another library: TF Serving brings the operations of
one version of tensorflow-text, often an old one, and other servers none. Nothing about Unicode is written down here.
The library behind `BertTokenizer` has tables older than those of ICU and Python, and is asked about every code point.

All texts of a batch are one row of code points, each text closed by END. A code point becomes none, one or more (clean,
decompose, fold), a run of letters or one mark is a word, and WordPiece takes from each word the longest piece that the
vocabulary has, again and again.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kbert.export.unicode_rules import (
    ALONE,
    CODE_POINTS,
    LETTER,
    SPACE,
    combining_classes,
    decomposed,
    folded,
    kinds_of,
)
from kbert.tokenizer import SPECIAL_TOKENS, BertTokenizer

# Beyond Unicode: the end of a text, and the special tokens where a text has them written out.
END = CODE_POINTS
SYMBOLS = {token: END + 1 + i for i, token in enumerate(SPECIAL_TOKENS)}
PAGE = 256
LONGEST_WORD = 100  # WordPiece takes a longer one for unknown
WORD_START, WORD_INSIDE = 0, 1  # the roots of the trie


class TokenizerGraph:
    """Adds a tokenizer's operations to the TensorFlow graph that is being built.

    Args:
        tokenizer: whose settings and vocabulary to follow.
        max_length: texts are cut to so many tokens, [CLS] and [SEP] included.
    """

    def __init__(self, tokenizer: BertTokenizer, max_length: int) -> None:
        self.room = max_length - 2
        self.special_ids = {token: tokenizer.token_id(token) for token in SPECIAL_TOKENS}
        strips_accents = tokenizer.lowercase if tokenizer.strip_accents is None else tokenizer.strip_accents
        apart = decomposed() if strips_accents else {}
        fold = folded(tokenizer.lowercase, strips_accents)
        self.decompose = _Expansion(apart) if strips_accents else None
        self.fold = _Expansion({code: text for code, text in fold.items() if code not in apart})
        self.combining = _CodePoints(combining_classes())
        symbols = {END: SPACE} | dict.fromkeys(SYMBOLS.values(), ALONE)
        self.kinds = _CodePoints(kinds_of(tokenizer.split_chinese) | symbols)
        self.trie = _Trie(tokenizer.vocabulary)

    def __call__(self, texts: Any) -> dict[str, Any]:
        """UTF-8 string (batch,) -> `token_ids`, `padding_mask`, `segment_ids`, int32 (batch, length of the longest).

        Bytes that are no UTF-8 are left out, as U+FFFD is.
        """
        # A GPU would wait for every one of these small steps.
        with tf.device("/CPU:0"), tf.name_scope("tokenizer"):
            batch = tf.size(texts, out_type=tf.int64)
            words = self.words(texts)
            token_ids, rows = self._word_pieces(words)
            rows_of_ids = tf.RaggedTensor.from_value_rowids(token_ids, rows, batch, validate=False)[:, : self.room]
            first, last = (tf.fill([batch, 1], self.special_ids[token]) for token in ("[CLS]", "[SEP]"))
            rows_of_ids = tf.concat([first, rows_of_ids, last], axis=1)
            padded = rows_of_ids.to_tensor(self.special_ids["[PAD]"])  # (batch, length)
            return {
                "token_ids": padded,
                "padding_mask": tf.sequence_mask(rows_of_ids.row_lengths(), tf.shape(padded)[1], tf.int32),
                "segment_ids": tf.zeros_like(padded),
            }

    def words(self, texts: Any) -> Any:
        """UTF-8 string (batch,) -> code points of the words that may fit, ragged (batch, words, characters)."""
        codes = tf.strings.unicode_decode(texts, "UTF-8", errors="replace")
        batch = codes.nrows()
        codes = tf.concat([codes, tf.fill([batch, 1], END)], axis=1).values
        codes = _with_symbols(codes)
        if self.decompose is not None:
            codes = self._in_canonical_order(self.decompose(codes))
        codes = self.fold(codes)
        kinds = self.kinds(codes)
        letter, alone = kinds == LETTER, kinds == ALONE
        not_letter = tf.pad(~letter, [[1, 1]], constant_values=True)
        starts = tf.where(alone | (letter & not_letter[:-2]))[:, 0]
        ends = tf.where(alone | (letter & not_letter[2:]))[:, 0] + 1
        # Every word has a token at least, so those behind the first `room` words cannot fit: long texts end here.
        text_of = tf.gather(tf.cumsum(tf.cast(codes == END, tf.int64), exclusive=True), starts)
        numbers = tf.range(tf.size(starts))
        kept = tf.RaggedTensor.from_value_rowids(numbers, text_of, batch, validate=False)[:, : self.room]
        starts, ends = tf.gather(starts, kept.values), tf.gather(ends, kept.values)
        places = tf.ragged.range(starts, tf.minimum(ends, starts + LONGEST_WORD + 1))
        return kept.with_values(places.with_values(tf.gather(codes, places.values)))

    def _in_canonical_order(self, codes: Any) -> Any:
        """Sorts the marks behind each base character by their combining class, as NFD does."""
        classes = self.combining(codes)
        base = tf.cumsum(tf.cast(classes == 0, tf.int64))
        return tf.gather(codes, tf.argsort(base * 256 + tf.cast(classes, tf.int64), stable=True))

    def _word_pieces(self, words: Any) -> tuple[Any, Any]:
        """Ragged (batch, words, characters) -> token ids (tokens,) int32, and the text of each, (tokens,) int64."""
        texts, words = words.value_rowids(), words.values
        starts, word_of = words.row_starts(), words.value_rowids()
        is_start = tf.scatter_nd(starts[:, None], tf.ones_like(starts), tf.shape(words.values, tf.int64)) > 0
        ends = tf.gather(words.row_limits(), word_of)
        ids, sizes = self.trie.longest_pieces(words.values, is_start, ends)
        reached = _follow(starts, sizes, ends)
        stuck = tf.math.unsorted_segment_max(tf.cast(reached & (sizes == 0), tf.int32), word_of, words.nrows()) > 0
        unknown = tf.gather(stuck | (words.row_lengths() > LONGEST_WORD), word_of)
        ids = tf.where(unknown, self.special_ids["[UNK]"], ids)
        taken = tf.where(unknown, is_start, reached)
        return tf.boolean_mask(ids, taken), tf.boolean_mask(tf.gather(texts, word_of), taken)


class _CodePoints:
    """A number for each code point, in pages of which equal ones are kept once."""

    def __init__(self, numbers: Mapping[int, int]) -> None:
        table = np.zeros(END + PAGE, "int32")
        table[list(numbers)] = list(numbers.values())
        self.pages, self.page_of = np.unique(table.reshape(-1, PAGE), axis=0, return_inverse=True)

    def __call__(self, codes: Any) -> Any:
        page = tf.gather(tf.constant(self.page_of.ravel(), tf.int32), codes // PAGE)
        return tf.gather(tf.constant(self.pages.ravel()), page * PAGE + codes % PAGE)


class _Expansion:
    """What each code point becomes: any number of code points; itself where nothing is said."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        self.texts = ["?", *dict.fromkeys(texts.values())]  # the first is for those that stay as they are
        numbers = {text: number for number, text in enumerate(self.texts) if number}
        self.number_of = _CodePoints({code: numbers[text] for code, text in texts.items()})

    def __call__(self, codes: Any) -> Any:
        sizes = np.array([len(text) for text in self.texts])
        pool = np.array([ord(character) for character in "".join(self.texts)], "int32")
        numbers = self.number_of(codes)
        starts = tf.gather(tf.constant(np.cumsum(sizes) - sizes), numbers)
        places = tf.ragged.range(starts, starts + tf.gather(tf.constant(sizes), numbers))
        origin = places.value_rowids()
        same = tf.gather(numbers, origin) == 0
        return tf.where(same, tf.gather(codes, origin), tf.gather(tf.constant(pool), places.values))


class _Trie:
    """The vocabulary as a tree of characters, whose edges are sorted numbers: node above, character below."""

    SHIFT = 1 << 21

    def __init__(self, vocabulary: Sequence[str]) -> None:
        edges: dict[int, int] = {}
        self.ids = [-1, -1]
        for token_id, token in enumerate(vocabulary):
            if token in SYMBOLS:
                self._add(edges, WORD_START, [SYMBOLS[token]], token_id)
            elif token.startswith("##"):  # no word starts so: # stands alone
                self._add(edges, WORD_INSIDE, map(ord, token[2:]), token_id)
            else:
                self._add(edges, WORD_START, map(ord, token), token_id)
        self.keys = np.sort(np.fromiter(edges, "int64", len(edges)))
        self.nodes = np.array([edges[key] for key in self.keys.tolist()], "int32")

    def _add(self, edges: dict[int, int], root: int, codes: Iterable[int], token_id: int) -> None:
        node = root
        for code in codes:
            node = edges.setdefault(node * self.SHIFT + code, len(self.ids))
            if node == len(self.ids):
                self.ids.append(-1)
        if node != root:
            self.ids[node] = token_id

    def longest_pieces(self, codes: Any, is_start: Any, ends: Any) -> tuple[Any, Any]:
        """For each character the longest piece from there on: its id and its size, 0 if there is none; (characters,).

        `is_start` says where words start, `ends` where the word of each character ends. Walks down from all characters
        at once, as long as any finds an edge.
        """
        keys, nodes, token_ids = tf.constant(self.keys), tf.constant(self.nodes), tf.constant(self.ids)

        def walk(depth: Any, places: Any, at: Any, ids: Any, sizes: Any) -> tuple[Any, ...]:
            wanted = tf.cast(at, tf.int64) * self.SHIFT + tf.cast(tf.gather(codes, places + depth), tf.int64)
            edge = tf.minimum(tf.searchsorted(keys, wanted), len(self.keys) - 1)
            found = tf.gather(keys, edge) == wanted
            places, at = tf.boolean_mask(places, found), tf.boolean_mask(tf.gather(nodes, edge), found)
            here = tf.gather(token_ids, at)
            piece = here >= 0
            ended = tf.boolean_mask(places, piece)[:, None]
            depth += 1
            ids = tf.tensor_scatter_nd_update(ids, ended, tf.boolean_mask(here, piece))
            sizes = tf.tensor_scatter_nd_update(sizes, ended, tf.fill(tf.shape(ended)[:1], depth))
            on = places + depth < tf.gather(ends, places)
            return depth, tf.boolean_mask(places, on), tf.boolean_mask(at, on), ids, sizes

        everywhere = tf.range(tf.size(codes, tf.int64))
        start = (
            tf.constant(0, tf.int64),
            everywhere,
            tf.where(is_start, WORD_START, WORD_INSIDE),
            tf.fill(tf.shape(codes), -1),
            tf.zeros_like(everywhere),
        )
        shapes = (tf.TensorShape([]), *[tf.TensorShape([None])] * 4)
        state = tf.while_loop(lambda depth, places, *_: tf.size(places) > 0, walk, start, shape_invariants=shapes)
        return state[3], state[4]


def _follow(starts: Any, sizes: Any, ends: Any) -> Any:
    """Whether a character begins a piece when every word is cut from its start: bool (characters,)."""

    def step(places: Any, reached: Any) -> tuple[Any, Any]:
        reached = tf.tensor_scatter_nd_update(reached, places[:, None], tf.ones_like(places, tf.bool))
        size = tf.gather(sizes, places)
        on = (size > 0) & (places + size < tf.gather(ends, places))
        return tf.boolean_mask(places + size, on), reached

    state = (starts, tf.zeros_like(sizes, tf.bool))
    shapes = (tf.TensorShape([None]), tf.TensorShape([None]))
    return tf.while_loop(lambda places, reached: tf.size(places) > 0, step, state, shape_invariants=shapes)[1]


def _with_symbols(codes: Any) -> Any:
    """Puts its symbol for each special token that is written out, before anything else can happen to it."""
    longest = max(map(len, SPECIAL_TOKENS))
    sizes = tf.constant([len(token) for token in SPECIAL_TOKENS], tf.int64)
    patterns = tf.constant([[ord(c) for c in token.ljust(longest, "\0")] for token in SPECIAL_TOKENS])
    beyond = ~tf.sequence_mask(sizes, longest)  # (tokens, longest)
    places = tf.where(codes == ord("["))[:, 0]
    windows = tf.gather(tf.pad(codes, [[0, longest]]), places[:, None] + tf.range(longest, dtype=tf.int64))
    same = tf.reduce_all((windows[:, None] == patterns) | beyond, axis=2)  # (places, tokens)
    which = tf.where(same)
    places, token = tf.gather(places, which[:, 0]), which[:, 1]
    rest = tf.ragged.range(places + 1, places + tf.gather(sizes, token)).values
    codes = tf.tensor_scatter_nd_update(codes, places[:, None], tf.cast(token, tf.int32) + END + 1)
    stays = tf.tensor_scatter_nd_update(tf.ones_like(codes, tf.bool), rest[:, None], tf.zeros_like(rest, tf.bool))
    return tf.boolean_mask(codes, stays)
