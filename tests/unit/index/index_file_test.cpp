#include "index/index_file.h"

#include <gtest/gtest.h>

#include <random>

#include "index/stored_index.h"
#include "support/error_code_of.h"
#include "support/temporary_folder.h"
#include "support/vectors.h"

namespace tandem::index {
namespace {

constexpr std::size_t kDimension = 8;

class SavedIndex : public ::testing::TestWithParam<const char*> {};

TEST_P(SavedIndex, ALoadedIndexAnswersAsTheSavedOneDid) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "index";
  const Matrix queries = random_vectors(4, kDimension, 51);
  for (const std::size_t rows : {0, 1, 2, 17, 33, 400}) {
    const auto index = make_index(GetParam(), kDimension);
    index->add(random_vectors(rows, kDimension, 50), ids_from(3, rows));
    index->save(path);
    const auto loaded = tandem::load_index(path);
    EXPECT_EQ(loaded->size(), rows);
    EXPECT_EQ(loaded->dimension(), kDimension);
    EXPECT_EQ(loaded->search(queries, 20), index->search(queries, 20));
    loaded->add(random_vectors(2, kDimension, 52), ids_from(1000, 2));
    EXPECT_EQ(loaded->size(), rows + 2) << "and it can grow";
  }
}

TEST(SavedShare, LooksAsFarAsItDidBefore) {
  const auto index = make_stored_index("IVF4,SQ8", kDimension);
  index->add(random_vectors(1000, kDimension, 50), ids_from(0, 1000));
  const Matrix query = random_vectors(1, kDimension, 51);
  std::size_t last = 0;
  for (const double share : {0.01, 0.5, 1.0}) {
    EXPECT_TRUE(index->look_at(share));
    const auto hits = index->search(query, 1000);
    EXPECT_GT(hits[0].size(), last);
    last = hits[0].size();
    EXPECT_EQ(index_from_bytes(index->to_bytes(), "index")->search(query, 1000), hits);
  }
  EXPECT_EQ(last, 1000u);
  EXPECT_FALSE(make_stored_index("HNSW16", kDimension)->look_at(0.5));
}

INSTANTIATE_TEST_SUITE_P(Specs, SavedIndex, ::testing::Values("exact", "Flat", "IVF4,Flat", "HNSW16", "SQ8"),
                         [](const auto& spec) {
                           const std::string name = spec.param;
                           return name.substr(0, name.find(','));
                         });

std::vector<std::byte> file_of(const char* spec) {
  const auto index = make_stored_index(spec, kDimension);
  index->add(random_vectors(20, kDimension, 60), ids_from(0, 20));
  return index->to_bytes();
}

TEST(IndexFile, EveryFlippedByteAndEveryTruncationIsRefused) {
  for (const char* spec : {"exact", "HNSW16"}) {
    const auto bytes = file_of(spec);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      auto flipped = bytes;
      flipped[i] ^= std::byte{0x10};
      const auto code = error_code_of([&] { index_from_bytes(flipped, "flipped"); });
      // The version is looked at before the checksum, so that a newer file is called newer.
      const bool version = i >= 8 && i < 12;
      EXPECT_TRUE(code == ErrorCode::kBadFormat || (version && code == ErrorCode::kVersionTooNew))
          << "byte " << i;
      const auto truncated = std::span(bytes).first(i);
      EXPECT_EQ(error_code_of([&] { index_from_bytes(truncated, "truncated"); }), ErrorCode::kBadFormat) << i;
    }
  }
}

TEST(IndexFile, ANewerVersionIsCalledNewer) {
  auto bytes = file_of("exact");
  bytes[8] = std::byte{2};
  EXPECT_EQ(error_code_of([&] { index_from_bytes(bytes, "newer"); }), ErrorCode::kVersionTooNew);
}

TEST(IndexFile, AHeaderThatPromisesMoreThanTheBodyHoldsIsRefused) {
  const std::vector<std::byte> body(24);
  for (const auto kind : {IndexBody::kRows, IndexBody::kFaiss, static_cast<IndexBody>(9)}) {
    const auto bytes = format_index_file({"Flat", kDimension, std::size_t{1} << 60, kind, body});
    EXPECT_EQ(error_code_of([&] { index_from_bytes(bytes, "lying"); }), ErrorCode::kBadFormat);
  }
  const auto wide = format_index_file({"Flat", std::size_t{1} << 61, 8, IndexBody::kRows, body});
  EXPECT_EQ(error_code_of([&] { index_from_bytes(wide, "wide"); }), ErrorCode::kBadFormat);
}

TEST(IndexFile, AMissingFileIsNotFound) {
  EXPECT_EQ(error_code_of([&] { tandem::load_index("/nowhere/index"); }), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace tandem::index
