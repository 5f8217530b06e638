// Dense float matrices: an owning `Matrix` and a borrowing `MatrixView`.
//
// Row-major, contiguous, float32. Values are plain memory: const access from many threads is safe.
// A view must not outlive what it looks at.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace tandem {

class MatrixView {
 public:
  MatrixView() = default;
  // `data` holds rows * columns floats and stays owned by the caller.
  MatrixView(const float* data, std::size_t rows, std::size_t columns)
      : data_(data), rows_(rows), columns_(columns) {}

  const float* data() const { return data_; }
  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  std::size_t size() const { return rows_ * columns_; }
  bool empty() const { return size() == 0; }
  // Row `i`, which must be below rows().
  std::span<const float> row(std::size_t i) const { return {data_ + i * columns_, columns_}; }
  // Rows [first, first + count), which must lie within the view.
  MatrixView rows(std::size_t first, std::size_t count) const {
    return {data_ + first * columns_, count, columns_};
  }

 private:
  const float* data_ = nullptr;
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
};

class Matrix {
 public:
  Matrix() = default;
  // Zero-filled.
  Matrix(std::size_t rows, std::size_t columns) : values_(rows * columns), rows_(rows), columns_(columns) {}

  float* data() { return values_.data(); }
  const float* data() const { return values_.data(); }
  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  std::size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }
  std::span<float> row(std::size_t i) { return {data() + i * columns_, columns_}; }
  std::span<const float> row(std::size_t i) const { return {data() + i * columns_, columns_}; }

  MatrixView view() const { return {data(), rows_, columns_}; }
  operator MatrixView() const { return view(); }  // NOLINT: a matrix is usable as a view

 private:
  std::vector<float> values_;
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
};

}  // namespace tandem
