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
  EXPECT_EQ(found.model.family, "made-up");
  EXPECT_EQ(found.model.path, model.path);
  EXPECT_EQ(found.model.weights_fingerprint, "w0");
  EXPECT_EQ(found.model.preprocessing_fingerprint, "p0");
  EXPECT_EQ(found.dimension, 12u);
  EXPECT_EQ(found.embedding_rows, 3u);
  EXPECT_EQ(found.tokens, TokenStorage::kInt8);
  EXPECT_EQ(found.token_width, 7u);
  EXPECT_EQ(found.index_spec, "IVF16,Flat");
  EXPECT_NE(make_manifest(model, {}).uuid, wanted.uuid);
}

TEST(Manifest, TwoModelsComeBackAsWrittenAndAreVersion2) {
  ModelInfo reranker = made_reranker();
  reranker.image_token_width = 9;
  reranker.detector = "/models/eyes.pt";
  const Manifest wanted = make_manifest({made_model(), &reranker}, {});
  const std::string text = format_manifest(wanted);
  EXPECT_NE(text.find("\"version\": 2"), text.npos);
  EXPECT_EQ(parse_manifest(text, "test"), wanted);
  EXPECT_EQ(wanted.model, gallery_model(made_model()));
  EXPECT_EQ(wanted.reranker, gallery_model(reranker));
  EXPECT_EQ(wanted.token_width, 9u) << "tokens are those of the one that reranks";
  EXPECT_EQ(gallery_info(wanted, "/g").format_version, 2);
}

TEST(Manifest, ThePrecisionOfATowerComesBackAndIsKeptTo) {
  ModelInfo model = made_model();
  EXPECT_EQ(format_manifest(make_manifest(model, {})).find("tower_precision"), std::string::npos);
  model.tower_precision = Precision::kInt8;
  const Manifest wanted = make_manifest(model, {});
  EXPECT_EQ(parse_manifest(format_manifest(wanted), "test"), wanted);
  const GalleryInfo info = gallery_info(wanted, "/g");
  EXPECT_NO_THROW(require_same_makers(info, model));
  model.tower_precision = Precision::kFp32;
  EXPECT_NO_THROW(require_same_models(info, model)) << "it can be searched with another";
  EXPECT_EQ(error_code_of([&] { require_same_makers(info, model); }), ErrorCode::kInvalidArgument);

  const ModelInfo first = made_model();
  ModelInfo second = made_reranker();
  const GalleryInfo both = gallery_info(make_manifest({first, &second}, {}), "/g");
  second.tower_precision = Precision::kBf16;
  EXPECT_EQ(error_code_of([&] { require_same_makers(both, {first, &second}); }), ErrorCode::kInvalidArgument);
}

TEST(Manifest, OneModelIsVersion1WhichOlderLibrariesRead) {
  EXPECT_NE(format_manifest(make_manifest(made_model(), {})).find("\"version\": 1"), std::string::npos);
}

TEST(Manifest, ASecondModelThatCannotMatchIsRefused) {
  ModelInfo reranker = made_model();
  reranker.capabilities.match = false;
  EXPECT_EQ(error_code_of([&] { make_manifest({made_model(), &reranker}, {}); }), ErrorCode::kUnsupported);
}

TEST(Manifest, TheModelsOfAGalleryAreToldFromOthers) {
  const ModelInfo first = made_model();
  const ModelInfo second = made_reranker();
  const GalleryInfo both = gallery_info(make_manifest({first, &second}, {}), "/g");
  EXPECT_NO_THROW(require_same_models(both, {first, &second}));
  EXPECT_NO_THROW(require_same_reranker(both, second));
  const auto refuses = [](const GalleryInfo& info, const ModelInfos& models) {
    return error_code_of([&] { require_same_models(info, models); }) == ErrorCode::kInvalidArgument;
  };
  EXPECT_TRUE(refuses(both, first)) << "the second is missing";
  EXPECT_TRUE(refuses(both, {first, &first}));
  EXPECT_TRUE(refuses(both, {second, &second}));
  const GalleryInfo one = gallery_info(make_manifest(first, {}), "/g");
  EXPECT_NO_THROW(require_same_models(one, first));
  EXPECT_NO_THROW(require_same_models(one, {first, &first})) << "the same one twice";
  EXPECT_TRUE(refuses(one, {first, &second}));

  EXPECT_TRUE(is_model(both.model, first));
  EXPECT_TRUE(is_model(*both.reranker, second));
  EXPECT_FALSE(is_model(both.model, second));
  ModelInfo other_pixels = first;
  other_pixels.preprocessing_fingerprint += "x";
  EXPECT_FALSE(is_model(both.model, other_pixels));
}

TEST(Manifest, AModelThatCannotMatchStoresNoTokens) {
  ModelInfo model = made_model();
  model.capabilities.match = false;
  const Manifest manifest = make_manifest(model, {.max_tokens = 4});
  EXPECT_EQ(manifest.tokens, TokenStorage::kNone);
  EXPECT_EQ(manifest.token_width, 0u);
  EXPECT_EQ(manifest.max_tokens, 0u);
}

TEST(Manifest, ALimitOfTokensComesBackAndIsNotWrittenWhereThereIsNone) {
  const std::string without = format_manifest(make_manifest(made_model(), {}));
  EXPECT_EQ(without.find("max_tokens"), std::string::npos);
  EXPECT_EQ(without.find("whole_tokens"), std::string::npos);
  EXPECT_EQ(parse_manifest(without, "test").max_tokens, 0u) << "all";

  ModelInfo reranker = made_reranker();
  reranker.first_whole_tokens = 1;
  reranker.last_whole_tokens = 2;
  const Manifest wanted = make_manifest({made_model(), &reranker}, {.max_tokens = 4});
  EXPECT_EQ(parse_manifest(format_manifest(wanted), "test"), wanted);
  EXPECT_EQ(wanted.max_tokens, 4u);
  EXPECT_EQ(wanted.first_whole_tokens, 1u) << "tokens are those of the one that reranks";
  EXPECT_EQ(wanted.last_whole_tokens, 2u);
  EXPECT_EQ(gallery_info(wanted, "/g").max_tokens, 4u);
}

TEST(Manifest, ALimitThatLeavesNoTokenToMergeIntoIsRefusedWithTheLeast) {
  ModelInfo model = made_model();
  EXPECT_EQ(make_manifest(model, {.max_tokens = 2}).max_tokens, 2u);
  model.first_whole_tokens = 1;
  model.last_whole_tokens = 2;
  EXPECT_EQ(make_manifest(model, {.max_tokens = 65536}).max_tokens, 65536u);
  for (const std::size_t limit : {1, 3, 65537}) {
    try {
      make_manifest(model, {.max_tokens = limit});
      ADD_FAILURE() << limit << " was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
      EXPECT_NE(std::string(error.what()).find("4 to 65536"), std::string::npos) << error.what();
    }
  }
}

TEST(Manifest, NumbersOfTokensThatCannotBeAreRefused) {
  const auto refuses = [](std::size_t most, std::size_t first, std::size_t last) {
    Manifest manifest = make_manifest(made_model(), {});
    manifest.max_tokens = most;
    manifest.first_whole_tokens = first;
    manifest.last_whole_tokens = last;
    const std::string text = format_manifest(manifest);
    return error_code_of([&] { parse_manifest(text, "test"); }) == ErrorCode::kBadFormat;
  };
  EXPECT_TRUE(refuses(1, 0, 0));
  EXPECT_TRUE(refuses(65537, 0, 0));
  EXPECT_TRUE(refuses(4, 4, 0));
  EXPECT_TRUE(refuses(4, 0, 4));
  EXPECT_TRUE(refuses(4, 2, 2));
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
  text.replace(text.find("\"version\": 1"), 12, "\"version\": 3");
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
