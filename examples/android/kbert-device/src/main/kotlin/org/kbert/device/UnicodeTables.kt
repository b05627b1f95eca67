// Made by unicode_tables.py: run it again rather than edit this file.
package org.kbert.device

/**
 * What each code point is to kbert's tokenizer, whatever Unicode version the phone has: Python's 14.0.0
 * in [WORDS], that of the `regex` package in [GRAPHEMES], that of the `tokenizers` library in the others.
 *
 * Numbers to base 36. Runs of code points: how many to leave out, how many, their value. Texts: how many code points to
 * leave out, how many follow, which.
 */
internal object UnicodeTables {
    const val TOKENIZER = """
0 9 1 0 2 6 0 2 5 0 1 6 0 i 1 0 1 4 0 f 8 a 7 8 0 q 3k 0 6 8 q 4 8 0 6 1 0 1 5 0 q 1 0 1 6 0 1 8 5 1 8 3 1 8 1 1 1 8 2 8
3 1 8 3 1 8 0 6 5c 0 1 3k 0 9 5c 0 1 3k 0 6 5c 1 1 3k 0 5 5c 0 1 3k 1 6 1s 1 9 1s 1 6 1s 2 5 1s 1 1 1s 0 1 5c 0 1 1s 0 1
5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 3k 1 1 5c 0 1 1s 0 1
5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1
1s 0 1 3k 1 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 1 1 3k 1 1 5c 0 1 1s 0 1 5c 0 1 1s 1 1 5c 0 1
1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 3k 1 1 3k 1 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 1 1 3k 1 1 5c 0 1 1s 0 1 5c 0 1
1s 0 1 5c 0 1 1s 0 1 3k 1 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1
1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 3k 1 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1
1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 2 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 2 2 3k 1 1 3k 1 2 3k 1 3 3k 2 4 3k 1 2 3k 1 3
3k 3 2 3k 1 1 3k 0 1 5c 0 1 1s 0 1 3k 1 1 3k 1 2 3k 1 1 3k 2 1 3k 1 1 3k 0 1 5c 0 1 1s 0 3 3k 1 1 3k 1 2 3k 3 1 3k 7 2
3k 1 2 3k 1 2 3k 1 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1
5c 0 1 1s 1 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 3k 1 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1
5c 0 2 1s 0 2 3k 1 1 5c 0 1 1s 0 2 3k 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1
1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1
5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 3k 1 1 5c 0 1 1s 0 1 3k 1 1 3k 1 1 3k 1 1 5c 0 1 1s 0 1 5c 0 1
1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 6 2 3k 1 2 3k 2 1 3k 1 4 3k 1 1 3k 1 1 3k 1 1
3k 1 1 3k 4x l 19gg 0 1 19uo 0 4 17hc 0 1 19uo 0 1 16ow 0 5 17hc 0 2 13xc 0 4 17hc 0 2 13xc 0 b 17hc 0 5 80 0 4 17hc 0 3
19gg 0 2 19hc 0 1 19gg 0 2 19hc 0 1 1bfk 0 1 19gg 0 3 17hc 0 3 19gg 0 2 17hc 0 1 w 0 3 19gg 0 4 17hc 0 1 19gg 0 1 19uo 0
2 17hc 0 1 19gg 0 1 1a1s 0 2 1a8w 0 1 1a1s 0 2 1a8w 0 1 1a1s 0 d 19gg 0 1 3k 1 1 3k 1 1 1s 1 1 3k 7 1 20 0 1 3k 5 1 1s 0
1 5c 0 1 20 0 3 5c 1 1 5c 1 2 5c 0 1 1s 0 h 3k 1 7 3k 0 2 5c 0 5 1s p 5 1s 0 1 3k 3 2 1s 3 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1
3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 5 1 3k 2 1 3k 1 2 3k 2 3 3k 0 2 5c 0 1 3k 0 1 5c 0 3 3k 0 1 5c 0 4
3k 0 3 5c 0 a 3k 0 1 5c 0 m 3k 9 1 1s m 2 1s 1 1 1s 3 1 1s 4 3 1s 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1
3k 1 1 3k 1 1 3k 1 1 3k 1 1 5c 0 1 1s 0 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 2 5 19gg 2 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1
3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1
3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 0 1 5c 0 1 1s 0 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 2 1 5c 0 1 1s 0 1 5c 0 1
1s 0 1 3k 1 1 5c 0 1 1s 0 1 3k 1 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 3k 1 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1
1s 0 1 3k 1 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 3k 1 1 5c 0 1 1s 0 1
3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1
3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 2 12 3k 3 6 8 15 2 8 6 1 17hc 0 4 19gg 0 1 17hc 0 3
19gg 0 1 17vk 0 1 17hc 0 6 19gg 0 6 17hc 0 2 19gg 0 1 17hc 0 2 19gg 0 1 17vk 0 1 1928 0 1 19gg 0 1 200 0 1 274 0 1 2e8 0
1 2lc 0 1 2sg 0 1 2zk 0 1 36o 0 1 3ds 0 1 3kw 0 2 3s0 0 1 3z4 0 1 468 0 1 4dc 0 1 8 0 1 4kg 0 1 8 0 1 4rk 0 1 4yo 0 1 8
0 1 19gg 0 1 17hc 0 1 8 0 1 3kw 17 2 8 b 6 1 3 2 8 1 2 8 2 8 19gg 0 1 5y8 0 1 65c 0 1 6cg 0 1 8 0 1 1 1 2 8 2 5 1s 10 1
5cw 0 1 5k0 0 1 5r4 0 1 5y8 0 1 65c 0 1 6cg 0 1 6jk 0 1 6qo 0 2 19gg 0 2 17hc 0 5 19gg 0 1 17hc 0 2 19gg 0 1 17hc a 4 8
2 1 6xs 27 1 1s 1 1 1s g 1 1s 0 1 8 1 7 19gg 0 1 1 1 4 19gg 0 1 17hc 0 1 19gg 2 2 19gg 1 1 17hc 0 2 19gg 0 1 17hc i e 8
1 1 1 1 1 74w u 1 19gg 0 1 17hc 0 2 19gg 0 1 17hc 0 2 19gg 0 3 17hc 0 1 19gg 0 2 17hc 0 1 19gg 0 1 17hc 0 3 19gg 0 1
17hc 0 1 19gg 0 1 17hc 0 1 19gg 0 1 17hc 0 1 19gg 0 1 17hc 0 2 19gg 2j b w 1m 7 19gg 0 1 17hc 0 1 19gg 3 3 8 s 4 19gg 1
9 19gg 1 3 19gg 1 5 19gg 2 f 8 q 3 17hc 2 1 8 39 e 19fk 1 1 17hc 0 2 19gg 0 1 17hc 0 2 19gg 0 1 17hc 0 3 19gg 0 3 17hc 0
1 5cw 0 1 5k0 0 1 5r4 0 3 19gg 0 1 17hc 0 2 19gg 0 2 17hc 0 5 19gg 0 3 w 12 1 1s 7 1 1s 2 1 1s 5 1 w 1 1 1eo 4 8 w 4 1
1sw 3 1 19gg 0 1 17hc 0 2 19gg 0 3 w 0 8 1s 2 2 w 0 2 8 a 1 8 g 1 w 1m 1 1eo 4 4 w 6 2 1s 0 1 1sw e 2 1s 1 1 1s 2 2 w t
2 w 1c 1 1s 2 1 1s 5 1 1eo 4 2 w 4 2 w 2 2 w 0 1 1sw 3 1 w 7 3 1s 2 1 1s h 2 w 3 1 w b 2 w 1l 1 1eo 4 5 w 1 2 w 4 1 1sw
k 2 w c 1 8 g 1 w 1m 1 1eo 2 1 w 1 4 w 3 1 1s 2 2 1s 0 1 1sw 8 1 w 5 2 1s 4 2 w u 1 w h 1 1s 17 1 w 9 3 1s 0 1 1sw 1e 1
w 1p 3 w 5 2 w 0 1 1s 1 3 w 0 1 1sw 7 1 gm8 0 1 i00 b 2 w t 1 w 1m 1 1eo 2 1 w 0 1 1s 5 1 w 0 2 1s 1 2 1s 0 1 w 0 1 1sw
k 2 w t 1 w 1r 4 w 5 3 1s 0 1 1sw k 2 w 2u 1 1sw 7 3 w 1 1 w 3 1 1s 1 3 1s l 1 8 1o 1 w 2 4 w 0 2 kdc 0 1 1sw c 1 w 0 4
l5s 0 3 w 0 1 8 a 2 8 2d 1 w 2 4 w 0 2 nc0 1 2 w b 4 o4g 0 2 w 1i f 8 1 1 8 3 2 17hc r 1 17hc 1 1 17hc 1 1 16ow 0 4 8 5
1 1s 9 1 1s 4 1 1s 4 1 1s 4 1 1s c 1 1s 7 1 pi8 0 1 ppc 0 1 1s 0 1 q3k 0 2 1s 0 1 w 0 1 1s 0 1 w 0 4 ppc 0 1 w 1 1 ppc 0
1 1s 0 2 19gg 0 1 1sw 0 1 8 0 2 19gg 5 6 w 0 1 1s 0 4 w 1 4 w 0 1 1s 0 4 w 0 1 1s 0 4 w 0 1 1s 0 4 w 0 1 1s 0 c w 0 1 1s
0 3 w 9 1 17hc 9 5 8 4 2 8 23 1 1s 6 4 w 1 5 w 0 1 1eo 1 2 1sw 2 2 w b 6 8 8 2 w 4 3 w g 4 w d 1 w 2 2 w 6 1 17hc f 1 w
2 12 3k 1 1 3k 5 1 3k 19 1 8 gx 3 19gg 0 9 8 1j 2e 3k a 1 8 h8 2 8 h 1 6 q 2 8 26 3 8 10 2 w 0 1 1sw t 2 w 0 1 1sw 0 2 8
r 2 w u 2 w 1s 2 w 1 7 w 8 1 w 2 9 w 0 1 1sw 0 1 w 0 3 8 1 3 8 2 1 19gg y b 8 0 3 w 0 1 1 4a 1 1928 3a 3 w 4 2 w 9 1 w 6
1 17vk 0 1 19gg 0 1 17hc 8 2 8 5t 1 19gg 0 1 17hc 2 1 w 2 2 8 1i 1 w 1 7 w 1 1 1sw 1 1 w 2 8 w 6 2 w 0 8 19gg 2 1 17hc w
7 8 1 6 8 2 5 19gg 0 6 17hc 0 2 19gg 0 1 17hc 1u 4 w 2 1 1s 1 1 1s 1 1 1s 1 1 1s 1 1 1s 3 1 1s x 1 1eo 1 5 w 0 1 1s 0 1
w 0 1 1s 2 2 1s 0 1 w 0 1 1s 0 1 1s0 l 7 8 a 1 19gg 0 1 17hc 0 7 19gg c 2 w w 4 w 2 2 w 0 1 1s0 0 1 1sw 0 2 w 1k 1 1eo 1
2 w 3 1 w 1 3 w 0 2 1s0 8 4 8 18 8 w 2 1 w 0 1 1eo 3 5 8 1q 2 8 9 1 3k 6 17 3k 2 3 3k 0 8 8 8 3 19gg 0 1 8 0 1 80 0 5
17hc 0 2 19gg 0 4 17hc 0 1 19gg 1 7 80 4 1 17hc 6 1 19gg 3 2 19gg 5i 2 19gg 0 1 17hc 0 7 19gg 0 1 17hc 0 2 19gg 0 1 1a8w
0 1 16ao 0 1 17hc 0 1 13xc 0 11 19gg 5 1 19fk 0 1 1a1s 0 1 17hc 0 1 19gg 0 1 17hc 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1
1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1
5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1
1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1
5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1
1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1
5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1
1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1
5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1
1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 5 1s 1 1 1s 2 1 3k 1 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1
5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1
1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1
5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1
1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1
5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 5c 0 1 1s 0 1 3k 1 1
3k 1 1 3k 1 8 1s 0 8 5c 0 6 1s 2 6 5c 2 8 1s 0 8 5c 0 8 1s 0 8 5c 0 6 1s 2 6 5c 2 8 1s 1 1 5c 1 1 5c 1 1 5c 1 1 5c 0 8
1s 0 8 5c 0 e 1s 2 8 1s 0 8 5c 0 8 1s 0 8 5c 0 8 1s 0 8 5c 0 5 1s 1 2 1s 0 5 5c 1 1 1s 2 4 1s 1 2 1s 0 5 5c 0 7 1s 2 2
1s 0 4 5c 1 b 1s 0 5 5c 0 3 1s 2 3 1s 1 2 1s 0 5 5c 0 1 1s 2 2 1y 0 9 6 0 5 1 0 o 8 0 2 6 0 5 1 0 1 6 0 k 8 1 d 8 1 c 8
0 1 6 0 5 1 1 a 1 d 2 8 e 2 8 1t 2 19gg 0 2 80 0 4 19gg 0 3 80 0 2 19gg 4 1 19gg 3 2 80 0 1 19gg 0 1 17hc 0 1 19gg 0 2
80 0 4 17hc 0 1 19gg 1h 1 5c 3 2 5c 6 1 3k 19 g 3k j 1 3k m 2 1s i 1 1s u 3 1s 1g 1 1s 4 1 1s 2 1 1s n 1 1s 1 1 1s q 1
1s 2 1 1s 2 1 1s 1 1 1s m 1 1s 1 1 1s a 5 1s 2 2 1s 2 2 1s 6 2 1s 2 2 1s 2 2 1s y 4 1s 1c 4 1s 6 4 1s q 4 8 t 2 20 az q
3k ig e 8 27 2 8 v a 8 b7 m 8 1r 4 8 w 2 8 66 1 1s 83 1c 3k 1c 1 3k 1 3 3k 2 1 3k 1 1 3k 1 1 3k 1 4 3k 1 1 3k 2 1 3k 8 3
3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1
3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1
3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 8 1 3k 1 1
3k 1 3 19gg 0 1 3k 6 4 8 1 2 8 34 1 8 e 1 1sw 2o w 19gg 0 1b 8 1 j 8 cd 1 6 0 3 8 4 a 8 2 c 8 a 1 1734 0 1 1928 0 1 19uo
0 1 17vk 0 2 188w 0 1 8 c 1 8 e 1 1s 1 1 1s 1 1 1s 1 1 1s 1 1 1s 1 1 1s 1 1 1s 1 1 1s 1 1 1s 1 1 1s 1 1 1s 1 1 1s 2 1 1s
1 1 1s 1 1 1s 6 2 1s 1 2 1s 1 2 1s 1 2 1s 1 2 1s m 1 1s 4 2 1ls 3 1 1s 1 1 8 b 1 1s 1 1 1s 1 1 1s 1 1 1s 1 1 1s 1 1 1s 1
1 1s 1 1 1s 1 1 1s 1 1 1s 1 1 1s 1 1 1s 2 1 1s 1 1 1s 1 1 1s 6 2 1s 1 2 1s 1 2 1s 1 2 1s 1 2 1s m 1 1s 2 4 1s 0 1 8 2 1
1s ld 534 g 1s g74 g zi 2 8 7h 3 8 1c 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k
1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 2 1 19gg 3 1 8 0 a 19gg 0 1 8 1 1 3k 1 1 3k
1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 3 2 19gg 28 2 19gg 0 6 8 16 1 3k 1 1
3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 3 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1
3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1
3k 1 1 3k 1 1 3k a 1 3k 1 1 3k 1 2 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 4 1 3k 1 1 3k 2 1 3k 1 1 3k 3 1 3k 1 1 3k 1 1 3k 1 1
3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 5 3k 1 5 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 4 3k 1 1
3k 1 2 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k 1 1 3k o 1 3k c 1 w 3 1 1sw 4 1 w p 2 w 25 4 8 24 1 1sw 9 2 8
g i 19gg 6 3 8 1 1 8 15 5 w 0 3 17hc 0 2 8 n b w 1 1 1s0 b 1 8 w 3 w 1c 1 1eo 2 4 w 2 1 w 3 1 1s0 0 d 8 g 2 8 5 1 w 1v 6
w 2 2 w 2 2 w c 1 w 8 1 w f 4 8 s 1 w 1f 1 19gg 1 2 19gg 0 1 17hc 2 2 19gg 5 2 19gg 1 1 19gg s 2 8 c 2 w 2 2 8 4 1 1sw
6m 1 w 2 1 w 2 1 8 1 1 1sw i 8mc 1s 2k 6io 1 0 7i 28 0 2 g 0 1 28 0 1 g 0 1 28 0 2 g 0 a 28 0 1 g 0 1 28 0 1 g 0 1 28 0
2 g 0 2 28 0 3 g 0 1w 28 0 2 g 0 2y 28 0 12 g t 1 1s 0 1 55s 0 1 1s a d 1s 1 5 1s 1 1 1s 1 2 1s 1 2 1s 1 9 1s dr 2 8 5c
g w 0 a 8 6 7 19gg 0 7 17hc 0 2 19gg 0 z 8 1 e 8 1 1 8 4 1 8 1 2 8 43 1 1 1 3 8 1 6 8 1 4 8 a 2 8 3 2 8 0 q 3k 0 3 8 1 1
8 r 1 8 1 1 8 1 7 8 43 3 1 1 1 1 76 3 8 6y 1 17hc 6a 1 17hc 45 5 19gg 10 1 8 1c 1 8 1b 14 3k 3s 10 3k 4b 1 8 0 b 3k 1 f
3k 1 7 3k 1 2 3k jl 1 8 5j 1 8 v 1 8 5d 3 w 1 2 w 5 1 w 0 1 17hc 0 1 w 0 1 19gg 14 1 19gg 0 1 80 0 1 17hc 4 1 1sw g 9 8
12 1 8 2t 1 19gg 0 1 17hc 9 7 8 1u 7 8 2h 4 8 6b 1f 3k 4d m 3k ij 1 w 1i e w 0 1 1sw 0 7 8 1d 1 1sw 0 2 w o 1 1s 1 1 1s
e 1 1s 7 4 w 2 1 1sw 0 1 1eo 0 2 8 0 1 1 0 4 8 1q 3 19gg 10 5 w 1 1 w 0 2 1s 0 3 w 0 2 1sw b 4 8 1b 1 1eo 0 2 8 a 2 w 1g
9 w 1 1 1s0 4 5 8 0 1 1eo 0 2 w 0 1 8 d 1 8 1 3 8 27 3 w 2 1 w 0 1 1s0 0 1 1eo 0 1 w 0 6 8 2z 1 8 1h 1 w 3 6 w 0 1 1eo 0
1 1sw l 2 w 1m 1 1eo 3 1 w a 2 1s 0 1 1s0 o 7 19gg 3 5 19gg 5p 1 1s0 3 1 1ds 30 6 w 1 1 w 0 2 1s 1 1 1s 0 2 w 1 1 1sw 0
1 1eo 2 1 8 6j 4 w 4 2 1s 0 2 w 1 1 1sw 0 1 1eo 0 n 8 4 2 w 2d 8 w 2 1 w 1 1 1sw 0 1 w 0 3 8 2v 1 w 1 1 w 2 6 w 0 1 1s0
0 1 1eo 2t 3 w 2 4 w 1 4 w 0 1 1sw g 3 8 9t w 3k ov 1 1s0 1m8 5 8 dtl 2 8 3k 5 80 0 1 8 1m 7 19gg 0 5 8 8 1 8 l7 w 3k 1s
p 3k 5y 4 w f7u 1 w 0 1 80 0 1 8 0 4 1 43e 7 1s 0 2 16o0 0 3 80 3 1 18n4 0 5 16o0 0 8 1 0 8 17hc 2 5 19gg 0 2 17hc u 4
19gg d 6 1s 3l 3 19gg 1iz 1j w 4 1e w 8 1 w e 1 w 2 5 8 f 5 w 1 f w 11s 7 19fk 1 h 19fk 2 7 19fk 1 2 19fk 1 5 19fk 1ph 7
17hc 15 y 3k y 6 19fk 0 1 1ds 4hh wyo g w 3ds g 74 49c g 85s f2 28 0 2 g fhep 1 1 u 2o 1 3k 6o w 1e6o 1eke 1 2 1eke 1
"""

    const val DECOMPOSED = """
5c 2 1t lc 0 2 1t ld 0 2 1t le 0 2 1t lf 0 2 1t lk 0 2 1t lm 1 2 1v mf 0 2 1x lc 0 2 1x ld 0 2 1x le 0 2 1x lk 0 2 21 lc
0 2 21 ld 0 2 21 le 0 2 21 lk 1 2 26 lf 0 2 27 lc 0 2 27 ld 0 2 27 le 0 2 27 lf 0 2 27 lk 2 2 2d lc 0 2 2d ld 0 2 2d le
0 2 2d lk 0 2 2h ld 2 2 2p lc 0 2 2p ld 0 2 2p le 0 2 2p lf 0 2 2p lk 0 2 2p lm 1 2 2r mf 0 2 2t lc 0 2 2t ld 0 2 2t le
0 2 2t lk 0 2 2x lc 0 2 2x ld 0 2 2x le 0 2 2x lk 1 2 32 lf 0 2 33 lc 0 2 33 ld 0 2 33 le 0 2 33 lf 0 2 33 lk 2 2 39 lc
0 2 39 ld 0 2 39 le 0 2 39 lk 0 2 3d ld 1 2 3d lk 0 2 1t lg 0 2 2p lg 0 2 1t li 0 2 2p li 0 2 1t mg 0 2 2p mg 0 2 1v ld
0 2 2r ld 0 2 1v le 0 2 2r le 0 2 1v lj 0 2 2r lj 0 2 1v lo 0 2 2r lo 0 2 1w lo 0 2 2s lo 2 2 1x lg 0 2 2t lg 0 2 1x li
0 2 2t li 0 2 1x lj 0 2 2t lj 0 2 1x mg 0 2 2t mg 0 2 1x lo 0 2 2t lo 0 2 1z le 0 2 2v le 0 2 1z li 0 2 2v li 0 2 1z lj
0 2 2v lj 0 2 1z mf 0 2 2v mf 0 2 20 le 0 2 2w le 2 2 21 lf 0 2 2x lf 0 2 21 lg 0 2 2x lg 0 2 21 li 0 2 2x li 0 2 21 mg
0 2 2x mg 0 2 21 lj 3 2 22 le 0 2 2y le 0 2 23 mf 0 2 2z mf 1 2 24 ld 0 2 30 ld 0 2 24 mf 0 2 30 mf 0 2 24 lo 0 2 30 lo
4 2 26 ld 0 2 32 ld 0 2 26 mf 0 2 32 mf 0 2 26 lo 0 2 32 lo 3 2 27 lg 0 2 33 lg 0 2 27 li 0 2 33 li 0 2 27 ln 0 2 33 ln
2 2 2a ld 0 2 36 ld 0 2 2a mf 0 2 36 mf 0 2 2a lo 0 2 36 lo 0 2 2b ld 0 2 37 ld 0 2 2b le 0 2 37 le 0 2 2b mf 0 2 37 mf
0 2 2b lo 0 2 37 lo 0 2 2c mf 0 2 38 mf 0 2 2c lo 0 2 38 lo 2 2 2d lf 0 2 39 lf 0 2 2d lg 0 2 39 lg 0 2 2d li 0 2 39 li
0 2 2d lm 0 2 39 lm 0 2 2d ln 0 2 39 ln 0 2 2d mg 0 2 39 mg 0 2 2f le 0 2 3b le 0 2 2h le 0 2 3d le 0 2 2h lk 0 2 2i ld
0 2 3e ld 0 2 2i lj 0 2 3e lj 0 2 2i lo 0 2 3e lo x 2 27 m3 0 2 33 m3 d 2 2d m3 0 2 39 m3 s 2 1t lo 0 2 2p lo 0 2 21 lo
0 2 2x lo 0 2 27 lo 0 2 33 lo 0 2 2d lo 0 2 39 lo 0 3 2d lk lg 0 3 39 lk lg 0 3 2d lk ld 0 3 39 lk ld 0 3 2d lk lo 0 3
39 lk lo 0 3 2d lk lc 0 3 39 lk lc 1 3 1t lk lg 0 3 2p lk lg 0 3 1t lj lg 0 3 2p lj lg 0 2 5i lg 0 2 6e lg 2 2 1z lo 0 2
2v lo 0 2 23 lo 0 2 2z lo 0 2 27 mg 0 2 33 mg 0 3 27 mg lg 0 3 33 mg lg 0 2 c7 lo 0 2 ia lo 0 2 2y lo 3 2 1z ld 0 2 2v
ld 2 2 26 lc 0 2 32 lc 0 3 1t lm ld 0 3 2p lm ld 0 2 5i ld 0 2 6e ld 0 2 60 ld 0 2 6w ld 0 2 1t lr 0 2 2p lr 0 2 1t lt 0
2 2p lt 0 2 1x lr 0 2 2t lr 0 2 1x lt 0 2 2t lt 0 2 21 lr 0 2 2x lr 0 2 21 lt 0 2 2x lt 0 2 27 lr 0 2 33 lr 0 2 27 lt 0
2 33 lt 0 2 2a lr 0 2 36 lr 0 2 2a lt 0 2 36 lt 0 2 2d lr 0 2 39 lr 0 2 2d lt 0 2 39 lt 0 2 2b me 0 2 37 me 0 2 2c me 0
2 38 me 2 2 20 lo 0 2 2w lo 6 2 1t lj 0 2 2p lj 0 2 1x mf 0 2 2t mf 0 3 27 lk lg 0 3 33 lk lg 0 3 27 lf lg 0 3 33 lf lg
0 2 27 lj 0 2 33 lj 0 3 27 lj lg 0 3 33 lj lg 0 2 2h lg 0 2 3d lg 7g 1 lc 0 1 ld 1 1 lv 0 2 lk ld 1b 1 jd 9 1 1n 6 2 4o
ld 0 2 pd ld 0 1 53 0 2 ph ld 0 2 pj ld 0 2 pl ld 1 2 pr ld 1 2 px ld 0 2 q1 ld 0 3 qh lk ld p 2 pl lk 0 2 px lk 0 2 q9
ld 0 2 qd ld 0 2 qf ld 0 2 qh ld 0 3 qt lk ld p 2 qh lk 0 2 qt lk 0 2 qn ld 0 2 qt ld 0 2 qx ld 4 2 r6 ld 0 2 r6 lk 17 2
t1 lc 0 2 t1 lk 1 2 sz ld 3 2 sm lk 4 2 t6 ld 0 2 t4 lc 0 2 tf li a 2 t4 li v 2 u0 li m 2 tx lc 0 2 tx lk 1 2 tv ld 3 2
uu lk 4 2 u2 ld 0 2 u0 lc 0 2 ub li n 2 vo lr 0 2 vp lr 21 2 t2 li 0 2 ty li d 2 sw li 0 2 ts li 0 2 sw lk 0 2 ts lk 2 2
t1 li 0 2 tx li 2 2 yg lk 0 2 yh lk 0 2 t2 lk 0 2 ty lk 0 2 t3 lk 0 2 tz lk 2 2 t4 lg 0 2 u0 lg 0 2 t4 lk 0 2 u0 lk 0 2
ta lk 0 2 u6 lk 2 2 yw lk 0 2 yx lk 0 2 tp lk 0 2 ul lk 0 2 tf lg 0 2 ub lg 0 2 tf lk 0 2 ub lk 0 2 tf ln 0 2 ub ln 0 2
tj lk 0 2 uf lk 2 2 tn lk 0 2 uj lk 88 2 17r 18z 0 2 17r 190 0 2 18o 190 0 2 17r 191 0 2 18q 190 49 2 1cl 190 1 2 1c1
190 g 2 1ci 190 gl 2 1t4 1to 7 2 1tc 1to 2 2 1tf 1to z 2 1sl 1to 0 2 1sm 1to 0 2 1sn 1to 0 2 1ss 1to 0 2 1sx 1to 0 2 1sy
1to 0 2 1t7 1to 0 2 1tb 1to 2z 2 1xj 1xa 0 2 1xj 1xz f 2 1wh 1x8 0 2 1wi 1x8 1 2 1wv 1x8 2b 2 20i 20s 2 2 20o 20s y 2
1zq 20s 0 2 1zr 20s 0 2 1zw 20s 2 2 20b 20s 6h 2 287 28m 2 2 287 27y 0 2 287 28n f 2 275 27w 0 2 276 27w 1i 2 2aa 2c7 1h
2 2bq 2bi 0 2 2br 2bi 0 2 2bq 2c7 3f 2 2fa 2fq 3b 2 2in 2j9 6 2 2iu 2j9 0 2 2iu 2ja 1 2 2iu 2iq 0 3 2iu 2iq 2j9 3i 2 2me
2m6 0 2 2mf 2m6 0 2 2me 2mv 3x 2 2qh 2q2 1 2 2qh 2q7 0 3 2qh 2q7 2q2 0 2 2qh 2qn 9w 2 30i 33r 9 2 30s 33r 4 2 30x 33r 4
2 312 33r 4 2 317 33r c 2 30g 33p 9 2 31t 31u 1 2 31t 31w 0 2 33m 328 1 2 33n 328 8 2 31t 328 h 2 32q 33r 9 2 330 33r 4
2 335 33r 4 2 33a 33r 4 2 33f 33r c 2 32o 33p 30 2 36t 372 25b 2 5c5 5dh 1 2 5c7 5dh 1 2 5c9 5dh 1 2 5cb 5dh 1 2 5cd 5dh
3 2 5ch 5dh 14 2 5dm 5dh 1 2 5do 5dh 2 2 5dq 5dh 0 2 5dr 5dh 1 2 5du 5dh jg 2 1t md 0 2 2p md 0 2 1u lj 0 2 2q lj 0 2 1u
mb 0 2 2q mb 0 2 1u mp 0 2 2q mp 0 3 1v mf ld 0 3 2r mf ld 0 2 1w lj 0 2 2s lj 0 2 1w mb 0 2 2s mb 0 2 1w mp 0 2 2s mp 0
2 1w mf 0 2 2s mf 0 2 1w ml 0 2 2s ml 0 3 1x lg lc 0 3 2t lg lc 0 3 1x lg ld 0 3 2t lg ld 0 2 1x ml 0 2 2t ml 0 2 1x mo
0 2 2t mo 0 3 1x mf li 0 3 2t mf li 0 2 1y lj 0 2 2u lj 0 2 1z lg 0 2 2v lg 0 2 20 lj 0 2 2w lj 0 2 20 mb 0 2 2w mb 0 2
20 lk 0 2 2w lk 0 2 20 mf 0 2 2w mf 0 2 20 mm 0 2 2w mm 0 2 21 mo 0 2 2x mo 0 3 21 lk ld 0 3 2x lk ld 0 2 23 ld 0 2 2z
ld 0 2 23 mb 0 2 2z mb 0 2 23 mp 0 2 2z mp 0 2 24 mb 0 2 30 mb 0 3 24 mb lg 0 3 30 mb lg 0 2 24 mp 0 2 30 mp 0 2 24 ml 0
2 30 ml 0 2 25 ld 0 2 31 ld 0 2 25 lj 0 2 31 lj 0 2 25 mb 0 2 31 mb 0 2 26 lj 0 2 32 lj 0 2 26 mb 0 2 32 mb 0 2 26 mp 0
2 32 mp 0 2 26 ml 0 2 32 ml 0 3 27 lf ld 0 3 33 lf ld 0 3 27 lf lk 0 3 33 lf lk 0 3 27 lg lc 0 3 33 lg lc 0 3 27 lg ld 0
3 33 lg ld 0 2 28 ld 0 2 34 ld 0 2 28 lj 0 2 34 lj 0 2 2a lj 0 2 36 lj 0 2 2a mb 0 2 36 mb 0 3 2a mb lg 0 3 36 mb lg 0 2
2a mp 0 2 36 mp 0 2 2b lj 0 2 37 lj 0 2 2b mb 0 2 37 mb 0 3 2b ld lj 0 3 37 ld lj 0 3 2b lo lj 0 3 37 lo lj 0 3 2b mb lj
0 3 37 mb lj 0 2 2c lj 0 2 38 lj 0 2 2c mb 0 2 38 mb 0 2 2c mp 0 2 38 mp 0 2 2c ml 0 2 38 ml 0 2 2d mc 0 2 39 mc 0 2 2d
mo 0 2 39 mo 0 2 2d ml 0 2 39 ml 0 3 2d lf ld 0 3 39 lf ld 0 3 2d lg lk 0 3 39 lg lk 0 2 2e lf 0 2 3a lf 0 2 2e mb 0 2
3a mb 0 2 2f lc 0 2 3b lc 0 2 2f ld 0 2 3b ld 0 2 2f lk 0 2 3b lk 0 2 2f lj 0 2 3b lj 0 2 2f mb 0 2 3b mb 0 2 2g lj 0 2
3c lj 0 2 2g lk 0 2 3c lk 0 2 2h lj 0 2 3d lj 0 2 2i le 0 2 3e le 0 2 2i mb 0 2 3e mb 0 2 2i mp 0 2 3e mp 0 2 2w mp 0 2
38 lk 0 2 3b lm 0 2 3d lm 1 2 an lj 4 2 1t mb 0 2 2p mb 0 2 1t ll 0 2 2p ll 0 3 1t le ld 0 3 2p le ld 0 3 1t le lc 0 3
2p le lc 0 3 1t le ll 0 3 2p le ll 0 3 1t le lf 0 3 2p le lf 0 3 1t mb le 0 3 2p mb le 0 3 1t li ld 0 3 2p li ld 0 3 1t
li lc 0 3 2p li lc 0 3 1t li ll 0 3 2p li ll 0 3 1t li lf 0 3 2p li lf 0 3 1t mb li 0 3 2p mb li 0 2 1x mb 0 2 2t mb 0 2
1x ll 0 2 2t ll 0 2 1x lf 0 2 2t lf 0 3 1x le ld 0 3 2t le ld 0 3 1x le lc 0 3 2t le lc 0 3 1x le ll 0 3 2t le ll 0 3 1x
le lf 0 3 2t le lf 0 3 1x mb le 0 3 2t mb le 0 2 21 ll 0 2 2x ll 0 2 21 mb 0 2 2x mb 0 2 27 mb 0 2 33 mb 0 2 27 ll 0 2
33 ll 0 3 27 le ld 0 3 33 le ld 0 3 27 le lc 0 3 33 le lc 0 3 27 le ll 0 3 33 le ll 0 3 27 le lf 0 3 33 le lf 0 3 27 mb
le 0 3 33 mb le 0 3 27 m3 ld 0 3 33 m3 ld 0 3 27 m3 lc 0 3 33 m3 lc 0 3 27 m3 ll 0 3 33 m3 ll 0 3 27 m3 lf 0 3 33 m3 lf
0 3 27 m3 mb 0 3 33 m3 mb 0 2 2d mb 0 2 39 mb 0 2 2d ll 0 2 39 ll 0 3 2d m3 ld 0 3 39 m3 ld 0 3 2d m3 lc 0 3 39 m3 lc 0
3 2d m3 ll 0 3 39 m3 ll 0 3 2d m3 lf 0 3 39 m3 lf 0 3 2d m3 mb 0 3 39 m3 mb 0 2 2h lc 0 2 3d lc 0 2 2h mb 0 2 3d mb 0 2
2h ll 0 2 3d ll 0 2 2h lf 0 2 3d lf 6 2 q9 lv 0 2 q9 lw 0 3 q9 lv lc 0 3 q9 lw lc 0 3 q9 lv ld 0 3 q9 lw ld 0 3 q9 lv n6
0 3 q9 lw n6 0 2 pd lv 0 2 pd lw 0 3 pd lv lc 0 3 pd lw lc 0 3 pd lv ld 0 3 pd lw ld 0 3 pd lv n6 0 3 pd lw n6 0 2 qd lv
0 2 qd lw 0 3 qd lv lc 0 3 qd lw lc 0 3 qd lv ld 0 3 qd lw ld 2 2 ph lv 0 2 ph lw 0 3 ph lv lc 0 3 ph lw lc 0 3 ph lv ld
0 3 ph lw ld 2 2 qf lv 0 2 qf lw 0 3 qf lv lc 0 3 qf lw lc 0 3 qf lv ld 0 3 qf lw ld 0 3 qf lv n6 0 3 qf lw n6 0 2 pj lv
0 2 pj lw 0 3 pj lv lc 0 3 pj lw lc 0 3 pj lv ld 0 3 pj lw ld 0 3 pj lv n6 0 3 pj lw n6 0 2 qh lv 0 2 qh lw 0 3 qh lv lc
0 3 qh lw lc 0 3 qh lv ld 0 3 qh lw ld 0 3 qh lv n6 0 3 qh lw n6 0 2 pl lv 0 2 pl lw 0 3 pl lv lc 0 3 pl lw lc 0 3 pl lv
ld 0 3 pl lw ld 0 3 pl lv n6 0 3 pl lw n6 0 2 qn lv 0 2 qn lw 0 3 qn lv lc 0 3 qn lw lc 0 3 qn lv ld 0 3 qn lw ld 2 2 pr
lv 0 2 pr lw 0 3 pr lv lc 0 3 pr lw lc 0 3 pr lv ld 0 3 pr lw ld 2 2 qt lv 0 2 qt lw 0 3 qt lv lc 0 3 qt lw lc 0 3 qt lv
ld 0 3 qt lw ld 0 3 qt lv n6 0 3 qt lw n6 1 2 px lw 1 3 px lw lc 1 3 px lw ld 1 3 px lw n6 0 2 qx lv 0 2 qx lw 0 3 qx lv
lc 0 3 qx lw lc 0 3 qx lv ld 0 3 qx lw ld 0 3 qx lv n6 0 3 qx lw n6 0 2 q1 lv 0 2 q1 lw 0 3 q1 lv lc 0 3 q1 lw lc 0 3 q1
lv ld 0 3 q1 lw ld 0 3 q1 lv n6 0 3 q1 lw n6 0 2 q9 lc 0 2 q9 ld 0 2 qd lc 0 2 qd ld 0 2 qf lc 0 2 qf ld 0 2 qh lc 0 2
qh ld 0 2 qn lc 0 2 qn ld 0 2 qt lc 0 2 qt ld 0 2 qx lc 0 2 qx ld 2 3 q9 lv n9 0 3 q9 lw n9 0 4 q9 lv lc n9 0 4 q9 lw lc
n9 0 4 q9 lv ld n9 0 4 q9 lw ld n9 0 4 q9 lv n6 n9 0 4 q9 lw n6 n9 0 3 pd lv n9 0 3 pd lw n9 0 4 pd lv lc n9 0 4 pd lw
lc n9 0 4 pd lv ld n9 0 4 pd lw ld n9 0 4 pd lv n6 n9 0 4 pd lw n6 n9 0 3 qf lv n9 0 3 qf lw n9 0 4 qf lv lc n9 0 4 qf
lw lc n9 0 4 qf lv ld n9 0 4 qf lw ld n9 0 4 qf lv n6 n9 0 4 qf lw n6 n9 0 3 pj lv n9 0 3 pj lw n9 0 4 pj lv lc n9 0 4
pj lw lc n9 0 4 pj lv ld n9 0 4 pj lw ld n9 0 4 pj lv n6 n9 0 4 pj lw n6 n9 0 3 qx lv n9 0 3 qx lw n9 0 4 qx lv lc n9 0
4 qx lw lc n9 0 4 qx lv ld n9 0 4 qx lw ld n9 0 4 qx lv n6 n9 0 4 qx lw n6 n9 0 3 q1 lv n9 0 3 q1 lw n9 0 4 q1 lv lc n9
0 4 q1 lw lc n9 0 4 q1 lv ld n9 0 4 q1 lw ld n9 0 4 q1 lv n6 n9 0 4 q1 lw n6 n9 0 2 q9 li 0 2 q9 lg 0 3 q9 lc n9 0 2 q9
n9 0 3 q9 ld n9 1 2 q9 n6 0 3 q9 n6 n9 0 2 pd li 0 2 pd lg 0 2 pd lc 0 2 pd ld 0 2 pd n9 1 1 qh 2 2 4o n6 0 3 qf lc n9 0
2 qf n9 0 3 qf ld n9 1 2 qf n6 0 3 qf n6 n9 0 2 ph lc 0 2 ph ld 0 2 pj lc 0 2 pj ld 0 2 pj n9 0 2 69r lc 0 2 69r ld 0 2
69r n6 0 2 qh li 0 2 qh lg 0 3 qh lk lc 0 3 qh lk ld 2 2 qh n6 0 3 qh lk n6 0 2 pl li 0 2 pl lg 0 2 pl lc 0 2 pl ld 1 2
6bi lc 0 2 6bi ld 0 2 6bi n6 0 2 qt li 0 2 qt lg 0 3 qt lk lc 0 3 qt lk ld 0 2 qp lv 0 2 qp lw 0 2 qt n6 0 3 qt lk n6 0
2 px li 0 2 px lg 0 2 px lc 0 2 px ld 0 2 pt lw 0 2 4o lc 0 2 4o ld 0 1 2o 2 3 qx lc n9 0 2 qx n9 0 3 qx ld n9 1 2 qx n6
0 3 qx n6 n9 0 2 pr lc 0 2 pr ld 0 2 q1 lc 0 2 q1 ld 0 2 q1 n9 0 1 50 2 1 6bm 0 1 6bn 84 1 q1 3 1 23 0 2 1t lm 32 2 6mo
mw 0 2 6mq mw i 2 6ms mw u 2 6og mw 0 2 6ok mw 0 2 6oi mw 1g 2 6pv mw 4 2 6q0 mw 2 2 6q3 mw n 2 6qr mw 1 2 6qt mw q 2
6rg mw 2 2 6rn mw 2 2 6rp mw 1 2 6rs mw m 2 1p mw 1 2 6sh mw a 2 6rx mw 0 2 1o mw 0 2 1q mw 0 2 6sk mw 0 2 6sl mw 2 2
6sy mw 0 2 6sz mw 2 2 6t2 mw 0 2 6t3 mw 6 2 6t6 mw 0 2 6t7 mw 2 2 6te mw 0 2 6tf mw 2 2 6ti mw 0 2 6tj mw y 2 6ua mw 0 2
6ug mw 0 2 6uh mw 0 2 6uj mw 1c 2 6t8 mw 0 2 6t9 mw 0 2 6tt mw 0 2 6tu mw 6 2 6uq mw 0 2 6ur mw 0 2 6us mw 0 2 6ut mw 1n
1 9hk 0 1 9hl 1ip 2 8gt mw 12n 2 9jf 9ll 1 2 9jh 9ll 1 2 9jj 9ll 1 2 9jl 9ll 1 2 9jn 9ll 1 2 9jp 9ll 1 2 9jr 9ll 1 2 9jt
9ll 1 2 9jv 9ll 1 2 9jx 9ll 1 2 9jz 9ll 1 2 9k1 9ll 2 2 9k4 9ll 1 2 9k6 9ll 1 2 9k8 9ll 6 2 9kf 9ll 0 2 9kf 9lm 1 2 9ki
9ll 0 2 9ki 9lm 1 2 9kl 9ll 0 2 9kl 9lm 1 2 9ko 9ll 0 2 9ko 9lm 1 2 9kr 9ll 0 2 9kr 9lm m 2 9ja 9ll 9 2 9lp 9ll d 2 9m3
9ll 1 2 9m5 9ll 1 2 9m7 9ll 1 2 9m9 9ll 1 2 9mb 9ll 1 2 9md 9ll 1 2 9mf 9ll 1 2 9mh 9ll 1 2 9mj 9ll 1 2 9ml 9ll 1 2 9mn
9ll 1 2 9mp 9ll 2 2 9ms 9ll 1 2 9mu 9ll 1 2 9mw 9ll 6 2 9n3 9ll 0 2 9n3 9lm 1 2 9n6 9ll 0 2 9n6 9lm 1 2 9n9 9ll 0 2 9n9
9lm 1 2 9nc 9ll 0 2 9nc 9lm 1 2 9nf 9ll 0 2 9nf 9lm m 2 9ly 9ll 2 2 9nz 9ll 0 2 9o0 9ll 0 2 9o1 9ll 0 2 9o2 9ll 3 2 9od
9ll 13i9 1 rpk 0 1 kc4 0 1 s7e 0 1 rt4 0 1 lw1 0 1 fg2 0 1 gkl 0 1 vj0 0 1 vj0 0 1 hn5 0 1 ssx 0 1 gw7 0 1 hmw 0 1 jcm 0
1 ne1 0 1 p6t 0 1 qin 0 1 qt6 0 1 r20 0 1 sjz 0 1 kxu 0 1 ljv 0 1 mah 0 1 mvy 0 1 q4d 0 1 sq2 0 1 uep 0 1 fia 0 1 ghh 0
1 l50 0 1 mjf 0 1 qi5 0 1 v8e 0 1 ifk 0 1 m3v 0 1 qfh 0 1 r50 0 1 jih 0 1 pnc 0 1 qvz 0 1 iq2 0 1 kd3 0 1 lm2 0 1 mpo 0
1 slq 0 1 fpi 0 1 g53 0 1 gda 0 1 jwk 0 1 l3n 0 1 mj4 0 1 nhj 0 1 pa9 0 1 qh2 0 1 qjg 0 1 s1b 0 1 tv6 0 1 upb 0 1 v7e 0
1 nt8 0 1 nzz 0 1 otc 0 1 q15 0 1 t1g 0 1 vb3 0 1 rfa 0 1 hjz 0 1 iro 0 1 okg 0 1 pdq 0 1 mle 0 1 nuy 0 1 rsy 0 1 ttj 0
1 hjs 0 1 i8y 0 1 kyb 0 1 lp6 0 1 lxr 0 1 oq7 0 1 oxj 0 1 tor 0 1 gcy 0 1 pe3 0 1 g64 0 1 g5o 0 1 o4c 0 1 ou6 0 1 q29 0
1 tpx 0 1 rk0 0 1 jin 0 1 kxu 0 1 rge 0 1 fg9 0 1 i5j 0 1 iz6 0 1 mtj 0 1 n74 0 1 gev 0 1 nwb 0 1 fr3 0 1 iw9 0 1 ff1 0
1 lho 0 1 k1k 0 1 opu 0 1 gjn 0 1 hge 0 1 ni9 0 1 q4p 0 1 re2 0 1 la2 0 1 sds 0 1 lfs 0 1 jjy 0 1 put 0 1 jog 0 1 n6t 0
1 fji 0 1 g2x 0 1 g5l 0 1 kn5 0 1 oo7 0 1 prj 0 1 rf6 0 1 ssv 0 1 gdx 0 1 gn6 0 1 ho3 0 1 ir0 0 1 k3p 0 1 m4e 0 1 nxm 0
1 tkd 0 1 ui2 0 1 vbr 0 1 vda 0 1 gbf 0 1 kau 0 1 l87 0 1 sbm 0 1 ino 0 1 j9s 0 1 jcw 0 1 jve 0 1 lyb 0 1 mdl 0 1 n0p 0
1 o22 0 1 ovo 0 1 pdb 0 1 s9y 0 1 q9a 0 1 sgz 0 1 t3e 0 1 g7r 0 1 gbn 0 1 gql 0 1 ma0 0 1 r0i 0 1 re2 0 1 iq1 0 1 iyd 0
1 jnf 0 1 l9q 0 1 oji 0 1 mt1 0 1 fl0 0 1 h6h 0 1 i5j 0 1 iii 0 1 izg 0 1 muq 0 1 mzt 0 1 p7e 0 1 pc6 0 1 svo 0 1 tti 0
1 tvs 0 1 u1k 0 1 fpn 0 1 o1a 0 1 ss4 0 1 trs 0 1 j4x 0 1 fie 0 1 fyy 0 1 i5q 0 1 i7z 0 1 k2h 0 1 kxu 0 1 mha 0 1 ncy 0
1 q9o 0 1 sjg 0 1 vil 0 1 k94 0 1 tny 0 1 gax 0 1 kfv 0 1 kj7 0 1 lkx 0 1 luk 0 1 mx5 0 1 n6h 0 1 nsb 0 1 opc 0 1 u3i 0
1 g31 0 1 je6 0 1 tq0 0 1 fu3 0 1 ie1 0 1 lpm 0 1 sa2 0 1 ivf 0 1 j7o 0 1 kk7 0 1 mtj 0 1 tqe 0 1 g89 0 1 glr 0 1 i91 0
1 k5v 0 1 kem 0 1 ko8 0 1 lid 0 1 mx2 0 1 naa 0 1 p6h 0 1 r0v 0 1 r1d 0 1 sss 0 1 tsy 0 1 gfz 0 1 lve 0 1 gm5 0 1 mhc 0
1 n14 0 1 qgq 0 1 tr7 0 1 uvr 0 1 vbz 0 1 kgn 0 1 lor 0 1 pns 0 1 o97 0 1 obk 0 1 olu 0 1 mo0 0 1 m8p 0 1 riw 0 1 fk0 0
1 px2 0 1 g8q 0 1 g7b 0 1 ip2 0 1 jir 0 1 onq 0 1 i2t 0 1 ljy 0 1 kac 0 1 saj 0 1 qx8 0 1 tot 0 1 r63 0 1 iqb 0 1 g1s 0
1 gxs 2 1 hga 1 1 k8k 2 1 g66 0 1 mqy 0 1 ngq 0 1 ny4 0 1 nz2 0 1 nz9 0 1 o0f 0 1 tw6 0 1 on2 0 1 p8d 1 1 qhe 1 1 rg8 2
1 shk 0 1 sn1 3 1 u7j 0 1 u7w 0 1 u94 0 1 v5g 0 1 sm6 0 1 trr 0 1 fqm 0 1 fzb 0 1 g25 0 1 gcp 0 1 gdg 0 1 ggh 0 1 gwt 0
1 gzq 0 1 h2g 0 1 hfk 0 1 hig 0 1 i90 0 1 i9a 0 1 j2s 0 1 j8o 0 1 j9q 0 1 jci 0 1 k0f 0 1 k4i 0 1 k9d 0 1 kn9 0 1 lmf 0
1 lqy 0 1 lya 0 1 mem 0 1 mjv 0 1 mxu 0 1 ntd 0 1 ny6 0 1 nyh 0 1 nyg 0 1 nyo 0 1 nyu 0 1 nz1 0 1 o0d 0 1 o0e 0 1 o5c 0
1 o75 0 1 og0 0 1 ovo 0 1 ow9 0 1 oxt 0 1 p6a 0 1 pad 0 1 pnx 0 1 prt 0 1 prt 0 1 q53 0 1 r2o 0 1 r6e 0 1 rgh 0 1 ri1 0
1 rtf 0 1 ruw 0 1 sdy 0 1 shk 0 1 tsz 0 1 u0v 0 1 u2j 0 1 j1x 0 1 36cu 0 1 pp4 2 1 ffq 0 1 g51 0 1 g2w 0 1 fpc 0 1 g1x 0
1 g3k 0 1 gcn 0 1 ge2 0 1 gwt 0 1 gut 0 1 gwp 0 1 gyq 0 1 hga 0 1 hir 0 1 hms 0 1 hn8 0 1 huq 0 1 i08 0 1 iqa 0 1 iqh 0
1 iuh 0 1 iwd 0 1 j4o 0 1 j7y 0 1 j60 0 1 j9q 0 1 j8g 0 1 jci 0 1 jec 0 1 jpg 0 1 jrw 0 1 jte 0 1 k0m 0 1 k8k 0 1 kd3 0
1 kd7 0 1 keu 0 1 l89 0 1 la2 0 1 lkx 0 1 lwb 0 1 lvv 0 1 lya 0 1 m5a 0 1 mem 0 1 nmv 0 1 mk5 0 1 mnj 0 1 mqy 0 1 n01 0
1 n46 0 1 n5n 0 1 nbx 0 1 nbz 0 1 ngq 0 1 nh7 0 1 nhw 0 1 nka 0 1 nk0 0 1 nv0 0 1 o8h 0 1 og0 0 1 ol7 0 1 orf 0 1 ovo 0
1 p4u 0 1 pad 0 1 pxu 0 1 q27 0 1 qrd 0 1 r41 0 1 r5y 0 1 r6e 0 1 ren 0 1 rg8 0 1 rez 0 1 rgh 0 1 rge 0 1 rfx 0 1 ri1 0
1 rka 0 1 ruw 0 1 sag 0 1 sj6 0 1 srd 0 1 sxi 0 1 tq4 0 1 tsz 0 1 tw6 0 1 tzv 0 1 u0v 0 1 u17 0 1 u2j 0 1 umq 0 1 vj0 0
1 313e 0 1 3138 0 1 33dh 0 1 brx 0 1 cns 0 1 cop 0 1 39e1 0 1 3bgw 0 1 3i6r 0 1 vgj 0 1 vim 1v 2 15l 14k 1 2 16a 14n a 2
161 14x 0 2 161 14y 0 3 161 14s 14x 0 3 161 14s 14y 0 2 15c 14n 0 2 15c 14o 0 2 15c 14s 0 2 15d 14s 0 2 15e 14s 0 2 15f
14s 0 2 15g 14s 0 2 15h 14s 0 2 15i 14s 1 2 15k 14s 0 2 15l 14s 0 2 15m 14s 0 2 15n 14s 0 2 15o 14s 1 2 15q 14s 1 2 15s
14s 0 2 15t 14s 1 2 15v 14s 0 2 15w 14s 1 2 15y 14s 0 2 15z 14s 0 2 160 14s 0 2 161 14s 0 2 162 14s 0 2 15h 14p 0 2 15d
14v 0 2 15n 14v 0 2 15w 14v 47f 2 1huh 1hve 1 2 1huj 1hve e 2 1hut 1hve 3m 2 1hyp 1hyf 0 2 1hyq 1hyf ez 2 1idj 1ida 0 2
1idj 1idz a6 2 1int 1inu 0 2 1int 1ink 1 2 1int 1inx 6z 2 1iuw 1iun 0 2 1iux 1iun 112a 2 2jx3 2jxh 0 2 2jx4 2jxh 0 3
2jx4 2jxh 2jxq 0 3 2jx4 2jxh 2jxr 0 3 2jx4 2jxh 2jxs 0 3 2jx4 2jxh 2jxt 0 3 2jx4 2jxh 2jxu 2e 2 2jzt 2jxh 0 2 2jzu 2jxh
0 3 2jzt 2jxh 2jxq 0 3 2jzu 2jxh 2jxq 0 3 2jzt 2jxh 2jxr 0 3 2jzu 2jxh 2jxr 1m4f 1 fgd 0 1 fg8 0 1 fgh 0 1 2tcy 0 1 fog
0 1 fqm 0 1 fqz 0 1 fsy 0 1 fwa 0 1 fx5 0 1 fzb 0 1 fyn 0 1 ae6 0 1 2ud6 0 1 g25 0 1 g2c 0 1 g2s 0 1 g3b 0 1 2u58 0 1
aex 0 1 g2v 0 1 g3x 0 1 2u6j 0 1 g47 0 1 g4k 0 1 fkc 0 1 g4s 0 1 g51 0 1 3ly7 0 1 g6t 0 1 g77 0 1 afz 0 1 g8r 0 1 g92 0
1 gaa 0 1 gaf 0 1 ahh 0 1 gcn 0 1 gcp 0 1 gdg 0 1 ge2 0 1 ged 0 1 gee 0 1 gev 0 1 gg9 0 1 ggh 0 1 ggq 0 1 ghf 0 1 ghp 0
1 ghr 0 1 ghr 0 1 ghr 0 1 2v58 0 1 m7k 0 1 gju 0 1 gkf 0 1 2vdv 0 1 gkr 0 1 gkx 0 1 gli 0 1 gpq 0 1 gmw 0 1 gnc 0 1 go8
0 1 gpu 0 1 gs6 0 1 gsw 0 1 gur 0 1 gv7 0 1 gw4 0 1 gw4 0 1 gwp 0 1 gx7 0 1 gxf 0 1 gxu 0 1 h7a 0 1 gzq 0 1 h7b 0 1 h1t
0 1 h2s 0 1 g7b 0 1 hke 0 1 hce 0 1 hdg 0 1 he5 0 1 haj 0 1 hf6 0 1 hf5 0 1 hik 0 1 2x9g 0 1 hki 0 1 hkn 0 1 hl2 0 1 hlm
0 1 hlu 0 1 hnm 0 1 2xm0 0 1 2xnu 0 1 hrg 0 1 hsr 0 1 ht3 0 1 hqw 0 1 huu 0 1 aum 0 1 av0 0 1 hzc 0 1 i0u 0 1 i0u 0 1
2y88 0 1 i4j 0 1 i54 0 1 i5j 0 1 i5v 0 1 2yhk 0 1 i67 0 1 i6e 0 1 itv 0 1 i76 0 1 ayp 0 1 i8w 0 1 i9a 0 1 ibk 0 1 ia5 0
1 2z1g 0 1 if7 0 1 2z1i 0 1 ige 0 1 igb 0 1 igs 0 1 ijl 0 1 ijm 0 1 b3j 0 1 ikd 0 1 ilk 0 1 im5 0 1 ind 0 1 b4y 0 1 2zr7
0 1 b5o 0 1 ipc 0 1 ipf 0 1 ipi 0 1 iq2 0 1 3pg2 0 1 iri 0 1 3035 0 1 3035 0 1 poh 0 1 isi 0 1 isi 0 1 b7r 0 1 335k 0 1
3cgq 0 1 iua 0 1 iuj 0 1 b8j 0 1 ivu 0 1 ix9 0 1 ixj 0 1 iyh 0 1 j29 0 1 bay 0 1 ba4 0 1 j2s 0 1 30t0 0 1 j47 0 1 j7s 0
1 j7w 0 1 j7y 0 1 j7w 0 1 j96 0 1 j9q 0 1 jaq 0 1 jac 0 1 jan 0 1 jby 0 1 jci 0 1 jcm 0 1 jdc 0 1 jdn 0 1 jfh 0 1 jht 0
1 jis 0 1 jm8 0 1 31n0 0 1 jlp 0 1 jjw 0 1 jmw 0 1 jnn 0 1 jqc 0 1 31td 0 1 js2 0 1 jph 0 1 jop 0 1 bhq 0 1 ju1 0 1 jum
0 1 jvh 0 1 juf 0 1 bjg 0 1 k0f 0 1 k18 0 1 32mi 0 1 k4j 0 1 kc8 0 1 k7d 0 1 bo9 0 1 k9d 0 1 bns 0 1 bms 0 1 g42 0 1 g45
0 1 kcg 0 1 k9o 0 1 pf1 0 1 deh 0 1 kd3 0 1 kd7 0 1 kdd 0 1 kf2 0 1 ker 0 1 33cz 0 1 bpl 0 1 kje 0 1 kg5 0 1 klu 0 1 kn9
0 1 33hp 0 1 kni 0 1 kkf 0 1 kr8 0 1 brx 0 1 ksi 0 1 kv7 0 1 kx6 0 1 l2g 0 1 33xf 0 1 l3v 0 1 bvc 0 1 l5t 0 1 34br 0 1
l78 0 1 bwu 0 1 l82 0 1 l9b 0 1 la2 0 1 la3 0 1 34p9 0 1 2yvf 0 1 34sa 0 1 le6 0 1 354s 0 1 lhb 0 1 lhp 0 1 lev 0 1 ljq
0 1 lku 0 1 lmf 0 1 lkx 0 1 lm1 0 1 lmg 0 1 lmt 0 1 357i 0 1 lkk 0 1 lrj 0 1 lta 0 1 c37 0 1 lvv 0 1 lvr 0 1 35jl 0 1
lq1 0 1 m0e 0 1 35ni 0 1 35ou 0 1 m2u 0 1 m61 0 1 m5a 0 1 m57 0 1 c5y 0 1 m6i 0 1 m7x 0 1 m7r 0 1 m99 0 1 2u5h 0 1 mdh 0
1 368z 0 1 mfw 0 1 36i3 0 1 mjs 0 1 mk5 0 1 mkw 0 1 36yw 0 1 mm8 0 1 mmt 0 1 3779 0 1 37dg 0 1 mt6 0 1 mtn 0 1 cdo 0 1
mud 0 1 ce0 0 1 ce0 0 1 myv 0 1 mzg 0 1 n01 0 1 n0l 0 1 n2i 0 1 cgr 0 1 n50 0 1 386u 0 1 n5q 0 1 389e 0 1 n74 0 1 2zrz 0
1 nbk 0 1 38v5 0 1 38vs 0 1 38zo 0 1 cn0 0 1 cnc 0 1 nhw 0 1 394j 0 1 394i 0 1 395l 0 1 396b 0 1 nj2 0 1 nj3 0 1 nj3 0 1
nka 0 1 cop 0 1 nm3 0 1 cp2 0 1 cra 0 1 39r1 0 1 nri 0 1 nt8 0 1 nv0 0 1 ctf 0 1 3a5i 0 1 nyu 0 1 3a8q 0 1 3a9x 0 1 o0f
0 1 o2z 0 1 cvj 0 1 o5c 0 1 o5m 0 1 o5r 0 1 3at8 0 1 3b1j 0 1 3b1j 0 1 oa6 0 1 d1e 0 1 3b8r 0 1 og6 0 1 og9 0 1 d2f 0 1
3beo 0 1 onm 0 1 d5s 0 1 oo8 0 1 oo3 0 1 oow 0 1 3c06 0 1 orn 0 1 d8h 0 1 ouf 0 1 ow2 0 1 oxx 0 1 d9w 0 1 3ciw 0 1 3cjr
0 1 dax 0 1 3cnt 0 1 p6i 0 1 3cqm 0 1 p79 0 1 pa2 0 1 pad 0 1 3d22 0 1 3d43 0 1 pcw 0 1 3d7s 0 1 pdc 0 1 33a7 0 1 ded 0
1 pf6 0 1 phf 0 1 dfv 0 1 pj2 0 1 hx1 0 1 3dlz 0 1 3dmd 0 1 33bn 0 1 33bw 0 1 poh 0 1 pok 0 1 sda 0 1 dij 0 1 psh 0 1
psb 0 1 pst 0 1 gc3 0 1 ptd 0 1 ptf 0 1 ptp 0 1 puu 0 1 3ebg 0 1 put 0 1 pwd 0 1 pyb 0 1 q0d 0 1 pwj 0 1 q0t 0 1 q1z 0 1
q53 0 1 pxv 0 1 q16 0 1 q18 0 1 q1o 0 1 3eie 0 1 3eqz 0 1 3emt 0 1 dnv 0 1 q9d 0 1 q9f 0 1 qae 0 1 3g0a 0 1 qck 0 1 3f3g
0 1 dp9 0 1 dpd 0 1 3f75 0 1 3ff6 0 1 dpn 0 1 qj4 0 1 qjg 0 1 qjr 0 1 qjt 0 1 qll 0 1 qko 0 1 qoe 0 1 qn6 0 1 qrd 0 1
qp4 0 1 qqz 0 1 qrq 0 1 dsn 0 1 qu9 0 1 qv5 0 1 dtl 0 1 qxs 0 1 qxv 0 1 3giv 0 1 r13 0 1 r1a 0 1 dv9 0 1 r22 0 1 aez 0 1
3gz2 0 1 3h46 0 1 dz2 0 1 dzb 0 1 rds 0 1 rfx 0 1 rka 0 1 rpx 0 1 3hrc 0 1 rsb 0 1 rsx 0 1 rvf 0 1 rxz 0 1 3i9b 0 1 2upw
0 1 s0b 0 1 rzw 0 1 s1c 0 1 2uvy 0 1 s7o 0 1 sag 0 1 3jki 0 1 3jl9 0 1 sk4 0 1 smp 0 1 snl 0 1 3ju6 0 1 snv 0 1 svs 0 1
t07 0 1 t08 0 1 sxo 0 1 t89 0 1 t91 0 1 3ksa 0 1 tjf 0 1 ej9 0 1 tkn 0 1 3l2v 0 1 eli 0 1 ts3 0 1 iia 0 1 tur 0 1 3ltx 0
1 3lzu 0 1 epa 0 1 epi 0 1 u00 0 1 3mdm 0 1 er6 0 1 3mhi 0 1 u17 0 1 u17 0 1 u21 0 1 3mpi 0 1 u76 0 1 eur 0 1 u95 0 1
ucn 0 1 ude 0 1 uf2 0 1 ez2 0 1 3nsg 0 1 umq 0 1 uv4 0 1 v0d 0 1 f66 0 1 f71 0 1 v3b 0 1 3owe 0 1 f7c 0 1 3oxx 0 1 3p5a
0 1 3p8x 0 1 vcr 0 1 f9y 0 1 veh 0 1 vem 0 1 vet 0 1 vf3 0 1 vfa 0 1 vgb 0 1 3pxc
"""

    const val LOWER = """
1t 1 2p 0 1 2q 0 1 2r 0 1 2s 0 1 2t 0 1 2u 0 1 2v 0 1 2w 0 1 2x 0 1 2y 0 1 2z 0 1 30 0 1 31 0 1 32 0 1 33 0 1 34 0 1 35
0 1 36 0 1 37 0 1 38 0 1 39 0 1 3a 0 1 3b 0 1 3c 0 1 3d 0 1 3e 2t 1 68 0 1 69 0 1 6a 0 1 6b 0 1 6c 0 1 6d 0 1 6e 0 1 6f
0 1 6g 0 1 6h 0 1 6i 0 1 6j 0 1 6k 0 1 6l 0 1 6m 0 1 6n 0 1 6o 0 1 6p 0 1 6q 0 1 6r 0 1 6s 0 1 6t 0 1 6u 1 1 6w 0 1 6x 0
1 6y 0 1 6z 0 1 70 0 1 71 0 1 72 x 1 75 1 1 77 1 1 79 1 1 7b 1 1 7d 1 1 7f 1 1 7h 1 1 7j 1 1 7l 1 1 7n 1 1 7p 1 1 7r 1 1
7t 1 1 7v 1 1 7x 1 1 7z 1 1 81 1 1 83 1 1 85 1 1 87 1 1 89 1 1 8b 1 1 8d 1 1 8f 1 2 2x lj 1 1 8j 1 1 8l 1 1 8n 2 1 8q 1
1 8s 1 1 8u 1 1 8w 1 1 8y 1 1 90 1 1 92 1 1 94 2 1 97 1 1 99 1 1 9b 1 1 9d 1 1 9f 1 1 9h 1 1 9j 1 1 9l 1 1 9n 1 1 9p 1 1
9r 1 1 9t 1 1 9v 1 1 9x 1 1 9z 1 1 a1 1 1 a3 1 1 a5 1 1 a7 1 1 a9 1 1 ab 1 1 ad 1 1 af 1 1 73 0 1 ai 1 1 ak 1 1 am 3 1
gj 0 1 ar 1 1 at 1 1 gk 0 1 aw 1 1 gm 0 1 gn 0 1 b0 2 1 d9 0 1 gp 0 1 gr 0 1 b6 1 1 gw 0 1 gz 1 1 h5 0 1 h4 0 1 bd 3 1
hb 0 1 he 1 1 hh 0 1 bl 1 1 bn 1 1 bp 1 1 hs 0 1 bs 1 1 hv 2 1 bx 1 1 i0 0 1 c0 1 1 i2 0 1 i3 0 1 c4 1 1 c6 1 1 ia 0 1
c9 3 1 cd 7 1 cm 0 1 cm 1 1 cp 0 1 cp 1 1 cs 0 1 cs 1 1 cu 1 1 cw 1 1 cy 1 1 d0 1 1 d2 1 1 d4 1 1 d6 1 1 d8 2 1 db 1 1
dd 1 1 df 1 1 dh 1 1 dj 1 1 dl 1 1 dn 1 1 dp 1 1 dr 2 1 dv 0 1 dv 1 1 dx 1 1 b9 0 1 cf 0 1 e1 1 1 e3 1 1 e5 1 1 e7 1 1
e9 1 1 eb 1 1 ed 1 1 ef 1 1 eh 1 1 ej 1 1 el 1 1 en 1 1 ep 1 1 er 1 1 et 1 1 ev 1 1 ex 1 1 ez 1 1 f1 1 1 f3 1 1 bi 1 1
f7 1 1 f9 1 1 fb 1 1 fd 1 1 ff 1 1 fh 1 1 fj 1 1 fl 1 1 fn 7 1 8rp 0 1 fw 1 1 be 0 1 8rq 2 1 g2 1 1 ao 0 1 i1 0 1 i4 0 1
g7 1 1 g9 1 1 gb 1 1 gd 1 1 gf 81 1 oh 1 1 oj 3 1 on 8 1 s3 6 1 q4 1 1 q5 0 1 q6 0 1 q7 1 1 r0 1 1 r1 0 1 r2 1 1 q9 0 1
qa 0 1 qb 0 1 qc 0 1 qd 0 1 qe 0 1 qf 0 1 qg 0 1 qh 0 1 qi 0 1 qj 0 1 qk 0 1 ql 0 1 qm 0 1 qn 0 1 qo 0 1 qp 1 1 qr 0 1
qs 0 1 qt 0 1 qu 0 1 qv 0 1 qw 0 1 qx 0 1 qy 0 1 qz z 1 rb 8 1 rd 1 1 rf 1 1 rh 1 1 rj 1 1 rl 1 1 rn 1 1 rp 1 1 rr 1 1
rt 1 1 rv 1 1 rx 1 1 rz 5 1 qg 2 1 s8 1 1 s2 0 1 sb 2 1 or 0 1 os 0 1 ot 0 1 uo 0 1 up 0 1 uq 0 1 ur 0 1 us 0 1 ut 0 1
uu 0 1 uv 0 1 uw 0 1 ux 0 1 uy 0 1 uz 0 1 v0 0 1 v1 0 1 v2 0 1 v3 0 1 ts 0 1 tt 0 1 tu 0 1 tv 0 1 tw 0 1 tx 0 1 ty 0 1
tz 0 1 u0 0 1 u1 0 1 u2 0 1 u3 0 1 u4 0 1 u5 0 1 u6 0 1 u7 0 1 u8 0 1 u9 0 1 ua 0 1 ub 0 1 uc 0 1 ud 0 1 ue 0 1 uf 0 1
ug 0 1 uh 0 1 ui 0 1 uj 0 1 uk 0 1 ul 0 1 um 0 1 un 1c 1 v5 1 1 v7 1 1 v9 1 1 vb 1 1 vd 1 1 vf 1 1 vh 1 1 vj 1 1 vl 1 1
vn 1 1 vp 1 1 vr 1 1 vt 1 1 vv 1 1 vx 1 1 vz 1 1 w1 9 1 wb 1 1 wd 1 1 wf 1 1 wh 1 1 wj 1 1 wl 1 1 wn 1 1 wp 1 1 wr 1 1
wt 1 1 wv 1 1 wx 1 1 wz 1 1 x1 1 1 x3 1 1 x5 1 1 x7 1 1 x9 1 1 xb 1 1 xd 1 1 xf 1 1 xh 1 1 xj 1 1 xl 1 1 xn 1 1 xp 1 1
xr 1 1 y7 0 1 xu 1 1 xw 1 1 xy 1 1 y0 1 1 y2 1 1 y4 1 1 y6 2 1 y9 1 1 yb 1 1 yd 1 1 yf 1 1 yh 1 1 yj 1 1 yl 1 1 yn 1 1
yp 1 1 yr 1 1 yt 1 1 yv 1 1 yx 1 1 yz 1 1 z1 1 1 z3 1 1 z5 1 1 z7 1 1 z9 1 1 zb 1 1 zd 1 1 zf 1 1 zh 1 1 zj 1 1 zl 1 1
zn 1 1 zp 1 1 zr 1 1 zt 1 1 zv 1 1 zx 1 1 zz 1 1 101 1 1 103 1 1 105 1 1 107 1 1 109 1 1 10b 1 1 10d 1 1 10f 1 1 10h 1 1
10j 1 1 10l 1 1 10n 1 1 10p 1 1 10r 1 1 10t 1 1 10v 2 1 129 0 1 12a 0 1 12b 0 1 12c 0 1 12d 0 1 12e 0 1 12f 0 1 12g 0 1
12h 0 1 12i 0 1 12j 0 1 12k 0 1 12l 0 1 12m 0 1 12n 0 1 12o 0 1 12p 0 1 12q 0 1 12r 0 1 12s 0 1 12t 0 1 12u 0 1 12v 0 1
12w 0 1 12x 0 1 12y 0 1 12z 0 1 130 0 1 131 0 1 132 0 1 133 0 1 134 0 1 135 0 1 136 0 1 137 0 1 138 0 1 139 0 1 13a 289
1 8w0 0 1 8w1 0 1 8w2 0 1 8w3 0 1 8w4 0 1 8w5 0 1 8w6 0 1 8w7 0 1 8w8 0 1 8w9 0 1 8wa 0 1 8wb 0 1 8wc 0 1 8wd 0 1 8we 0
1 8wf 0 1 8wg 0 1 8wh 0 1 8wi 0 1 8wj 0 1 8wk 0 1 8wl 0 1 8wm 0 1 8wn 0 1 8wo 0 1 8wp 0 1 8wq 0 1 8wr 0 1 8ws 0 1 8wt 0
1 8wu 0 1 8wv 0 1 8ww 0 1 8wx 0 1 8wy 0 1 8wz 0 1 8x0 0 1 8x1 1 1 8x3 5 1 8x9 k2 1 xv4 0 1 xv5 0 1 xv6 0 1 xv7 0 1 xv8 0
1 xv9 0 1 xva 0 1 xvb 0 1 xvc 0 1 xvd 0 1 xve 0 1 xvf 0 1 xvg 0 1 xvh 0 1 xvi 0 1 xvj 0 1 xvk 0 1 xvl 0 1 xvm 0 1 xvn 0
1 xvo 0 1 xvp 0 1 xvq 0 1 xvr 0 1 xvs 0 1 xvt 0 1 xvu 0 1 xvv 0 1 xvw 0 1 xvx 0 1 xvy 0 1 xvz 0 1 xw0 0 1 xw1 0 1 xw2 0
1 xw3 0 1 xw4 0 1 xw5 0 1 xw6 0 1 xw7 0 1 xw8 0 1 xw9 0 1 xwa 0 1 xwb 0 1 xwc 0 1 xwd 0 1 xwe 0 1 xwf 0 1 xwg 0 1 xwh 0
1 xwi 0 1 xwj 0 1 xwk 0 1 xwl 0 1 xwm 0 1 xwn 0 1 xwo 0 1 xwp 0 1 xwq 0 1 xwr 0 1 xws 0 1 xwt 0 1 xwu 0 1 xwv 0 1 xww 0
1 xwx 0 1 xwy 0 1 xwz 0 1 xx0 0 1 xx1 0 1 xx2 0 1 xx3 0 1 xx4 0 1 xx5 0 1 xx6 0 1 xx7 0 1 xx8 0 1 xx9 0 1 xxa 0 1 xxb 0
1 3y0 0 1 3y1 0 1 3y2 0 1 3y3 0 1 3y4 0 1 3y5 1oz 1 5my 6 1 3bk 0 1 3bl 0 1 3bm 0 1 3bn 0 1 3bo 0 1 3bp 0 1 3bq 0 1 3br
0 1 3bs 0 1 3bt 0 1 3bu 0 1 3bv 0 1 3bw 0 1 3bx 0 1 3by 0 1 3bz 0 1 3c0 0 1 3c1 0 1 3c2 0 1 3c3 0 1 3c4 0 1 3c5 0 1 3c6
0 1 3c7 0 1 3c8 0 1 3c9 0 1 3ca 0 1 3cb 0 1 3cc 0 1 3cd 0 1 3ce 0 1 3cf 0 1 3cg 0 1 3ch 0 1 3ci 0 1 3cj 0 1 3ck 0 1 3cl
0 1 3cm 0 1 3cn 0 1 3co 0 1 3cp 0 1 3cq 2 1 3ct 0 1 3cu 0 1 3cv 8w 1 5xd 1 1 5xf 1 1 5xh 1 1 5xj 1 1 5xl 1 1 5xn 1 1 5xp
1 1 5xr 1 1 5xt 1 1 5xv 1 1 5xx 1 1 5xz 1 1 5y1 1 1 5y3 1 1 5y5 1 1 5y7 1 1 5y9 1 1 5yb 1 1 5yd 1 1 5yf 1 1 5yh 1 1 5yj
1 1 5yl 1 1 5yn 1 1 5yp 1 1 5yr 1 1 5yt 1 1 5yv 1 1 5yx 1 1 5yz 1 1 5z1 1 1 5z3 1 1 5z5 1 1 5z7 1 1 5z9 1 1 5zb 1 1 5zd
1 1 5zf 1 1 5zh 1 1 5zj 1 1 5zl 1 1 5zn 1 1 5zp 1 1 5zr 1 1 5zt 1 1 5zv 1 1 5zx 1 1 5zz 1 1 601 1 1 603 1 1 605 1 1 607
1 1 609 1 1 60b 1 1 60d 1 1 60f 1 1 60h 1 1 60j 1 1 60l 1 1 60n 1 1 60p 1 1 60r 1 1 60t 1 1 60v 1 1 60x 1 1 60z 1 1 611
1 1 613 1 1 615 1 1 617 1 1 619 1 1 61b 1 1 61d 1 1 61f 1 1 61h 9 1 67 1 1 61t 1 1 61v 1 1 61x 1 1 61z 1 1 621 1 1 623 1
1 625 1 1 627 1 1 629 1 1 62b 1 1 62d 1 1 62f 1 1 62h 1 1 62j 1 1 62l 1 1 62n 1 1 62p 1 1 62r 1 1 62t 1 1 62v 1 1 62x 1
1 62z 1 1 631 1 1 633 1 1 635 1 1 637 1 1 639 1 1 63b 1 1 63d 1 1 63f 1 1 63h 1 1 63j 1 1 63l 1 1 63n 1 1 63p 1 1 63r 1
1 63t 1 1 63v 1 1 63x 1 1 63z 1 1 641 1 1 643 1 1 645 1 1 647 1 1 649 1 1 64b 1 1 64d 1 1 64f 9 1 64g 0 1 64h 0 1 64i 0
1 64j 0 1 64k 0 1 64l 0 1 64m 0 1 64n 8 1 64w 0 1 64x 0 1 64y 0 1 64z 0 1 650 0 1 651 a 1 65c 0 1 65d 0 1 65e 0 1 65f 0
1 65g 0 1 65h 0 1 65i 0 1 65j 8 1 65s 0 1 65t 0 1 65u 0 1 65v 0 1 65w 0 1 65x 0 1 65y 0 1 65z 8 1 668 0 1 669 0 1 66a 0
1 66b 0 1 66c 0 1 66d b 1 66p 1 1 66r 1 1 66t 1 1 66v 8 1 674 0 1 675 0 1 676 0 1 677 0 1 678 0 1 679 0 1 67a 0 1 67b o
1 680 0 1 681 0 1 682 0 1 683 0 1 684 0 1 685 0 1 686 0 1 687 8 1 68g 0 1 68h 0 1 68i 0 1 68j 0 1 68k 0 1 68l 0 1 68m 0
1 68n 8 1 68w 0 1 68x 0 1 68y 0 1 68z 0 1 690 0 1 691 0 1 692 0 1 693 8 1 69c 0 1 69d 0 1 67k 0 1 67l 0 1 69f b 1 67m 0
1 67n 0 1 67o 0 1 67p 0 1 69v b 1 6a8 0 1 6a9 0 1 67q 0 1 67r c 1 6ao 0 1 6ap 0 1 67u 0 1 67v 0 1 6at b 1 67s 0 1 67t 0
1 67w 0 1 67x 0 1 6b7 89 1 qx 3 1 2z 0 1 6d 6 1 6ku 19 1 6ls 0 1 6lt 0 1 6lu 0 1 6lv 0 1 6lw 0 1 6lx 0 1 6ly 0 1 6lz 0 1
6m0 0 1 6m1 0 1 6m2 0 1 6m3 0 1 6m4 0 1 6m5 0 1 6m6 0 1 6m7 j 1 6mc mq 1 79s 0 1 79t 0 1 79u 0 1 79v 0 1 79w 0 1 79x 0 1
79y 0 1 79z 0 1 7a0 0 1 7a1 0 1 7a2 0 1 7a3 0 1 7a4 0 1 7a5 0 1 7a6 0 1 7a7 0 1 7a8 0 1 7a9 0 1 7aa 0 1 7ab 0 1 7ac 0 1
7ad 0 1 7ae 0 1 7af 0 1 7ag 0 1 7ah 1f4 1 8q8 0 1 8q9 0 1 8qa 0 1 8qb 0 1 8qc 0 1 8qd 0 1 8qe 0 1 8qf 0 1 8qg 0 1 8qh 0
1 8qi 0 1 8qj 0 1 8qk 0 1 8ql 0 1 8qm 0 1 8qn 0 1 8qo 0 1 8qp 0 1 8qq 0 1 8qr 0 1 8qs 0 1 8qt 0 1 8qu 0 1 8qv 0 1 8qw 0
1 8qx 0 1 8qy 0 1 8qz 0 1 8r0 0 1 8r1 0 1 8r2 0 1 8r3 0 1 8r4 0 1 8r5 0 1 8r6 0 1 8r7 0 1 8r8 0 1 8r9 0 1 8ra 0 1 8rb 0
1 8rc 0 1 8rd 0 1 8re 0 1 8rf 0 1 8rg 0 1 8rh 0 1 8ri 0 1 8rj 1c 1 8rl 1 1 h7 0 1 5tp 0 1 hp 2 1 8rs 1 1 8ru 1 1 8rw 1 1
gh 0 1 hd 0 1 gg 0 1 gi 1 1 8s3 2 1 8s6 8 1 fz 0 1 g0 0 1 8sh 1 1 8sj 1 1 8sl 1 1 8sn 1 1 8sp 1 1 8sr 1 1 8st 1 1 8sv 1
1 8sx 1 1 8sz 1 1 8t1 1 1 8t3 1 1 8t5 1 1 8t7 1 1 8t9 1 1 8tb 1 1 8td 1 1 8tf 1 1 8th 1 1 8tj 1 1 8tl 1 1 8tn 1 1 8tp 1
1 8tr 1 1 8tt 1 1 8tv 1 1 8tx 1 1 8tz 1 1 8u1 1 1 8u3 1 1 8u5 1 1 8u7 1 1 8u9 1 1 8ub 1 1 8ud 1 1 8uf 1 1 8uh 1 1 8uj 1
1 8ul 1 1 8un 1 1 8up 1 1 8ur 1 1 8ut 1 1 8uv 1 1 8ux 1 1 8uz 1 1 8v1 1 1 8v3 1 1 8v5 1 1 8v7 8 1 8vg 1 1 8vi 4 1 8vn
nyl 1 wu9 1 1 wub 1 1 wud 1 1 wuf 1 1 wuh 1 1 wuj 1 1 wul 1 1 wun 1 1 wup 1 1 wur 1 1 wut 1 1 wuv 1 1 wux 1 1 wuz 1 1
wv1 1 1 wv3 1 1 wv5 1 1 wv7 1 1 wv9 1 1 wvb 1 1 wvd 1 1 wvf 1 1 wvh j 1 ww1 1 1 ww3 1 1 ww5 1 1 ww7 1 1 ww9 1 1 wwb 1 1
wwd 1 1 wwf 1 1 wwh 1 1 wwj 1 1 wwl 1 1 wwn 1 1 wwp 1 1 wwr 3r 1 x0j 1 1 x0l 1 1 x0n 1 1 x0p 1 1 x0r 1 1 x0t 1 1 x0v 3 1
x0z 1 1 x11 1 1 x13 1 1 x15 1 1 x17 1 1 x19 1 1 x1b 1 1 x1d 1 1 x1f 1 1 x1h 1 1 x1j 1 1 x1l 1 1 x1n 1 1 x1p 1 1 x1r 1 1
x1t 1 1 x1v 1 1 x1x 1 1 x1z 1 1 x21 1 1 x23 1 1 x25 1 1 x27 1 1 x29 1 1 x2b 1 1 x2d 1 1 x2f 1 1 x2h 1 1 x2j 1 1 x2l 1 1
x2n a 1 x2y 1 1 x30 1 1 5tl 0 1 x33 1 1 x35 1 1 x37 1 1 x39 1 1 x3b 4 1 x3g 1 1 h1 2 1 x3l 1 1 x3n 3 1 x3r 1 1 x3t 1 1
x3v 1 1 x3x 1 1 x3z 1 1 x41 1 1 x43 1 1 x45 1 1 x47 1 1 x49 1 1 h2 0 1 gs 0 1 gx 0 1 h8 0 1 h6 1 1 im 0 1 hz 0 1 il 0 1
xub 0 1 x4l 1 1 x4n 1 1 x4p 1 1 x4r 1 1 x4t 1 1 x4v 1 1 x4x 1 1 x4z 1 1 x3o 0 1 hu 0 1 5u6 0 1 x54 1 1 x56 1 1 h0 0 1
x59 1 1 x5b 1 1 x5d 1 1 x5f 1 1 x5h 1 1 x5j 1 1 x5l 1 1 x5n 1 1 bf o 1 x6e h7v 1 1ef5 0 1 1ef6 0 1 1ef7 0 1 1ef8 0 1
1ef9 0 1 1efa 0 1 1efb 0 1 1efc 0 1 1efd 0 1 1efe 0 1 1eff 0 1 1efg 0 1 1efh 0 1 1efi 0 1 1efj 0 1 1efk 0 1 1efl 0 1
1efm 0 1 1efn 0 1 1efo 0 1 1efp 0 1 1efq 0 1 1efr 0 1 1efs 0 1 1eft 0 1 1efu xx 1 1fe0 0 1 1fe1 0 1 1fe2 0 1 1fe3 0 1
1fe4 0 1 1fe5 0 1 1fe6 0 1 1fe7 0 1 1fe8 0 1 1fe9 0 1 1fea 0 1 1feb 0 1 1fec 0 1 1fed 0 1 1fee 0 1 1fef 0 1 1feg 0 1
1feh 0 1 1fei 0 1 1fej 0 1 1fek 0 1 1fel 0 1 1fem 0 1 1fen 0 1 1feo 0 1 1fep 0 1 1feq 0 1 1fer 0 1 1fes 0 1 1fet 0 1
1feu 0 1 1fev 0 1 1few 0 1 1fex 0 1 1fey 0 1 1fez 0 1 1ff0 0 1 1ff1 0 1 1ff2 0 1 1ff3 3s 1 1fiw 0 1 1fix 0 1 1fiy 0 1
1fiz 0 1 1fj0 0 1 1fj1 0 1 1fj2 0 1 1fj3 0 1 1fj4 0 1 1fj5 0 1 1fj6 0 1 1fj7 0 1 1fj8 0 1 1fj9 0 1 1fja 0 1 1fjb 0 1
1fjc 0 1 1fjd 0 1 1fje 0 1 1fjf 0 1 1fjg 0 1 1fjh 0 1 1fji 0 1 1fjj 0 1 1fjk 0 1 1fjl 0 1 1fjm 0 1 1fjn 0 1 1fjo 0 1
1fjp 0 1 1fjq 0 1 1fjr 0 1 1fjs 0 1 1fjt 0 1 1fju 0 1 1fjv 4c 1 1fo7 0 1 1fo8 0 1 1fo9 0 1 1foa 0 1 1fob 0 1 1foc 0 1
1fod 0 1 1foe 0 1 1fof 0 1 1fog 0 1 1foh 1 1 1foj 0 1 1fok 0 1 1fol 0 1 1fom 0 1 1fon 0 1 1foo 0 1 1fop 0 1 1foq 0 1
1for 0 1 1fos 0 1 1fot 0 1 1fou 0 1 1fov 0 1 1fow 0 1 1fox 1 1 1foz 0 1 1fp0 0 1 1fp1 0 1 1fp2 0 1 1fp3 0 1 1fp4 0 1
1fp5 1 1 1fp7 0 1 1fp8 1d6 1 1h34 0 1 1h35 0 1 1h36 0 1 1h37 0 1 1h38 0 1 1h39 0 1 1h3a 0 1 1h3b 0 1 1h3c 0 1 1h3d 0 1
1h3e 0 1 1h3f 0 1 1h3g 0 1 1h3h 0 1 1h3i 0 1 1h3j 0 1 1h3k 0 1 1h3l 0 1 1h3m 0 1 1h3n 0 1 1h3o 0 1 1h3p 0 1 1h3q 0 1
1h3r 0 1 1h3s 0 1 1h3t 0 1 1h3u 0 1 1h3v 0 1 1h3w 0 1 1h3x 0 1 1h3y 0 1 1h3z 0 1 1h40 0 1 1h41 0 1 1h42 0 1 1h43 0 1
1h44 0 1 1h45 0 1 1h46 0 1 1h47 0 1 1h48 0 1 1h49 0 1 1h4a 0 1 1h4b 0 1 1h4c 0 1 1h4d 0 1 1h4e 0 1 1h4f 0 1 1h4g 0 1
1h4h 0 1 1h4i 4d 1 1h80 0 1 1h81 0 1 1h82 0 1 1h83 0 1 1h84 0 1 1h85 0 1 1h86 0 1 1h87 0 1 1h88 0 1 1h89 0 1 1h8a 0 1
1h8b 0 1 1h8c 0 1 1h8d 0 1 1h8e 0 1 1h8f 0 1 1h8g 0 1 1h8h 0 1 1h8i 0 1 1h8j 0 1 1h8k 0 1 1h8l 27u 1 1jgg 0 1 1jgh 0 1
1jgi 0 1 1jgj 0 1 1jgk 0 1 1jgl 0 1 1jgm 0 1 1jgn 0 1 1jgo 0 1 1jgp 0 1 1jgq 0 1 1jgr 0 1 1jgs 0 1 1jgt 0 1 1jgu 0 1
1jgv 0 1 1jgw 0 1 1jgx 0 1 1jgy 0 1 1jgz 0 1 1jh0 0 1 1jh1 0 1 1jh2 0 1 1jh3 0 1 1jh4 0 1 1jh5 0 1 1jh6 0 1 1jh7 0 1
1jh8 0 1 1jh9 0 1 1jha 0 1 1jhb gw0 1 20dc 0 1 20dd 0 1 20de 0 1 20df 0 1 20dg 0 1 20dh 0 1 20di 0 1 20dj 0 1 20dk 0 1
20dl 0 1 20dm 0 1 20dn 0 1 20do 0 1 20dp 0 1 20dq 0 1 20dr 0 1 20ds 0 1 20dt 0 1 20du 0 1 20dv 0 1 20dw 0 1 20dx 0 1
20dy 0 1 20dz 0 1 20e0 0 1 20e1 0 1 20e2 0 1 20e3 0 1 20e4 0 1 20e5 0 1 20e6 0 1 20e7 1s 1 20fv 0 1 20fw 0 1 20fx 0 1
20fy 0 1 20fz 0 1 20g0 0 1 20g1 0 1 20g2 0 1 20g3 0 1 20g4 0 1 20g5 0 1 20g6 0 1 20g7 0 1 20g8 0 1 20g9 0 1 20ga 0 1
20gb 0 1 20gc 0 1 20gd 0 1 20ge 0 1 20gf 0 1 20gg 0 1 20gh 0 1 20gi 0 1 20gj o5j 1 2oma 0 1 2omb 0 1 2omc 0 1 2omd 0 1
2ome 0 1 2omf 0 1 2omg 0 1 2omh 0 1 2omi 0 1 2omj 0 1 2omk 0 1 2oml 0 1 2omm 0 1 2omn 0 1 2omo 0 1 2omp 0 1 2omq 0 1
2omr 0 1 2oms 0 1 2omt 0 1 2omu 0 1 2omv 0 1 2omw 0 1 2omx 0 1 2omy 0 1 2omz 0 1 2on0 0 1 2on1 0 1 2on2 0 1 2on3 0 1
2on4 0 1 2on5 0 1 2on6 0 1 2on7
"""

    const val WORDS = """
0 9 2 0 2 3 0 2 2 0 1 3 0 i 2 0 1 3 0 f 2 a 7 2 q 6 2 q 5 2 w 1 1 0 1 2 5 1 2 3 1 2 a 2 2 3 1 2 3 1 2 ji 1 2 8 1 2 cy 6
2 15 2 2 1f 1 2 1 1 2 2 1 2 2 1 2 18 2 2 k 2 2 1 2 2 d 1 2 1 3 2 22 4 2 2u 1 2 17 e 2 6h 3 2 1i f 2 v 1 2 79 2 2 a 1 2
3w 1 2 3c 1 2 3d 1 2 au 1 2 c 1 2 a7 1 2 2i 1 2 a 2 2 4o f 2 1 1 2 11 4 2 1z 1 2 22 5 2 4 2 2 33 6 2 4r 1 2 h0 9 2 47 1
2 h9 1 2 h 1 1 q 2 2 26 3 2 1z 2 2 4d 3 2 1 3 2 11 b 2 8p 2 2 60 2 2 3k 7 2 1 6 2 4s 7 2 s 2 2 3h 4 2 1n 5 2 1q 2 2 1s 8
2 b 1 2 mk b 1 5 o 2 0 2 1 5 1 1 0 k 2 1 d 2 1 c 2 0 1 1 t 2 2 e 2 2 hl 4 2 t 2 2 u5 e 2 27 2 2 v a 2 b7 m 2 1r 4 2 w 2
2 l7 4 2 1 2 2 34 1 2 3z 1b 2 1 w 2 2 c 2 bm 1 1 0 3 2 4 a 2 2 c 2 g 1 2 c 1 2 2q 1 2 2i 1 2 mwy 2 2 7h 3 2 2r 1 2 a 1 2
37 6 2 ak 4 2 2e 2 2 14 3 2 1 1 2 1d 2 2 1b 1 2 2p d 2 g 2 2 3g 4 2 3i 2 2 g 2 2 6x 1 2 g2a 2 2 5s a 2 m z 2 1 e 2 1 1 2
4 1 2 1 2 2 45 3 2 1 6 2 1 4 2 a 2 2 3 2 2 q 3 2 1 1 2 r 1 2 1 1 2 1 7 2 be 3 2 ik 1 2 1c 1 2 bi 1 2 kn 1 2 5j 1 2 v 1 2
7k 9 2 12 1 2 34 7 2 1u 7 2 2h 4 2 ls 1 2 4n 5 2 18 4 2 59 7 2 31 2 2 1 4 2 3i 4 2 1c 2 2 27 4 2 4 1 2 d 1 2 1 3 2 2g 6
2 2z 1 2 bl 5 2 a 2 2 1 1 2 2w 1 2 6y n 2 2x 3 2 s d 2 24 1 2 3m 3 2 70 1 2 7c 3 2 4b 1 2 2k 8 2 2b 3 2 1 5 2 bi 5 2 16
2 2 hx 2 2 7a 1 2 vk 5 2 29o 2 2 bjv 2 2 3p 1 2 1t 5 2 8 1 2 nm 4 2 93 1 2 f5o 1 2 5wn 5 2 2xe 2 2
"""

    const val GRAPHEMES = """
0 a 3 0 1 2 0 2 3 0 1 1 0 i 3 2n x 3 9 1 g 3 1 3 0 1 g gh 34 2s 7n 7 2s 7b 19 2s 1 1 2s 1 2 2s 1 2 2s 1 3 2s 1i 6 7 a b
2s 1 1 3 1a l 2s g 1 2s 2t 7 2s 0 1 7 1 6 2s 2 2 2s 1 4 2s x 1 7 1 1 2s u r 2s 2j b 2s 1m 9 2s 9 1 2s o 4 2s 1 9 2s 1 3
2s 1 5 2s 17 3 2s 1g 2 7 5 9 2s 16 o 2s 0 1 7 0 w 2s 0 1 8 h 11 w 0 1 2s 0 1 8 0 1 2s 1 3 8 0 8 2s 0 4 8 0 1 1w 0 2 8 1
7 2s 0 8 w 2 2 2s k 8 w 1 1 2s 0 2 8 h k w 1 7 w 1 1 w 3 4 w 2 1 2s 1 1 2s 0 2 8 0 4 2s 2 2 8 2 2 8 0 1 1w 9 1 2s 4 2 w
1 1 w 2 2 2s c 2 w c 1 2s 2 2 2s 0 1 8 1k 1 2s 1 3 8 0 2 2s 4 2 2s 2 3 2s 3 1 2s u 2 2s 3 1 2s b 2 2s 0 1 8 h k w 1 7 w
1 2 w 1 5 w 2 1 2s 1 3 8 0 5 2s 1 2 2s 0 1 8 1 2 8 0 1 1w k 2 2s l 1 w 0 6 2s 1 1 2s 0 2 8 h k w 1 7 w 1 2 w 1 5 w 2 1
2s 1 2 2s 0 1 8 0 4 2s 2 2 8 2 2 8 0 1 1w 5 5 2s 4 2 w 1 1 w 2 2 2s d 1 w g 1 2s 1n 1 2s 0 1 8 0 1 2s 0 2 8 3 3 8 1 3 8
0 1 2s 9 1 2s 14 1 2s 0 3 8 0 1 2s g k w 1 g w 2 1 2s 1 3 2s 0 4 8 1 3 2s 1 3 2s 0 1 1w 7 2 2s 1 3 w 7 2 2s t 1 2s 0 2 8
1k 1 2s 1 1 8 0 2 2s 0 1 8 0 1 2s 0 2 8 1 3 2s 1 4 2s 7 2 2s b 2 2s f 1 8 c 2 2s 0 2 8 h 12 w 0 2 2s 1 1 2s 0 2 8 0 4 2s
1 3 8 1 3 8 0 1 1w 0 1 7 8 1 2s a 2 2s t 1 2s 0 2 8 1y 1 2s 4 1 2s 0 2 8 0 3 2s 1 1 2s 1 7 8 0 1 2s i 2 8 1p 1 2s 1 1 8
0 7 2s c 8 2s 2q 1 2s 1 1 8 0 9 2s b 7 2s 21 2 2s r 1 2s 1 1 2s 1 1 2s 4 2 8 1d e 2s 0 1 8 0 5 2s 1 2 2s 5 b 2s 1 10 2s
9 1 2s 1l 17 w 2 4 2s 0 1 8 0 6 2s 1 1 1w 0 1 2s 0 2 8 0 2 2s 0 1 w g 6 w 0 2 8 0 2 2s 0 4 w 0 3 2s 0 1 w 3 2 w 7 3 w 0
4 2s 0 d w 0 1 2s 1 1 8 0 2 2s 6 1 2s 0 1 w e 1 2s 2q 2o 9 0 20 a 0 2g b 9p 3 2s qa 4 2s s 3 2s t 2 2s u 2 2s c 1g w 0 2
2s 0 1 8 0 7 2s 0 8 8 0 1 2s 0 2 8 0 9 2s 0 1 1w 0 1 2s 9 1 2s 19 3 2s 0 1 3 0 1 2s 39 2 2s y 1 2s 3a 3 2s 0 4 8 0 2 2s
0 3 8 4 2 8 0 1 2s 0 6 8 0 3 2s 63 2 2s 0 2 8 0 1 2s 4 1h w 0 1 8 0 1 2s 0 1 8 0 7 2s 1 1 1w 1 1 2s 2 8 2s 0 6 8 0 a 2s
2 1 2s 1c 1t 2s f 4 2s 0 1 8 6 2 w 6 x w 0 a 2s 0 4 8 0 2 2s 0 1 1w 0 8 w u 9 2s c 2 2s 0 1 8 0 u w 0 1 8 0 4 2s 0 2 8 0
3 2s 0 1 1w 0 2 2s 0 2 w b 3 w 14 1 2s 0 1 8 0 2 2s 0 3 8 0 1 2s 0 1 8 0 5 2s 1c 8 8 0 8 2s 0 2 8 0 2 2s 48 3 2s 1 d 2s
0 1 8 0 7 2s 4 1 2s 6 1 2s 0 2 1s 0 1 8 0 2 2s 5i 1s 2s ej 1 3 0 1 4 0 1 2t 0 2 3 o 7 3 d 1 g c 1 g m g 3 2o x 2s 1d 1 g
m 1 g 2i 6 g f 2 g a7 2 g c 1 g 4m 1 g p b g 4 3 g 5j 1 g 6f 2 g a 1 g 9 1 g 1m 4 g 1 5 g 9 1 g 2 1 g 2 2 g 2 1 g 4 1 g
2 1 g 1 2 g 2 1 g 3 1 g 3 2 g 8 3 g 5 1 g 1 1 g 5 c g b 2 g 2 1 g 1 2 g 1 1 g i 1 g 2 2 g i 6 g 1 1 g 1 2 g 3 2 g 5 1 g
2 2 g 4 2 g b 2 g 5 2 g 2 1 g 5 2 g 1 1 g 1 2 g k 2 g 5 6 g 1 4 g 2 1 g 4 1 g 2 1 g 2 6 g 1 1 g 2 1 g 1 1 g 1 1 g 6 1 g
3 1 g 6 1 g a 2 g f 1 g 2 1 g 4 1 g 1 1 g 4 3 g 1 1 g b 2 g 1c 3 g 9 1 g e 1 g e 1 g ac 2 g cv 3 g j 2 g 1f 1 g 4 1 g bd
3 2s 3x 1 2s 2o w 2s fe 6 2s 0 1 g c 1 g 2j 2 2s e4 1 g 1 1 g mvp 4 2s 1 a 2s w 2 2s 28 2 2s 7k 1 2s 3 1 2s 4 1 2s n 2 8
0 2 2s 0 1 8 4 1 2s 2b 2 8 1e g 8 0 2 2s q i 2s d 1 2s 12 8 2s p b 2s 0 1 8 0 1 2s c t 9 3 3 2s 0 1 8 5 3 w 3 10 w 0 1
2s 0 2 8 0 4 2s 0 2 8 0 2 2s 0 2 8 0 1 1w v 5 w 0 1 2s 1 9 w a 5 w 16 6 2s 0 2 8 0 2 2s 0 2 8 0 2 2s c 1 2s 8 1 2s 0 1 8
i g w 1 3 w 6 1 w 1 1 2s 1 2 w 1c 1 2s 1 3 2s 2 2 2s 5 2 2s 1 1 2s u b w 0 1 8 0 2 2s 0 2 8 5 1 8 0 1 1w 5l r w 8 2 8 0
1 2s 0 2 8 0 1 2s 0 2 8 1 1 8 0 1 2s i 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d 0 1 c 0 r d
0 1 c 0 r d 0 1 c 0 r d c n a 4 1d b 6xu 1 2s kh g 2s g g 2s 5r 1 3 4e 2 2s 28 c 3 e9 1 2s 6a 1 2s 45 5 2s 1ad 1 w 0 3
2s 1 2 2s 5 4 2s 0 4 w 1 3 w 1 t w 2 3 2s 4 1 1w 4l 2 2s fx 4 2s 1t 5 2s 8t 2 2s u 5 2s w g 2s 1y b 2s 1d 4 2s 3e 1 8 0
1 2s 0 1 8 1h f 2s 15 1 2s 2 2 2s a 3 2s 0 1 8 19 3 8 0 4 2s 0 2 8 0 2 2s 2 1 7 4 1 2s a 1 7 1e 3 2s 0 10 w 0 5 2s 0 1 8
0 6 2s 0 1 1w 0 1 2s f 1 w 0 2 8 0 1 w 17 1 2s c 2 2s 0 1 8 1c 3 8 0 9 2s 0 1 8 0 1 2s 1 2 7 5 4 2s 1 1 8 0 1 2s 2k 3 8
0 3 2s 0 2 8 0 4 2s 6 1 2s 2 1 2s 4d 1 2s 0 3 8 0 8 2s l 2 2s 0 2 8 1j 2 2s 1 1 2s 0 1 8 0 1 2s 0 4 8 2 2 8 2 2 8 0 1 2s
9 1 2s a 2 8 2 7 2s 3 5 2s b a w 1 1 w 2 1 w 1 12 w 2 1 2s 0 2 8 0 6 2s 1 1 2s 2 1 2s 1 3 2s 0 1 8 1 2 8 0 2 2s 0 1 1w 0
1 7 0 1 2s e 2 2s 2a 3 8 0 8 2s 0 2 8 0 3 2s 0 1 8 0 1 2s n 1 2s 29 1 2s 0 2 8 0 6 2s 0 1 8 0 1 2s 0 2 8 0 1 2s 0 1 8 0
2 2s 0 1 8 0 2 2s 6j 1 2s 0 2 8 0 4 2s 2 4 8 0 2 2s 0 1 8 0 2 2s r 2 2s 2a 3 8 0 8 2s 0 2 8 0 1 2s 0 1 8 0 2 2s 2y 1 2s
0 1 8 0 1 2s 0 2 8 0 8 2s 2t 1 2s 0 1 8 0 1 2s 2 4 2s 0 1 8 0 5 2s 74 3 8 0 9 2s 0 1 8 0 2 2s 5h 7 w 2 1 w 2 8 w 1 2 w 1
o w 0 1 2s 0 5 8 1 2 8 2 3 2s 0 1 1w 0 1 7 0 1 8 0 1 7 0 1 8 0 1 2s 3x 3 8 0 4 2s 2 2 2s 0 4 8 0 1 2s 3 1 8 r 1 w 0 a 2s
0 14 w 0 6 2s 0 1 8 0 1 1s 0 4 2s 8 1 1w 8 1 w 0 6 2s 0 2 8 0 3 2s 0 14 w 0 6 7 0 d 2s 0 1 8 0 1 2s 0 1 1w 34 1 w 2d 1
2s 0 1 8 0 3 2s 0 1 8 0 1 2s 0 1 8 5j 1 8 0 7 2s 1 6 2s 0 1 8 0 1 2s 2a m 2s 1 1 8 0 7 2s 0 1 8 0 2 2s 0 1 8 0 2 2s 3e 6
2s 3 1 2s 1 2 2s 1 7 2s 0 1 7 0 1 2s 1u 5 8 1 2 2s 1 2 8 0 1 2s 0 1 8 0 1 2s 2g 1 2s 0 1 w 75 2 2s 0 2 8 9 2 2s 0 1 7 0
1 8 0 d w 1 y w 0 2 8 0 5 2s 3 2 8 0 2 2s 0 1 1w n 1 2s 445 g 3 0 1 2s 6 f 2s 8ug c 2s 0 3 8 0 3 2s 1xc 5 2s 1n 7 2s fg
1 a 3 4 a dg 1 2s 1 1j 8 7 4 2s 29 1 2s b 2 2s f57 2 2s 1 4 3 3mk 1a 2s 2 n 2s dc 2 2s 1o 5 2s 3 6 2s 0 8 3 0 8 2s 2 7
2s u 4 2s 44 3 2s b 3 2s 8 2 2s 2 1 2s w 2 2s 1ha 1j 2s 4 1e 2s 8 1 2s e 1 2s m 5 2s 1 f 2s 11s 7 2s 1 h 2s 2 7 2s 1 2
2s 1 5 2s 2s 1 2s 4g 7 2s af 1 2s 1p 4 2s e4 4 2s 72 2 2s 6r 1 2s 2 1 2s 7 2 2s 5 1 2s d6 7 2s 31 7 2s 1bt 1 g 13 4 g 2s
c g f 2 g f 1 g e 2 g 11 a g 34 2 g c 2 g e 1 g 2 a g k 1j g 0 q 6 1 f g a 1 g k 1 g 2 9 g 1 4 g 9 n g 6 58 g 2 34 g 2 2
g 1 3 g 2 2b g 2 3 g 1 4 g 0 5 2s 0 72 g 1 1r g b 6 g 1 o g 7 2 g 2 8 g c 1 g 2 4 g 2 1 g 4 2 g d 2 g 2 1 g 8 2 g 9 1 g
5 3 g c 3 g 8 3 g 2 1 g 1 1 g 4 1 g 6 1 g 3 1 g 6 2e g 1c 1y g 5 8 g 2 h g 3 1 g 1 6 g 2 d g 64 l g r 4 g 1k 8 g a 6 g
14 8 g u 2 g c 4 g 2 e g 9 13 g c 1b g 1 a g 1 55 g 2g 8 g e 42 g 74 se g gute w 3 0 2o 2s 0 3k 3 0 6o 2s 0 2s0 3
"""
}
