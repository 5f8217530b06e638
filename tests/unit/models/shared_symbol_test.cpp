// SentencePiece and LibTorch in one program: both export FLAGS_minloglevel, see sentencepiece_model.cpp.
#include <c10/util/Logging.h>
#include <dlfcn.h>
#include <elf.h>
#include <gtest/gtest.h>
#include <link.h>
#include <torch/script.h>

#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "text/sentencepiece_model.h"

C10_DECLARE_bool(logtostderr);
extern std::byte FLAGS_minloglevel[64];

namespace tandem::models {
namespace {

text::SentencePieceModel made_tokenizer() {
  const std::string path = TANDEM_TEST_DATA "/tokenizers/plain-unigram/sentencepiece.model";
  std::ifstream file(path, std::ios::binary);
  return {std::string(std::istreambuf_iterator<char>(file), {}), path};
}

// The address and size of FLAGS_minloglevel as a library defines it.
std::pair<void*, std::size_t> flag_of(const char* library) {
  void* handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
  EXPECT_NE(handle, nullptr) << dlerror();
  void* address = dlsym(handle, "FLAGS_minloglevel");
  Dl_info info;
  void* symbol = nullptr;
  EXPECT_NE(dladdr1(address, &info, &symbol, RTLD_DL_SYMENT), 0);
  EXPECT_NE(std::string(info.dli_fname).find(library), std::string::npos) << info.dli_fname;
  return {address, static_cast<const ElfW(Sym)*>(symbol)->st_size};
}

TEST(SharedSymbol, BothLibrariesUseTheOneThatIsLargeEnoughForEither) {
  const auto tokenizer = made_tokenizer();
  EXPECT_EQ(dlsym(RTLD_DEFAULT, "FLAGS_minloglevel"), FLAGS_minloglevel);
  for (const char* library : {"libsentencepiece.so.0", "libc10.so"}) {
    const auto [address, size] = flag_of(library);
    EXPECT_NE(address, FLAGS_minloglevel) << library;
    EXPECT_GT(size, 0u) << library;
    EXPECT_LE(size, sizeof FLAGS_minloglevel) << library;
  }
}

TEST(SharedSymbol, LibTorchsFlagsHaveTheirOwnValues) {
  const auto tokenizer = made_tokenizer();
  EXPECT_FALSE(FLAGS_caffe2_use_fatal_for_enforce);
  EXPECT_FALSE(FLAGS_logtostderr);
}

TEST(SharedSymbol, AScriptRunsInAProgramThatTokenizes) {
  const auto tokenizer = made_tokenizer();
  EXPECT_FALSE(tokenizer.encode("a dog").empty());
  torch::jit::Module module("twice");
  module.define("def forward(self, x):\n  return x * 2\n");
  EXPECT_TRUE(module.forward({at::ones({2})}).toTensor().equal(at::full({2}, 2.0)));
}

}  // namespace
}  // namespace tandem::models
