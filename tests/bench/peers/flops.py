"""Floating-point operations by formula. A multiplication with its addition counts two; what is not a matrix product
(normalising, softmax, GELU) is left out, as it is below a hundredth.

N: image tokens, T: text tokens, D: width, H: width of the feed-forward part, h: heads, L: layers.
"""

import dataclasses


def vision_tokens(config):
    """The patches and the class token."""
    return (config["image_size"] // config["patch_size"]) ** 2 + 1


@dataclasses.dataclass
class Work:
    """Operations in all, and those of them that Tandem leaves in fp32 where it computes in int8."""

    whole: float
    left: float

    def seconds(self, precision, limits):
        """At the limits of the machine, in operations a second by precision."""
        rest = self.left if precision == "int8" else 0
        return (self.whole - rest) / limits[precision] + rest / limits["fp32"]


def vision_tower(config):
    """Of one picture: patches, and of each layer queries, keys, values and output (8 N D²), attention (4 N² D) and
    the feed-forward part (4 N D H). Patches and attention are left in float32."""
    tokens, width, hidden = vision_tokens(config), config["hidden_size"], config["intermediate_size"]
    patches = 2 * (tokens - 1) * 3 * config["patch_size"] ** 2 * width
    attention = 4 * tokens**2 * width
    layer = 8 * tokens * width**2 + attention + 4 * tokens * width * hidden
    layers = config["num_hidden_layers"]
    return Work(patches + layers * layer, patches + layers * attention)


def match(text, image_tokens, text_tokens):
    """Of one candidate, in two ways that give the same scores.

    Each layer has self-attention (8 T D² + 4 T² D), the feed-forward part (4 T D H), and cross-attention, which reads
    the image tokens. "projected", as it is written down: query and output (4 T D²), keys and values of all image
    tokens (4 N D²), attention (4 T N D). "absorbed": query, output and both projections moved to the text's side
    (8 T D²), attention over image tokens as they are (4 T h N D). Self-attention's own products (4 T² D) and the
    projections that were moved (4 T D²) are left in float32; those that were not are saved altogether.
    """
    width, hidden, heads = text["hidden_size"], text["intermediate_size"], text["num_attention_heads"]
    n, t = image_tokens, text_tokens
    common = 8 * t * width**2 + 4 * t**2 * width + 4 * t * width * hidden
    projected = 4 * t * width**2 + 4 * n * width**2 + 4 * t * n * width
    absorbed = 8 * t * width**2 + 4 * t * heads * n * width
    layers = text["num_hidden_layers"]
    left = layers * (4 * t**2 * width + 4 * t * width**2)
    return {"projected": Work(layers * (common + projected), left), "absorbed": Work(layers * (common + absorbed), left)}
