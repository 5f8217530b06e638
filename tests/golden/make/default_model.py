"""Writes tests/golden/data/tandem-default: what PyTorch computes with the model that ships, on the demo photos.

    default_model.py

The transformer is that of tandem_tags.py, the tagger written out once more from its stages. Weights are turned into
float32. Of every fifth photo the embedding is written; one whose tags are too close to be told apart is passed over.
Needs torch, numpy, pillow, sentencepiece, safetensors, efficientnet-lite-pytorch.
"""

import json
import pathlib

import sentencepiece
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from tandem_tags import DATA, ROOT, Reference, preprocess, rounded

MODEL, PHOTOS, TARGET = ROOT / "models/default", ROOT / "examples/photos", DATA / "tandem-default"
TEXTS = 10
EVERY = 5


def weights_of(folder):
    stored = load_file(folder / "model.safetensors")
    weights = {}
    for name, values in stored.items():
        if name.endswith(".scale") and name.removesuffix(".scale") in stored:
            continue
        values = values.float()
        scale = stored.get(name + ".scale")
        if scale is not None:
            values *= scale.view(-1, *[1] * (values.dim() - 1))
        weights[name] = values
    return weights


class Tagger:
    """EfficientNet-Lite (Tan and Le, ICML 2019) with its batch norms in the convolutions, padded as TensorFlow does."""

    def __init__(self, weights, stages):
        self.weights, self.stages = weights, stages

    def convolve(self, x, name, stride=1, groups=1):
        weight, bias = self.weights[f"tagger.{name}.weight"], self.weights[f"tagger.{name}.bias"]
        missing = [max((-(-side // stride) - 1) * stride + kernel - side, 0) for side, kernel in zip(x.shape[2:], weight.shape[2:])]
        x = F.pad(x, [missing[1] // 2, missing[1] - missing[1] // 2, missing[0] // 2, missing[0] - missing[0] // 2])
        return F.conv2d(x, weight, bias, stride=stride, groups=groups)

    def grid(self, pixels):
        """Behind the last stage."""
        x = F.relu6(self.convolve(pixels, "stem", stride=2))
        index = 0
        for layers, _, stride, expansion, _ in self.stages:
            for layer in range(layers):
                name = f"layers.{index}."
                h = F.relu6(self.convolve(x, name + "expand")) if expansion > 1 else x
                h = F.relu6(self.convolve(h, name + "depthwise", stride if layer == 0 else 1, groups=h.shape[1]))
                h = self.convolve(h, name + "project")
                x = x + h if layer > 0 else h
                index += 1
        return x

    def head(self, grid):
        return F.relu6(self.convolve(grid, "head")).mean((2, 3))

    def __call__(self, pixels):
        x = self.head(self.grid(pixels))
        return F.linear(x, self.weights["tagger.classes.weight"], self.weights["tagger.classes.bias"])


def main():
    config = json.loads((MODEL / "config.json").read_text())
    weights = weights_of(MODEL)
    reference = Reference(config, weights, Tagger(weights, config["image"]["tagger"]["stages"]))
    tokenizer = sentencepiece.SentencePieceProcessor(str(MODEL / "sentencepiece.model"))
    rows = [json.loads(line) for line in (PHOTOS / "captions.jsonl").read_text().splitlines()]

    expected = {"texts": [], "images": [], "pairs": []}
    for row in rows[:TEXTS]:
        for language, text in [("en", row["captions"][0]), *((code, row[code]) for code in ("de", "fr", "cs") if code in row)]:
            ids = [0] + tokenizer.encode(text)[: config["text"]["max_tokens"] - 2] + [2]
            expected["texts"].append({"text": text, "language": language, "input_ids": ids,
                                      "embedding": rounded(reference.embed(reference.words(ids)))})
    for index, row in enumerate(rows):
        image = {"file": row["file"]}
        expected["images"].append(image)
        if index % EVERY:
            continue
        pixels = preprocess(PHOTOS / row["file"], config)
        try:
            tags = reference.tags(pixels)[1]
        except AssertionError as error:
            print(row["file"], error)
            continue
        tokens = reference.image_tokens(pixels, tags)
        image["embedding"] = rounded(reference.embed(tokens))
        expected["pairs"] += [{"text_index": i, "image_index": index, "logit": round(float(reference.match(text["input_ids"], tokens)), 5)}
                              for i, text in enumerate(expected["texts"]) if i % 4 == 0]
        print(row["file"], tokenizer.decode(tags[1:-1]))
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "expected.json").write_text(json.dumps(expected, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    with torch.no_grad():
        main()
