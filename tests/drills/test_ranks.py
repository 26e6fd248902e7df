"""The rank test of R13 finds what differs, and nothing where nothing does."""

from random import Random

import pytest

from bench.drills.r13_sign_in import BAR, mann_whitney, suspects

MALES, FEMALES = [19, 22, 16, 29, 24], [20, 11, 17, 12]


def drawn(seed, milliseconds):
    """Return 200 times around so many milliseconds, with the long tail of a busy machine."""
    rng = Random(seed)
    return [milliseconds + rng.gauss(0, 1) + rng.expovariate(0.5) for _ in range(200)]


def test_the_figure_is_that_of_the_textbook():
    # scipy.stats.mannwhitneyu(males, females, method="asymptotic")
    assert mann_whitney(MALES, FEMALES) == pytest.approx(0.11134688653314041)
    assert mann_whitney(FEMALES, MALES) == pytest.approx(0.11134688653314041)


def test_ties_are_counted():
    # By hand: ranks 1, 3 (of three 2s), 6 (of three 3s) and 8; U = 3, spread 3.295.
    assert mann_whitney([1, 2, 2, 3], [2, 3, 3, 4]) == pytest.approx(0.1720, abs=1e-4)
    assert mann_whitney([5, 5], [5, 5]) == 1


def test_a_millisecond_in_twenty_is_found():
    times = {"known": drawn(1, 20), "unknown": drawn(2, 19), "retired": drawn(3, 20)}
    times |= {"invited": drawn(4, 20), "factor": drawn(5, 20)}
    assert suspects(times) == ["unknown"]
    assert mann_whitney(times["retired"], times["known"]) > BAR
