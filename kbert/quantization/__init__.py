"""Quantization-aware training: a Keras model that computes, while it trains, with the weights that its file will have.

Weights stay float32 and are rounded in every pass to the levels of a scheme; gradients go straight through the rounding
(Bengio et al., arXiv:1308.3432; Jacob et al., arXiv:1712.05877). `fake_quantization` puts it into a model, `weights`
says which dense layers a file keeps in few bits, `rounded` computes with them, `levels` rounds.
"""
