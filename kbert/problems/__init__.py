"""What is asked of a text: data, tokens, answers and their scores, without the network and without TensorFlow."""
