"""Times Tandem and what a user would use instead, side by side. Usually called by scripts/bench peers.

Prints tables, and writes all that was measured to BUILD/bench/peers.json. Checkpoints of base size with random
weights are made for it in BUILD/bench/peers, with copies of the demo photos; nothing is fetched.

The peers run in the Python that the environment variable PEERS_PYTHON names (default: python3). One that has them:
    python3 -m venv peers
    peers/bin/pip install torch transformers sentence-transformers faiss-cpu pillow
    PEERS_PYTHON=peers/bin/python scripts/bench peers
A peer that is not installed is left out.
"""

import argparse
import json
import os
import pathlib
import sys

import machine
import page
import tables
from bench import FULL, QUICK, Bench
from inputs import PHOTOS, ROOT
from processes import Failed
from subjects import SUBJECTS

PAGE = ROOT / "docs" / "performance.md"


def parse():
    parser = argparse.ArgumentParser(prog="scripts/bench peers", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="little of everything, once: shows that all runs")
    parser.add_argument("--only", nargs="+", choices=[subject.__name__ for subject, _ in SUBJECTS], metavar="SUBJECT",
                        help="some of: %(choices)s")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of every program (default: all cores)")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release", help="build folder")
    parser.add_argument("--captions", type=pathlib.Path, default=PHOTOS, metavar="DIR",
                        help="pictures with captions, for the recall at each precision (default: the demo photos)")
    parser.add_argument("--update-docs", action="store_true", help="also writes the tables into docs/performance.md")
    arguments = parser.parse_args()
    if arguments.update_docs and (arguments.quick or arguments.only):
        parser.error("--update-docs is for a full run: the page says when and on what all of it was measured")
    return arguments


def measure(bench, only, data, results):
    """Adds to `data`, and writes what there is after each subject, as a whole run is long."""
    for subject, peer in SUBJECTS:
        name = subject.__name__
        if (only and name not in only) or (peer and not bench.has(peer)):
            continue
        print(f"== {name}", flush=True)
        data[name] = subject(bench)
        results.write_text(json.dumps(data, indent=1))


def main():
    arguments = parse()
    python = os.environ.get("PEERS_PYTHON", "python3")
    bench = Bench(arguments.build.absolute(), python, arguments.threads, QUICK if arguments.quick else FULL,
                  arguments.captions)
    for peer, packages in bench.missing.items():
        if packages:
            print(f"{peer} is left out: {python} has no {', '.join(packages)}; see scripts/bench peers --help")
    results = arguments.build / "bench" / "peers.json"
    data = {"machine": machine.describe(bench.bin / "tandem", python, arguments.threads)}
    try:
        if bench.has("transformers"):
            data["configs"] = {family: bench.inputs.config(family) for family in ("blip", "clip")}
        measure(bench, arguments.only, data, results)
    except Failed as failure:
        sys.exit(f"bench: {failure}")

    blocks = tables.blocks(data)
    for name, text in blocks.items():
        print(f"\n{name}\n{text}")
    print(f"\nAll that was measured: {results}")
    if arguments.update_docs:
        PAGE.write_text(page.fill(PAGE.read_text("utf-8"), blocks), "utf-8")


if __name__ == "__main__":
    main()
