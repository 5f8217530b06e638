// The one place that sets how many threads the libraries below use, so that they never add up.
#include <ATen/Parallel.h>

#include <algorithm>
#include <thread>

#include "tandem/model.h"

// Present where OpenBLAS is what FAISS or OpenCV brought.
extern "C" __attribute__((weak)) void openblas_set_num_threads(int);

namespace tandem {

void set_num_threads(std::size_t threads) {
  const int count =
      static_cast<int>(threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency()));
  at::set_num_threads(count);  // LibTorch's and, with it, OpenMP's, which FAISS uses
  if (openblas_set_num_threads != nullptr) openblas_set_num_threads(count);
}

}  // namespace tandem
