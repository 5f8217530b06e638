"""What the peers have in common. Each prints one line of JSON last, with times in seconds."""

import argparse
import itertools
import json
import pathlib
import time

import torch
from PIL import Image


def parser(doc):
    made = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--threads", type=int, required=True)
    return made


def parse(made):
    arguments = made.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_grad_enabled(False)
    return arguments


def picture_paths(folder, count=None):
    return sorted(pathlib.Path(folder).glob("*.jpg"))[:count]


def load_picture(path):
    return Image.open(path).convert("RGB")


def batches(items, size):
    return [items[first:first + size] for first in range(0, len(items), size)]


def variations(text):
    """The words in another order each time: what a program remembers of a text is not to be timed."""
    return (" ".join(words) for words in itertools.permutations(text.split()))


def time_runs(run, most=5, limit=10):
    """Seconds of each run: `most` of them, but none is begun after `limit` seconds. Keep in step with measure.h."""
    seconds = []
    while len(seconds) < most and sum(seconds) < limit:
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return seconds


def time_tower(encode, pixels, sizes, most):
    """Times a vision tower by batch size. `encode`: pixels of a batch to a tensor of one row for each picture.

    `sample` is the beginning of the first rows, for comparing them.
    """
    sample = [row.flatten()[:64].float().tolist() for row in encode(pixels[:4])]
    runs = [{"batch": size, "seconds": time_runs(lambda: encode(pixels[:size]), most)} for size in sizes]
    return {"runs": runs, "sample": sample}


def finish(**result):
    print(json.dumps(result))
