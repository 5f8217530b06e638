"""Writes a weighted mean of two models' weights: a model that was trained on keeps more of what it knew before
(Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022).

    average.py BEFORE AFTER OUT SHARE

BEFORE, AFTER: folders of one architecture, AFTER trained on from BEFORE; OUT: a new folder; SHARE: how much of AFTER,
within 0 and 1. Needs numpy, safetensors.
"""

import pathlib
import shutil
import sys

import numpy as np
from safetensors.numpy import load_file, save_file


def main():
    before, after, out = map(pathlib.Path, sys.argv[1:4])
    share = float(sys.argv[4])
    shutil.copytree(after, out, ignore=shutil.ignore_patterns("model.safetensors", "calibration.json"))
    first, second = (load_file(folder / "model.safetensors") for folder in (before, after))
    if first.keys() != second.keys():
        sys.exit(f"not of one architecture: {sorted(first.keys() ^ second.keys())}")
    mean = {name: np.asarray((1 - share) * first[name] + share * values, values.dtype) for name, values in second.items()}
    save_file(mean, out / "model.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    main()
