#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tandem/retriever.h"

namespace tandem {
namespace {

using ::testing::HasSubstr;

// What validate() says of the default options after a change; nothing where it accepts them.
template <typename Change>
std::string refusal(Change change) {
  SearchOptions options;
  change(options);
  try {
    options.validate();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    return error.what();
  }
  return {};
}

TEST(SearchOptions, ValidateSaysWhatToMend) {
  using Options = SearchOptions;
  EXPECT_EQ(refusal([](Options&) {}), "");
  EXPECT_THAT(refusal([](Options& o) { o.top_k = 0; }), HasSubstr("top_k"));
  EXPECT_THAT(refusal([](Options& o) { o.batch_size = 0; }), HasSubstr("batch_size"));
}

TEST(SearchOptions, AProbabilityIsWithinZeroAndOneAndNeedsReranking) {
  using Options = SearchOptions;
  for (const float bad : {-0.1f, 1.1f, std::nanf(""), std::numeric_limits<float>::infinity()}) {
    EXPECT_THAT(refusal([&](Options& o) { o.min_probability = bad; }), HasSubstr("min_probability")) << bad;
  }
  for (const float good : {0.0f, 0.5f, 1.0f}) {
    EXPECT_EQ(refusal([&](Options& o) { o.min_probability = good; }), "") << good;
  }
  EXPECT_THAT(refusal([](Options& o) {
                o.min_probability = 0.5f;
                o.rerank = false;
              }),
              HasSubstr("needs reranking"));
}

TEST(SearchOptions, AShortlistBelowTopKIsRefusedWhereItIsReranked) {
  const auto with = [](std::size_t shortlist, std::optional<bool> rerank) {
    return refusal([&](SearchOptions& o) {
      o.shortlist = shortlist;
      o.rerank = rerank;
    });
  };
  EXPECT_EQ(with(5, true), "shortlist (5) is below top_k (10): raise the shortlist or lower top_k");
  EXPECT_NE(with(0, true), "");
  EXPECT_EQ(with(10, true), "");
  EXPECT_EQ(with(5, false), "");
  EXPECT_EQ(with(5, std::nullopt), "") << "the model decides later";
}

}  // namespace
}  // namespace tandem
