"""What a face shows: one CNN, seven probabilities from each of two heads, weighed over time."""

from affect.expression.model import load, read_card
from affect.expression.network import ANSWERS
from affect.expression.reader import Reader
from affect.expression.runtimes import DEFAULT_RUNTIME, RUNTIMES
from affect.expression.steady import steady

__all__ = ["ANSWERS", "DEFAULT_RUNTIME", "RUNTIMES", "Reader", "load", "read_card", "steady"]
