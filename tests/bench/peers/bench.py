"""Where the programs are, how they are called, and how much is measured."""

import dataclasses
import pathlib
import subprocess

import processes
from inputs import Inputs

HERE = pathlib.Path(__file__).resolve().parent
# What each peer needs of PEERS_PYTHON.
PACKAGES = {"transformers": ["torch", "transformers", "PIL"],
            "sentence-transformers": ["torch", "transformers", "PIL", "sentence_transformers"],
            "faiss": ["torch", "PIL", "faiss"]}
LACKING = "import importlib.util, sys; print(*(name for name in sys.argv[1:] if not importlib.util.find_spec(name)))"


@dataclasses.dataclass
class Sizes:
    rounds: int
    candidates: list[int]
    curve: list[int]
    batches: list[int]
    scored: int   # pictures of which the scores are compared
    gallery: int  # pictures
    vectors: list[int]
    tokens: list[int]  # of a picture


FULL = Sizes(rounds=3, candidates=[20, 50], curve=[1, 5, 20, 50, 100, 300, 1000], batches=[1, 4, 16],
             scored=60, gallery=1000, vectors=[1000, 10_000, 100_000, 1_000_000],
             tokens=[50, 100, 197, 400, 577])
QUICK = Sizes(rounds=1, candidates=[20], curve=[1, 5, 20], batches=[1, 8], scored=20, gallery=60,
              vectors=[1000, 10_000], tokens=[50, 577])


class Bench:
    def __init__(self, build, python, threads, sizes, captions):
        self.python, self.threads, self.sizes, self.captions = python, threads, sizes, captions
        self.bin = build / "bin"
        self.folder = build / "bench" / "peers"
        self.inputs = Inputs(self.folder, lambda *arguments: self.run(self.peer(*arguments)))
        self.missing = {peer: self.lacking(packages) for peer, packages in PACKAGES.items()}

    def lacking(self, packages):
        command = [self.python, "-c", LACKING, *packages]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    def has(self, peer):
        return not self.missing[peer]

    # Command lines.

    def tandem(self, *arguments, precision="shipped"):
        chosen = [] if precision == "shipped" else ["--precision", precision]
        return [self.bin / "tandem", *arguments, *chosen, "--json", "--quiet", "--threads", self.threads]

    def measured_tandem(self, precision, *arguments, threads=None):
        return [self.bin / "tandem_bench", "--threads", threads or self.threads, "--precision", precision, *arguments]

    def peer(self, script, *arguments, threads=None):
        chosen = [] if script == "make_base_checkpoint.py" else ["--threads", threads or self.threads]
        return [self.python, HERE / script, *arguments, *chosen]

    # Runs.

    def run_lines(self, command):
        shown = [part.name if isinstance(part, pathlib.Path) else str(part) for part in command]
        print("  " + " ".join(shown), flush=True)
        return processes.run(command, self.threads, self.folder / "errors.log")

    def run(self, command):
        """Figures of the process, and what it printed last."""
        figures, lines = self.run_lines(command)
        return {**figures, **(lines[-1] if lines else {})}

    def in_turn(self, contestants, begin=lambda command: None, rounds=None):
        """A B C, A B C, …: whatever the machine does meanwhile, it does to all. Results by name, one a round."""
        results = {name: [] for name in contestants}
        for _ in range(rounds or self.sizes.rounds):
            for name, command in contestants.items():
                begin(command)
                results[name].append(self.run(command))
        return results
