"""FAISS through Python: exact search among random vectors of length 1.

vectors   writes vectors, as plain float32
search    times the ten best for one query; the first row of the file is the query, the others are searched
"""

import faiss
import numpy

import peer


def run_vectors(arguments):
    vectors = numpy.random.default_rng(0).standard_normal((arguments.count + 1, arguments.dimension), numpy.float32)
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    vectors.tofile(arguments.file)
    peer.finish()


def run_search(arguments):
    faiss.omp_set_num_threads(arguments.threads)
    vectors = numpy.fromfile(arguments.file, numpy.float32).reshape(-1, arguments.dimension)
    runs, hits = [], []
    for count in arguments.sizes:
        index = faiss.IndexFlatIP(arguments.dimension)
        index.add(vectors[1:1 + count])
        index.search(vectors[:1], 10)
        runs.append({"size": count,
                     "seconds": peer.time_runs(lambda: index.search(vectors[:1], 10), arguments.repeats)})
        hits.append(index.search(vectors[:1], 10)[1][0].tolist())
    peer.finish(runs=runs, hits=hits)


def main():
    parser = peer.parser(__doc__)
    parser.add_argument("mode", choices=["vectors", "search"])
    parser.add_argument("file")
    parser.add_argument("--dimension", type=int, required=True)
    parser.add_argument("--count", type=int, help="vectors to write")
    parser.add_argument("--sizes", type=int, nargs="+", help="vectors to search among")
    parser.add_argument("--repeats", type=int, default=50)
    arguments = peer.parse(parser)
    {"vectors": run_vectors, "search": run_search}[arguments.mode](arguments)


if __name__ == "__main__":
    main()
