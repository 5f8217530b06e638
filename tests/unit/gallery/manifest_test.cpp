#include "gallery/manifest.h"

#include <gtest/gtest.h>

#include "support/error_code_of.h"
#include "support/made_gallery.h"

namespace tandem::gallery {
namespace {

TEST(Manifest, ComesBackAsWritten) {
  ModelInfo model = made_model(3);
  model.path = "/models/M\xC3\xBCller \xFF\n";
  const Manifest wanted = make_manifest(model, {TokenStorage::kInt8, "IVF16,Flat"});
  const Manifest found = parse_manifest(format_manifest(wanted), "test");
  EXPECT_EQ(found.uuid, wanted.uuid);
  EXPECT_EQ(found.model_family, "made-up");
  EXPECT_EQ(found.model_path, model.path);
  EXPECT_EQ(found.weights_fingerprint, "w0");
  EXPECT_EQ(found.preprocessing_fingerprint, "p0");
  EXPECT_EQ(found.dimension, 12u);
  EXPECT_EQ(found.embedding_rows, 3u);
  EXPECT_EQ(found.tokens, TokenStorage::kInt8);
  EXPECT_EQ(found.token_width, 7u);
  EXPECT_EQ(found.index_spec, "IVF16,Flat");
  EXPECT_NE(make_manifest(model, {}).uuid, wanted.uuid);
}

TEST(Manifest, AModelThatCannotMatchStoresNoTokens) {
  ModelInfo model = made_model();
  model.capabilities.match = false;
  const Manifest manifest = make_manifest(model, {});
  EXPECT_EQ(manifest.tokens, TokenStorage::kNone);
  EXPECT_EQ(manifest.token_width, 0u);
}

TEST(Manifest, RefusesAModelThatCannotEmbedAndAnUnknownIndex) {
  ModelInfo model = made_model();
  EXPECT_EQ(error_code_of([&] {
              make_manifest(model, {TokenStorage::kNone, "Nonsense"});
            }),
            ErrorCode::kInvalidArgument);
  model.embedding_dim = 0;
  EXPECT_EQ(error_code_of([&] { make_manifest(model, {}); }), ErrorCode::kInvalidArgument);
}

TEST(Manifest, EveryFlippedByteAndEveryTruncationIsRefused) {
  const std::string text = format_manifest(make_manifest(made_model(), {}));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string flipped = text;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    EXPECT_EQ(error_code_of([&] { parse_manifest(flipped, "test"); }), ErrorCode::kBadFormat) << i;
    EXPECT_EQ(error_code_of([&] { parse_manifest(text.substr(0, i), "test"); }), ErrorCode::kBadFormat) << i;
  }
}

TEST(Manifest, ANewerVersionIsCalledNewerWhateverItsChecksum) {
  std::string text = format_manifest(make_manifest(made_model(), {}));
  text.replace(text.find("\"version\": 1"), 12, "\"version\": 2");
  EXPECT_EQ(error_code_of([&] { parse_manifest(text, "test"); }), ErrorCode::kVersionTooNew);
}

TEST(Manifest, ANumberThatIsNoIntegerIsRefused) {
  for (const char* version : {"1e300", "18446744073709555611", "1.5", "\"1\""}) {
    std::string text = format_manifest(make_manifest(made_model(), {}));
    text.replace(text.find("\"version\": 1"), 12, std::string("\"version\": ") + version);
    EXPECT_EQ(error_code_of([&] { parse_manifest(text, "test"); }), ErrorCode::kBadFormat) << version;
  }
}

TEST(Manifest, RefusesJsonThatIsNone) {
  for (const char* text :
       {"", "{", "[]", "{}", "null", "\xFF", "{\"format\": 5}", "{\"format\": \"tandem gallery\"}"}) {
    EXPECT_EQ(error_code_of([&] { parse_manifest(text, "test"); }), ErrorCode::kBadFormat) << text;
  }
  EXPECT_EQ(error_code_of([&] { parse_manifest(std::string(100'000, '['), "test"); }), ErrorCode::kBadFormat);
}

}  // namespace
}  // namespace tandem::gallery
