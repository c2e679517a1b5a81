from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from affect.media.plan import choose, find_needed, find_wanted

times = st.lists(st.integers(0, 20_000), min_size=1, max_size=60).map(
    lambda ms: [(value - min(ms)) / 1000 for value in sorted(ms)]
)
rates = st.sampled_from([0.1, 0.5, 1.0, 3.0, 5.0, 7.5, 25.0, 29.97, 60.0, 1000.0])


def by_the_book(times_s: list[float], rate: float) -> list[int]:
    """For each moment the first picture at or after it, each picture once."""
    moments = np.arange(int(times_s[-1] * rate) + 2) / rate - 1e-6
    firsts = np.searchsorted(times_s, moments)
    return sorted({int(first) for first in firsts if first < len(times_s)})


@given(times, rates)
def test_each_moment_gets_the_first_picture_at_or_after_it(times_s: list[float], rate: float):
    chosen = [
        picture for _, picture in choose(zip(times_s, range(len(times_s)), strict=True), rate)
    ]

    assert chosen == by_the_book(times_s, rate)


@given(times, rates)
def test_times_rise_by_no_less_than_rounding_allows(times_s: list[float], rate: float):
    given_s = [time_s for time_s, _ in choose(((t, None) for t in times_s), rate)]

    assert given_s[0] == 0.0
    assert all(later > earlier for earlier, later in pairwise(given_s))
    assert len(given_s) <= times_s[-1] * rate + 1 + 1e-3


@given(st.lists(st.floats(-5, 20), max_size=40), rates)
def test_any_order_of_times_gives_rising_times_from_zero_on(times_s: list[float], rate: float):
    given_s = [time_s for time_s, _ in choose(((t, None) for t in times_s), rate)]

    assert all(time_s >= -1e-6 for time_s in given_s)
    assert all(later > earlier for earlier, later in pairwise(given_s))


def test_a_picture_a_rounding_error_too_early_counts_for_its_moment():
    assert [t for t, _ in choose(((n * 0.1, n) for n in range(31)), 10)] == [
        n * 0.1 for n in range(31)
    ]


def test_a_picture_that_is_first_for_several_moments_is_given_once():
    pictures = [(0.0, "a"), (0.1, "b"), (3.3, "c"), (3.4, "d"), (3.6, "e")]

    assert list(choose(pictures, 2)) == [(0.0, "a"), (3.3, "c"), (3.6, "e")]


@given(times, rates, st.randoms())
def test_wanted_packets_do_not_depend_on_the_order_of_decoding(times_s, rate, random):
    order = list(range(len(times_s)))
    random.shuffle(order)
    shuffled = np.array([times_s[i] for i in order])

    wanted = find_wanted(shuffled, np.ones(len(order), bool), rate)

    assert sorted(shuffled[wanted]) == [times_s[i] for i in by_the_book(times_s, rate)]


def test_pictures_cut_from_the_presentation_are_not_wanted():
    times_s = np.array([-0.2, -0.1, 0.0, 0.1])

    assert find_wanted(times_s, times_s >= 0, 10).tolist() == [False, False, True, True]


def test_between_fresh_starts_nothing_is_needed_after_the_last_wanted_packet():
    key = np.array([1, 0, 0, 1, 0, 0, 1, 0, 0], bool)
    wanted = np.array([0, 1, 0, 0, 0, 0, 0, 0, 1], bool)

    needed = find_needed(np.arange(9.0), key, wanted)

    assert needed.astype(int).tolist() == [1, 1, 0, 0, 0, 0, 1, 1, 1]


def test_a_key_picture_with_pictures_before_it_that_need_the_past_is_no_fresh_start():
    # Decoded third and fourth, the pictures of 2 and 3 are shown before the key picture of 4.
    times_s = np.array([0.0, 1.0, 4.0, 2.0, 3.0, 5.0])
    key = np.array([1, 0, 1, 0, 0, 0], bool)
    wanted = np.array([0, 0, 0, 1, 0, 0], bool)

    assert find_needed(times_s, key, wanted).astype(int).tolist() == [1, 1, 1, 1, 0, 0]


@given(times, st.randoms())
def test_all_that_is_wanted_is_needed(times_s, random):
    wanted, key = (np.array([random.random() < 0.2 for _ in times_s]) for _ in range(2))

    assert find_needed(np.array(times_s), key, wanted)[wanted].all()
