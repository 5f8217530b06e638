"""Writes tests/golden/data/tandem-tags: a small random model of the family `tandem` that reads object tags, and
what PyTorch computes with it.

    tandem_tags.py

The tagger's reference is the package efficientnet-lite-pytorch with batch norms of its own, which are folded as
models/default/parts does it. Needs torch, numpy, pillow, sentencepiece, safetensors, efficientnet-lite-pytorch.
"""

import json
import pathlib
import re
import sys

import numpy
import sentencepiece
import torch
import torch.nn.functional as F
from efficientnet_lite_pytorch.model import EfficientNet
from efficientnet_lite_pytorch.utils import BlockDecoder, efficientnet_lite
from PIL import Image
from safetensors.torch import save_file

ROOT = pathlib.Path(__file__).resolve().parents[3]
DATA = ROOT / "tests/golden/data"
TARGET = DATA / "tandem-tags"
sys.path.insert(0, str(ROOT / "models/default/parts"))
import efficientnet  # noqa: E402

PICTURES = ["photo_landscape.png", "photo_portrait.png", "gray.png", "pattern_square.png", "rgba.png", "tiny_5x7.png"]
TEXTS = ["A cat plays with a ball of yarn.", "Zwei Kinder am Strand", "a red bus"]
LABELS = ["cat", "dog", "red bus", "ball of yarn", "bird", "horse", "hot air balloon", "tree", "sea", "church",
          "coffee cup", "a very long name of some rare kind of beetle"]
# Widths: the package rounds them to multiples of 8. The first stage widens, as that of the real network does: where
# it could have a residual, the package leaves that out.
STAGES = [[1, 3, 1, 1, 16], [2, 5, 2, 4, 16], [1, 3, 2, 2, 24]]
WIDTH, HEADS, HIDDEN = 24, 4, 40


def make_tokenizer():
    """Identity normalisation, which keeps the file small."""
    captions = [json.loads(line) for line in (ROOT / "examples/photos/captions.jsonl").read_text().splitlines()]
    sentences = [text for row in captions for text in row["captions"] + [row["de"]]] + LABELS
    prefix = TARGET / "model/sentencepiece"
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences), model_prefix=str(prefix), vocab_size=240, bos_id=0, pad_id=1, eos_id=2,
        unk_id=3, normalization_rule_name="identity", num_threads=1, minloglevel=2)
    prefix.with_suffix(".vocab").unlink()
    return sentencepiece.SentencePieceProcessor(str(prefix) + ".model")


def make_config(tokenizer):
    # The separator stands between names as it does in a text: "a, b".
    comma = tokenizer.encode("a, b")[len(tokenizer.encode("a")):-len(tokenizer.encode("b"))]
    return {
        "model_type": "tandem",
        "image": {"backbone": "dinov2s", "size": 42, "patch": 7, "depth": 2, "dim": 18, "heads": 3, "pool": 2,
                  "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
                  "tagger": {"kind": "efficientnet-lite", "size": 50, "mean": [127 / 255] * 3, "std": [128 / 255] * 3,
                             "stem": 8, "stages": STAGES, "head": 32, "count": 3, "separator": comma,
                             "labels": tokenizer.encode(LABELS)}},
        "text": {"bos": 0, "pad": 1, "eos": 2, "max_tokens": 24, "positions": 30, "stem_layers": 2, "vocab": 240},
        "shared": {"layers": 2, "dim": WIDTH, "heads": HEADS, "ff": HIDDEN, "norm": "post", "eps": 1e-12, "act": "gelu"},
        "match_layers": 1,
        "match_factors": {"reduced": 5, "hidden": 20, "text_hidden": 14, "width": 12},
        "match_hubness": {"centres": 6, "scale": 4, "weight": 9},
        "rerank": True,
    }


class Random:
    """Weights that make layers neither vanish nor saturate."""

    def __init__(self):
        self.generator = torch.Generator().manual_seed(29)
        self.weights = {}

    def values(self, name, *shape, scale=1.0, around=0.0):
        self.weights[name] = around + scale * torch.randn(shape, generator=self.generator)

    def linear(self, name, rows, columns):
        self.values(name + ".weight", rows, columns, scale=1.5 / columns**0.5)
        self.values(name + ".bias", rows, scale=0.2)

    def norm(self, name, width):
        self.values(name + ".weight", width, scale=0.2, around=1)
        self.values(name + ".bias", width, scale=0.2)


def make_weights(config):
    random, image, text = Random(), config["image"], config["text"]
    dim, patches = image["dim"], (image["size"] // image["patch"]) ** 2
    random.values("backbone.cls", 1, 1, dim)
    random.values("backbone.pos", 1, 1 + patches, dim, scale=0.5)
    random.values("backbone.patch.weight", dim, 3, image["patch"], image["patch"], scale=0.1)
    random.values("backbone.patch.bias", dim)
    for i in range(image["depth"]):
        block = f"backbone.blocks.{i}."
        for norm in ("norm1", "norm2"):
            random.norm(block + norm, dim)
        for name, rows, columns in (("qkv", 3 * dim, dim), ("proj", dim, dim), ("fc1", 4 * dim, dim), ("fc2", dim, 4 * dim)):
            random.linear(block + name, rows, columns)
        random.values(block + "ls1", dim, scale=0.3, around=0.7)
        random.values(block + "ls2", dim, scale=0.3, around=0.7)
    random.norm("backbone.norm", dim)
    random.linear("joint.cls", WIDTH, dim)
    random.linear("joint.img", WIDTH, dim)
    random.values("joint.ipos", 1 + image["pool"] ** 2, WIDTH, scale=0.5)
    for name in ("joint.itype", "joint.tagtype", "joint.mtok", "text.ttype"):
        random.values(name, WIDTH, scale=0.5)
    random.norm("joint.iln", WIDTH)
    random.values("text.word.weight", text["vocab"], WIDTH)
    random.values("text.pos.weight", text["positions"], WIDTH, scale=0.5)
    random.norm("text.ln", WIDTH)
    layers = [f"text.layers.{i}." for i in range(text["stem_layers"])]
    for layer in layers + [f"joint.shared.{i}." for i in range(config["shared"]["layers"])]:
        for name, rows, columns in (("qkv", 3 * WIDTH, WIDTH), ("o", WIDTH, WIDTH), ("fi", HIDDEN, WIDTH), ("fo", WIDTH, HIDDEN)):
            random.linear(layer + name, rows, columns)
        random.norm(layer + "ln1", WIDTH)
        random.norm(layer + "ln2", WIDTH)
    random.linear("joint.match.0", WIDTH, 2 * WIDTH)
    random.linear("joint.match.3", 1, WIDTH)
    factors = config["match_factors"]
    for name in ("text_norm", "tag_norm"):
        random.norm("joint.factors." + name, WIDTH)
    read = (1 + image["pool"] ** 2) * factors["reduced"] + WIDTH
    for name, rows, columns in (("text_hidden", factors["text_hidden"], WIDTH), ("text_out", factors["width"], factors["text_hidden"]),
                                ("reduce", factors["reduced"], WIDTH), ("image_hidden", factors["hidden"], read),
                                ("image_out", factors["width"], factors["hidden"])):
        random.linear("joint.factors." + name, rows, columns)
    random.weights["joint.factors.scale"] = torch.tensor(5.0)
    random.weights["joint.mscale"] = torch.tensor(7.0)
    random.weights["joint.logit"] = torch.tensor(3.0)
    centres = config["match_hubness"]["centres"]
    random.values("joint.hubness.centres", centres, WIDTH, scale=0.3)
    random.values("joint.hubness.log_shares", centres, around=-2)
    return random.weights


def make_tagger(classes):
    """The package's network with other stages."""
    _, sizes = efficientnet_lite(1.0, 1.0, image_size=50, num_classes=classes)
    width, blocks = 8, []
    for layers, kernel, stride, expansion, out in STAGES:
        blocks.append(f"r{layers}_k{kernel}_s{stride}{stride}_e{expansion}_i{width}_o{out}")
        width = out
    net = EfficientNet(BlockDecoder.decode(blocks), sizes)
    # The package fixes stem and head at 32 and 1280.
    stem, head = type(net._conv_stem), type(net._conv_head)
    net._conv_stem = stem(3, 8, kernel_size=3, stride=2, bias=False, image_size=50)
    net._bn0 = torch.nn.BatchNorm2d(8, eps=efficientnet.EPS)
    net._conv_head = head(24, 32, kernel_size=1, bias=False, image_size=7)
    net._bn1 = torch.nn.BatchNorm2d(32, eps=efficientnet.EPS)
    net._fc = torch.nn.Linear(32, classes)
    first = net._blocks[0]  # which takes the fixed stem for granted
    first._depthwise_conv = type(first._depthwise_conv)(8, 8, kernel_size=3, groups=8, bias=False, image_size=25)
    first._bn1 = torch.nn.BatchNorm2d(8, eps=efficientnet.EPS)
    first._project_conv = type(first._project_conv)(8, 16, kernel_size=1, bias=False, image_size=25)
    generator = torch.Generator().manual_seed(31)
    for name, values in net.state_dict().items():
        if values.is_floating_point():
            noise = torch.randn(values.shape, generator=generator)
            if values.dim() > 1:
                values.copy_(2 * noise / values[0].numel() ** 0.5)
            elif name.endswith("running_var"):
                values.copy_(0.2 + noise.abs())
            else:
                values.copy_(0.3 * noise + (1 if name.endswith("weight") else 0))
    return net.eval()


def spread(net, inputs):
    """Changes the last layer so that pictures differ in their classes."""
    logits = torch.cat([net(each) for each in inputs])
    factor = 2 / logits.std(0)
    net._fc.weight.mul_(factor[:, None])
    net._fc.bias.copy_((net._fc.bias - logits.mean(0)) * factor)


def folded(net):
    weights = net.state_dict()
    tensors = efficientnet.folded(weights, "_conv_stem", "_bn0", "stem") | efficientnet.folded(weights, "_conv_head", "_bn1", "head")
    for index in range(len(net._blocks)):
        for convolution, (norm, ours) in efficientnet.BLOCK.items():
            if f"_blocks.{index}.{convolution}.weight" in weights:
                tensors |= efficientnet.folded(weights, f"_blocks.{index}.{convolution}", f"_blocks.{index}.{norm}", f"layers.{index}.{ours}")
    tensors |= {"classes.weight": weights["_fc.weight"], "classes.bias": weights["_fc.bias"]}
    return {"tagger." + name: values for name, values in tensors.items()}


class Reference:
    def __init__(self, config, weights, tagger):
        self.config, self.weights, self.tagger = config, weights, tagger

    def linear(self, x, name):
        return F.linear(x, self.weights[name + ".weight"], self.weights[name + ".bias"])

    def norm(self, x, name, eps):
        return F.layer_norm(x, x.shape[-1:], self.weights[name + ".weight"], self.weights[name + ".bias"], eps)

    def attend(self, x, qkv, out, heads):
        q, k, v = (part.unflatten(-1, (heads, -1)).transpose(0, 1) for part in self.linear(x, qkv).chunk(3, -1))
        weights = (q @ k.transpose(1, 2) / q.shape[-1] ** 0.5).softmax(-1)
        return self.linear((weights @ v).transpose(0, 1).flatten(1), out)

    def post_norm(self, x, layer):
        eps, heads = self.config["shared"]["eps"], self.config["shared"]["heads"]
        x = self.norm(x + self.attend(x, layer + "qkv", layer + "o", heads), layer + "ln1", eps)
        return self.norm(x + self.linear(F.gelu(self.linear(x, layer + "fi")), layer + "fo"), layer + "ln2", eps)

    def shared(self, x, first=0, last=None):
        for i in range(first, self.config["shared"]["layers"] if last is None else last):
            x = self.post_norm(x, f"joint.shared.{i}.")
        return x

    def apart(self):
        """Shared layers that text and image go through before they meet."""
        layers = self.config["shared"]["layers"]
        return layers - self.config.get("match_layers", layers)

    def words(self, ids):
        w = self.weights
        x = w["text.word.weight"][ids] + w["text.pos.weight"][: len(ids)] + w["text.ttype"]
        x = self.norm(x, "text.ln", self.config["shared"]["eps"])
        for i in range(self.config["text"]["stem_layers"]):
            x = self.post_norm(x, f"text.layers.{i}.")
        return x

    def tower(self, pixels):
        """Class token, then the grid's cells, row by row."""
        image, w = self.config["image"], self.weights
        x = F.conv2d(pixels[None], w["backbone.patch.weight"], w["backbone.patch.bias"], stride=image["patch"])
        side = x.shape[-1]
        x = torch.cat([w["backbone.cls"][0], x[0].flatten(1).T]) + w["backbone.pos"].flatten(0, -2)
        for i in range(image["depth"]):
            block = f"backbone.blocks.{i}."
            h = self.attend(self.norm(x, block + "norm1", 1e-6), block + "qkv", block + "proj", image["heads"])
            x = x + w[block + "ls1"] * h
            h = self.linear(F.gelu(self.linear(self.norm(x, block + "norm2", 1e-6), block + "fc1")), block + "fc2")
            x = x + w[block + "ls2"] * h
        x = self.norm(x, "backbone.norm", 1e-6)
        cells = F.adaptive_avg_pool2d(F.avg_pool2d(x[1:].T.reshape(1, -1, side, side), 2), image["pool"])
        return x[:1], cells[0].flatten(1).T

    def tagger_input(self, pixels):
        image, tagger = self.config["image"], self.config["image"]["tagger"]
        column = lambda numbers: torch.tensor(numbers)[:, None, None]  # noqa: E731
        levels = pixels * column(image["std"]) + column(image["mean"])
        levels = F.interpolate(levels[None], size=(tagger["size"],) * 2, mode="bicubic", align_corners=False)
        return (levels.clamp(0, 1) - column(tagger["mean"])) / column(tagger["std"])

    def tags(self, pixels):
        tagger, text = self.config["image"]["tagger"], self.config["text"]
        logits = self.tagger(self.tagger_input(pixels))[0]
        order = logits.argsort(descending=True)[: tagger["count"] + 1]
        assert logits[order].diff().abs().min() > 1e-3, "two classes are too close to be told apart"
        ids = [text["bos"]]
        for index in order[: tagger["count"]]:
            name = (tagger["separator"] if len(ids) > 1 else []) + tagger["labels"][index]
            if len(ids) + len(name) + 1 > text["max_tokens"]:
                break
            ids += name
        return logits, ids + [text["eos"]]

    def image_tokens(self, pixels, tags):
        first, cells = self.tower(pixels)
        grid = torch.cat([self.linear(first, "joint.cls"), self.linear(cells, "joint.img")])
        grid = self.norm(grid + self.weights["joint.ipos"] + self.weights["joint.itype"], "joint.iln", self.config["shared"]["eps"])
        return torch.cat([grid, self.words(tags) + self.weights["joint.tagtype"]])

    def embed(self, states):
        return F.normalize(self.shared(states).mean(0), dim=0)

    def match(self, ids, tokens):
        text, apart = self.words(ids), self.apart()
        both = torch.cat([self.weights["joint.mtok"][None], self.shared(text, 0, apart), self.shared(tokens, 0, apart)])
        joint = self.shared(both, apart)
        u = F.normalize(joint[1 : 1 + len(text)].mean(0), dim=0)
        v = F.normalize(joint[1 + len(text) :].mean(0), dim=0)
        x = torch.cat([joint[0], u * v * len(u) ** 0.5])
        correction = self.linear(F.gelu(self.linear(x, "joint.match.0")), "joint.match.3")[0]
        return self.weights["joint.mscale"] * (u @ v) + correction + self.factors(text, tokens) - self.hubness(text)

    def factors(self, text, tokens):
        """What both bring to the match apart: a vector of each, from what the shared layers read."""
        name, eps = "joint.factors.", self.config["shared"]["eps"]
        words = F.gelu(self.linear(self.norm(text.mean(0), name + "text_norm", eps), name + "text_hidden"))
        both = F.cosine_similarity(self.linear(words, name + "text_out"), self.seen(tokens), dim=0)
        return self.weights[name + "scale"] * both

    def hubness(self, text):
        """How near the text is to pictures at large."""
        if "match_hubness" not in self.config:
            return 0
        hubness, name = self.config["match_hubness"], "joint.hubness."
        near = hubness["scale"] * self.weights[name + "centres"] @ self.embed(text) + self.weights[name + "log_shares"]
        return hubness["weight"] / hubness["scale"] * near.exp().sum().log()

    def seen(self, tokens):
        name, eps = "joint.factors.", self.config["shared"]["eps"]
        count = 1 + self.config["image"]["pool"] ** 2
        tags = self.norm(tokens[count:].mean(0), name + "tag_norm", eps)
        read = torch.cat([self.linear(tokens[:count], name + "reduce").flatten(), tags])
        return self.linear(F.gelu(self.linear(read, name + "image_hidden")), name + "image_out")

    def stored(self, tokens):
        """What the match reads of a picture: its states where it meets the text, and its factor."""
        factor = F.normalize(self.seen(tokens), dim=0)
        return torch.cat([self.shared(tokens, 0, self.apart()), F.pad(factor, (0, tokens.shape[1] - len(factor)))[None]])


def preprocess(path, config):
    image = config["image"]
    picture = Image.open(path).convert("RGBA")
    picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)  # transparency lies on white
    picture = picture.convert("RGB").resize((image["size"],) * 2, Image.Resampling.BICUBIC)
    levels = torch.tensor(numpy.asarray(picture).copy()).permute(2, 0, 1) / 255
    return (levels - torch.tensor(image["mean"])[:, None, None]) / torch.tensor(image["std"])[:, None, None]


def rounded(values):
    return [round(float(value), 6) for value in values]


def main():
    (TARGET / "model").mkdir(parents=True, exist_ok=True)
    tokenizer = make_tokenizer()
    config = make_config(tokenizer)
    tagger = make_tagger(len(LABELS))
    weights = make_weights(config)
    reference = Reference(config, weights, tagger)
    by_all_layers = Reference({name: values for name, values in config.items() if name != "match_layers"}, weights, tagger)
    pictures = [preprocess(DATA / "images" / name, config) for name in PICTURES]
    spread(tagger, [reference.tagger_input(pixels) for pixels in pictures])
    save_file({name: values.contiguous() for name, values in (weights | folded(tagger)).items()},
              TARGET / "model/model.safetensors", metadata={"format": "pt"})
    text = json.dumps(config, indent=1)
    text = re.sub(r"\[\s+([^][{}]*?)\s+\]", lambda found: "[" + re.sub(r"\s+", " ", found[1]) + "]", text)
    (TARGET / "model/config.json").write_text(text + "\n")

    ids = [[0] + tokenizer.encode(text) + [2] for text in TEXTS]
    expected = {"texts": [{"text": text, "input_ids": row, "embedding": rounded(reference.embed(reference.words(row)))}
                          for text, row in zip(TEXTS, ids)], "images": [], "pairs": []}
    for index, (name, pixels) in enumerate(zip(PICTURES, pictures)):
        logits, tags = reference.tags(pixels)
        tokens = reference.image_tokens(pixels, tags)
        expected["images"].append({"file": "images/" + name, "lossless": True, "logits": rounded(logits), "tags": tags,
                                   "tokens": [rounded(row) for row in reference.stored(tokens)], "embedding": rounded(reference.embed(tokens))})
        expected["pairs"] += [{"text_index": i, "image_index": index, "logit": round(float(reference.match(row, tokens)), 6),
                               "logit_by_all_layers": round(float(by_all_layers.match(row, tokens)), 6)}
                              for i, row in enumerate(ids)]
        print(name, len(tags), tokenizer.decode(tags[1:-1]), [p["logit"] for p in expected["pairs"][-3:]])
    (TARGET / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    with torch.no_grad():
        main()
