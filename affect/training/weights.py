"""Write a network's weights as Keras reads them, in half the space."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np


def save(model: Any, path: Path) -> None:
    """Write weights with kernels in 16 bits and all that is but one number a channel in 32.

    Kernels are nearly all of a file, and three digits are enough for them; the statistics of
    features that hardly vary are smaller than 16 bits can hold.

    Args:
        model: keras.Model; `load_weights` gives it numbers of 32 bits again.
        path: ends in .weights.h5.
    """
    import h5py

    with TemporaryDirectory(dir=path.parent) as folder:
        whole = Path(folder, path.name)
        model.save_weights(whole)
        with h5py.File(whole) as old, h5py.File(path, "w") as new:

            def keep(name: str, item: Any) -> None:
                if isinstance(item, h5py.Dataset):
                    narrow = item.ndim > 1
                    new.create_dataset(name, data=item.astype(np.float16)[()] if narrow else item)
                else:
                    new.require_group(name).attrs.update(item.attrs)

            new.attrs.update(old.attrs)
            old.visititems(keep)
