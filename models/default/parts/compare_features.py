"""Which frozen features of a picture tell more of what its captions say: those of the ViT or those of the EfficientNet?

    compare_features.py BASE FLICKR8K CACHE

BASE: what make_base.py wrote; FLICKR8K: the folder of the dataset; CACHE: where features are kept (200 MB). On each
kind of features, and on both together, a small network is trained (one hidden layer for pictures, one matrix for
texts, which are the means of the text layers' states; InfoNCE on the English captions of the train split). Printed is
what it finds among the pictures of the dev split, as mean and standard deviation of three seeds.
Needs torch, numpy, pillow, sentencepiece, safetensors, efficientnet-lite-pytorch.
"""

import json
import pathlib
import statistics
import sys

import sentencepiece
import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tests/golden/make"))
from default_model import Tagger, weights_of  # noqa: E402
from tandem_tags import Reference, preprocess  # noqa: E402

WIDTH, HIDDEN, SCALE, BATCH, EPOCHS, SEEDS = 384, 1024, 20, 512, 25, 3


def picture_features(reference, pixels):
    """Of each network what stands for the whole picture, and a grid of 4 × 4 cells."""
    first, cells = reference.tower(pixels)
    grid = reference.tagger.grid(reference.tagger_input(pixels))
    return {"vit": torch.cat([first[0], cells.mean(0)]), "vit_grid": cells.flatten(),
            "efficientnet": reference.tagger.head(grid)[0],
            "efficientnet_grid": F.adaptive_avg_pool2d(grid, 4)[0].flatten()}


def features_of(reference, tokenizer, folder, rows, limit):
    """Pictures by kind; texts, and of each the number of its picture."""
    kinds, texts, owners = {}, [], []
    for number, row in enumerate(rows):
        for kind, values in picture_features(reference, preprocess(folder / row["image"], reference.config)).items():
            kinds.setdefault(kind, []).append(values)
        for text in row["captions"]["en"]:
            ids = [0] + tokenizer.encode(text)[: limit - 2] + [2]
            texts.append(reference.shared(reference.words(ids)).mean(0))
            owners.append(number)
        if number % 100 == 0:
            print(f"{number} of {len(rows)}", file=sys.stderr)
    return {kind: torch.stack(values) for kind, values in kinds.items()}, torch.stack(texts), torch.tensor(owners)


def cached(path, compute):
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(compute(), path)
    return torch.load(path)


class Probe(torch.nn.Module):
    def __init__(self, width, text_width):
        super().__init__()
        self.picture = torch.nn.Sequential(torch.nn.LayerNorm(width), torch.nn.Dropout(0.2), torch.nn.Linear(width, HIDDEN),
                                           torch.nn.GELU(), torch.nn.Dropout(0.2), torch.nn.Linear(HIDDEN, WIDTH))
        self.text = torch.nn.Sequential(torch.nn.LayerNorm(text_width), torch.nn.Linear(text_width, WIDTH))

    def forward(self, pictures, texts):
        return F.normalize(self.picture(pictures), dim=1), F.normalize(self.text(texts), dim=1)


def train(pictures, texts, owners, seed):
    torch.manual_seed(seed)
    probe = Probe(pictures.shape[1], texts.shape[1])
    steps = EPOCHS * len(texts) // BATCH
    optimiser = torch.optim.AdamW(probe.parameters(), 1e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-3, steps)
    for _ in range(steps):
        batch = torch.randint(len(texts), (BATCH,))
        p, t = probe(pictures[owners[batch]], texts[batch])
        logits = SCALE * t @ p.T
        # Captions of the same picture are no negatives of each other.
        same = (owners[batch][:, None] == owners[batch]) & ~torch.eye(BATCH, dtype=torch.bool)
        logits = logits.masked_fill(same, float("-inf"))
        loss = (F.cross_entropy(logits, torch.arange(BATCH)) + F.cross_entropy(logits.T, torch.arange(BATCH))) / 2
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return probe.eval()


@torch.no_grad()
def recall(probe, pictures, texts, owners):
    p, t = probe(pictures, texts)
    scores = t @ p.T
    right = scores.gather(1, owners[:, None])
    ranks = (scores > right).sum(1)
    return [100 * float((ranks < k).float().mean()) for k in (1, 5, 10)]


def main():
    base, folder, cache = map(pathlib.Path, sys.argv[1:])
    config, weights = json.loads((base / "config.json").read_text()), weights_of(base)
    reference = Reference(config, weights, Tagger(weights, config["image"]["tagger"]["stages"]))
    tokenizer = sentencepiece.SentencePieceProcessor(str(base / "sentencepiece.model"))
    rows = [json.loads(line) for line in (folder / "captions.jsonl").read_text().splitlines()]
    data = {}
    for split in ("train", "dev"):
        chosen = [row for row in rows if row["split"] == split]
        with torch.no_grad():
            data[split] = cached(cache / f"{split}.pt", lambda: features_of(reference, tokenizer, folder, chosen, config["text"]["max_tokens"]))

    for kinds in (["vit"], ["efficientnet"], ["vit", "vit_grid"], ["efficientnet", "efficientnet_grid"], ["vit", "efficientnet"],
                  ["vit", "vit_grid", "efficientnet", "efficientnet_grid"]):
        of = {split: torch.cat([pictures[kind] for kind in kinds], 1) for split, (pictures, _, _) in data.items()}
        found = []
        for seed in range(SEEDS):
            probe = train(of["train"], *data["train"][1:], seed)
            found.append(recall(probe, of["dev"], *data["dev"][1:]))
        figures = " / ".join(f"{statistics.mean(each):.1f} ± {statistics.stdev(each):.1f}" for each in zip(*found))
        print(f"{' + '.join(kinds):56} recall at 1 / 5 / 10: {figures}", flush=True)


if __name__ == "__main__":
    main()
