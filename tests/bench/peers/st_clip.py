"""sentence-transformers with a CLIP folder.

index   times files to embeddings and writes them
query   times one text to its best pictures, everything being loaded
"""

import time

import numpy
import torch
from sentence_transformers import SentenceTransformer, util

import peer


def run_index(arguments, model):
    paths = peer.picture_paths(arguments.pictures)
    start = time.perf_counter()
    # Opened by chunks, as a folder of photos does not fit into memory.
    embeddings = [model.encode([peer.load_picture(path) for path in some], batch_size=arguments.batch,
                               normalize_embeddings=True, show_progress_bar=False)
                  for some in peer.batches(paths, 8 * arguments.batch)]
    numpy.save(arguments.out, numpy.concatenate(embeddings))
    peer.finish(images=len(paths), seconds=time.perf_counter() - start)


def run_query(arguments, model):
    gallery = torch.from_numpy(numpy.load(arguments.out))

    def search(text):
        query = model.encode([text], convert_to_tensor=True, normalize_embeddings=True,
                             show_progress_bar=False)
        return util.semantic_search(query, gallery, top_k=10)[0]

    found = search(arguments.text)
    texts = peer.variations(arguments.text)
    seconds = peer.time_runs(lambda: search(next(texts)), arguments.repeats)
    peer.finish(seconds=seconds, similarities=[hit["score"] for hit in found])


def main():
    parser = peer.parser(__doc__)
    parser.add_argument("mode", choices=["index", "query"])
    parser.add_argument("model")
    parser.add_argument("--pictures")
    parser.add_argument("--out", help="file of the embeddings")
    parser.add_argument("--text")
    parser.add_argument("--batch", type=int, default=16, help="pictures in one forward pass")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = peer.parse(parser)
    model = SentenceTransformer(arguments.model, device="cpu")
    {"index": run_index, "query": run_query}[arguments.mode](arguments, model)


if __name__ == "__main__":
    main()
