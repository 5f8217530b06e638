#include "text/sentencepiece_model.h"

#include <gtest/gtest.h>

#include <random>

#include "model_files.h"
#include "support/expect_error.h"

namespace tandem::text {
namespace {

std::string model_bytes() { return read_text(golden_tokenizer("plain-unigram") / "sentencepiece.model"); }

TEST(SentencePieceModel, AnEmptyTextHasNoIds) {
  const SentencePieceModel model(model_bytes(), "test");
  EXPECT_TRUE(model.encode("").empty());
  EXPECT_GT(model.size(), 100u);
}

TEST(SentencePieceModel, RefusesWhatIsNoModel) {
  for (const std::string& bytes :
       {std::string(), std::string("text"), std::string(100, '\0'), std::string(5, '\xFF')}) {
    expect_error(ErrorCode::kBadFormat, {"x.model"}, [&] { SentencePieceModel(bytes, "x.model"); });
  }
}

TEST(SentencePieceModel, RefusesOneOfWordsOrCharacters) {
  for (const char type : {'\3', '\4'}) {
    // A trainer_spec (field 2) of two bytes that gives the model_type (field 3); the last one counts.
    const std::string bytes = model_bytes() + std::string{'\x12', '\2', '\x18', type};
    expect_error(ErrorCode::kUnsupported, {"x.model", "Unigram (1) or BPE (2)"},
                 [&] { SentencePieceModel(bytes, "x.model"); });
  }
}

// A field of `number` that holds these bytes, of fewer than 128.
std::string field(int number, const std::string& bytes) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}

// A BPE model of the pieces "▁", "a", "b" and "ab", and of a control piece.
std::string bpe_model(const std::string& control) {
  const auto piece = [](const std::string& text, char type) {
    return field(1, field(1, text) + std::string{'\x18', type});
  };
  std::string bytes = piece("<unk>", 2) + piece(control, 3);
  for (const char* text : {"▁", "a", "b", "ab"}) bytes += piece(text, 1);
  return bytes + field(2, std::string{'\x18', 2});
}

TEST(SentencePieceModel, RefusesControlPiecesThatATextOfBpeCanSpell) {
  EXPECT_EQ(SentencePieceModel(bpe_model("<s>"), "x.model").encode("ab s"), (TokenIds{2, 5, 2, 0}));
  EXPECT_EQ(SentencePieceModel(bpe_model("abc"), "x.model").encode("abc"), (TokenIds{2, 5, 0}));
  for (const char* control : {"s", "ä", "ab"}) {
    expect_error(ErrorCode::kUnsupported, {"x.model", control, "rename"},
                 [&] { SentencePieceModel(bpe_model(control), "x.model"); });
  }
}

TEST(SentencePieceModel, ATruncatedModelIsRefusedOrReadWithoutHarm) {
  const std::string whole = model_bytes();
  for (std::size_t size = 0; size < whole.size(); size += 97) {
    try {
      SentencePieceModel(std::string_view(whole).substr(0, size), "x.model").encode("a dog");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadFormat) << size;
    }
  }
}

TEST(SentencePieceModel, AFlippedByteIsRefusedOrReadWithoutHarm) {
  const std::string whole = model_bytes();
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::string bytes = whole;
    bytes[random() % bytes.size()] ^= static_cast<char>(1 + random() % 255);
    try {
      SentencePieceModel(bytes, "x.model").encode("a dog ﬁ① 犬");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadFormat) << round;
    }
  }
}

}  // namespace
}  // namespace tandem::text
