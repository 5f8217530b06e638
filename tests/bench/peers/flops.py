"""Floating-point operations by formula. A multiplication with its addition counts two; what is not a matrix product
(normalising, softmax, GELU) is left out, as it is below a hundredth.

N: image tokens, T: text tokens, D: width, H: width of the feed-forward part, h: heads, L: layers.
"""


def vision_tokens(config):
    """The patches and the class token."""
    return (config["image_size"] // config["patch_size"]) ** 2 + 1


def vision_tower(config):
    """Of one picture: patches, and of each layer queries, keys, values and output (8 N D²), attention (4 N² D) and
    the feed-forward part (4 N D H)."""
    tokens, width, hidden = vision_tokens(config), config["hidden_size"], config["intermediate_size"]
    patches = 2 * (tokens - 1) * 3 * config["patch_size"] ** 2 * width
    layer = 8 * tokens * width**2 + 4 * tokens**2 * width + 4 * tokens * width * hidden
    return patches + config["num_hidden_layers"] * layer


def match(text, image_tokens, text_tokens):
    """Of one candidate, in two ways that give the same scores.

    Each layer has self-attention (8 T D² + 4 T² D), the feed-forward part (4 T D H), and cross-attention, which reads
    the image tokens. "projected", as it is written down: query and output (4 T D²), keys and values of all image
    tokens (4 N D²), attention (4 T N D). "absorbed": query, output and both projections moved to the text's side
    (8 T D²), attention over image tokens as they are (4 T h N D).
    """
    width, hidden, heads = text["hidden_size"], text["intermediate_size"], text["num_attention_heads"]
    n, t = image_tokens, text_tokens
    common = 8 * t * width**2 + 4 * t**2 * width + 4 * t * width * hidden
    projected = 4 * t * width**2 + 4 * n * width**2 + 4 * t * n * width
    absorbed = 8 * t * width**2 + 4 * t * heads * n * width
    layers = text["num_hidden_layers"]
    return {"projected": layers * (common + projected), "absorbed": layers * (common + absorbed)}
