"""What is asked of a text: data, tokens, answers and their scores, without the network and without TensorFlow."""

from kbert.problems.kinds import make_problem, problem_class
from kbert.problems.problem import Problem

__all__ = ["Problem", "make_problem", "problem_class"]
