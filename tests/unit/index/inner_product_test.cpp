#include "index/inner_product.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "support/vectors.h"

namespace tandem::index {
namespace {

class InnerProductsTest : public ::testing::TestWithParam<InnerProducts> {};

constexpr std::size_t kCounts[] = {0, 1, 2, 3, 4, 5, 7, 33};

double product_of(auto row, std::span<const float> query) {
  double sum = 0;
  for (std::size_t j = 0; j < query.size(); ++j) sum += double{query[j]} * row[j];
  return sum;
}

// Each product goes through the roundings of a lane and of its way to the total.
double tolerance(auto row, std::span<const float> query) {
  double magnitude = 0;
  for (std::size_t j = 0; j < query.size(); ++j) magnitude += std::abs(double{query[j]} * row[j]);
  const double roundings = static_cast<double>(query.size()) / 16 + 8;
  return roundings * std::numeric_limits<float>::epsilon() * magnitude;
}

std::vector<std::uint8_t> random_codes(std::size_t count) {
  std::mt19937 random(5);
  std::vector<std::uint8_t> codes(count);
  for (std::uint8_t& code : codes) code = static_cast<std::uint8_t>(random());
  return codes;
}

TEST_P(InnerProductsTest, AreThoseOfAPlainLoopInDoublePrecisionInEverySize) {
  for (std::size_t columns = 1; columns <= 100; ++columns) {
    const Matrix query = random_vectors(1, columns, 1);
    for (const std::size_t count : kCounts) {
      const Matrix rows = random_vectors(count, columns, 2);
      std::vector<float> products(count + 1, 7);
      GetParam().of_rows(rows, query.data(), products.data());
      for (std::size_t i = 0; i < count; ++i) {
        EXPECT_NEAR(products[i], product_of(rows.row(i), query.row(0)), tolerance(rows.row(i), query.row(0)))
            << columns << " columns, row " << i;
      }
      EXPECT_EQ(products[count], 7) << "nothing is written behind the last row";
    }
  }
}

TEST_P(InnerProductsTest, OfCodesAreThoseOfAPlainLoopInDoublePrecisionInEverySize) {
  for (std::size_t columns = 1; columns <= 200; ++columns) {
    const Matrix query = random_vectors(1, columns, 1);
    const std::vector<float> ready = code_query(query.row(0));
    for (const std::size_t count : kCounts) {
      const std::vector<std::uint8_t> codes = random_codes(count * columns);
      std::vector<float> products(count + 1, 7);
      GetParam().of_codes({codes.data(), count, columns}, ready.data(), products.data());
      for (std::size_t i = 0; i < count; ++i) {
        const auto row = std::span(codes).subspan(i * columns, columns);
        EXPECT_NEAR(products[i], product_of(row, query.row(0)), tolerance(row, query.row(0)))
            << columns << " columns, row " << i;
      }
      EXPECT_EQ(products[count], 7) << "nothing is written behind the last row";
    }
  }
}

void expect_same_bits(float a, float b) {
  EXPECT_EQ(std::bit_cast<std::uint32_t>(a), std::bit_cast<std::uint32_t>(b)) << a << " and " << b;
}

TEST_P(InnerProductsTest, AreTheSameBitsAsThoseOfOneRowAloneOnTheOldestProcessor) {
  const InnerProducts& plain = all_inner_products().front();
  for (const std::size_t columns : {1, 15, 16, 17, 64, 100, 384, 1000}) {
    const Matrix query = random_vectors(1, columns, 3);
    const std::vector<float> ready = code_query(query.row(0));
    const Matrix rows = random_vectors(37, columns, 4);
    const std::vector<std::uint8_t> codes = random_codes(rows.size());
    std::vector<float> of_rows(rows.rows());
    std::vector<float> of_codes(rows.rows());
    GetParam().of_rows(rows, query.data(), of_rows.data());
    GetParam().of_codes({codes.data(), rows.rows(), columns}, ready.data(), of_codes.data());
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      float alone = 0;
      plain.of_rows(rows.view().rows(i, 1), query.data(), &alone);
      expect_same_bits(of_rows[i], alone);
      expect_same_bits(inner_product(rows.row(i), query.row(0)), alone);
      plain.of_codes({codes.data() + i * columns, 1, columns}, ready.data(), &alone);
      expect_same_bits(of_codes[i], alone);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Instructions, InnerProductsTest,
                         ::testing::ValuesIn(all_inner_products().begin(), all_inner_products().end()),
                         [](const auto& test) { return std::string(test.param.instructions); });

}  // namespace
}  // namespace tandem::index
