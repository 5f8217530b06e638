// Model folders that lie, as the command meets them.
#include <cstring>
#include <limits>

#include "integration/cli/bad_input_test.h"
#include "unit/checkpoint/safetensors_bytes.h"
#include "unit/models/altered_model.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

using BadModelTest = BadInputTest;

// The header of the model's weights as JSON, and what follows it.
struct WeightFile {
  explicit WeightFile(const AlteredModel& model) {
    const std::string bytes = model.read("model.safetensors");
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof length);
    header = bytes.substr(sizeof length, length);
    data = bytes.substr(sizeof length + length);
  }
  std::string header;
  std::string data;
};

struct BadWeights {
  const char* name;
  // Changes header (as text) and data.
  void (*change)(std::string& header, std::string& data);
  int status;
  const char* said;
};

// Changes the entry of the first tensor.
template <typename Change>
void change_entry(std::string& header, Change change) {
  Json entries = Json::parse(header);
  change(entries["logit_scale"]);
  header = entries.dump();
}

const BadWeights kBadWeights[] = {
    {"huge tensor",
     [](auto& header, auto&) {
       change_entry(header, [](Json& entry) { entry["shape"] = {4611686018427387904}; });
     },
     4, "logit_scale"},
    {"negative side",
     [](auto& header, auto&) { change_entry(header, [](Json& entry) { entry["shape"] = {-1}; }); }, 4,
     "logit_scale"},
    {"unknown dtype",
     [](auto& header, auto&) { change_entry(header, [](Json& entry) { entry["dtype"] = "F4"; }); }, 6,
     "dtype: found \"F4\""},
    {"out of range",
     [](auto& header, auto& data) {
       change_entry(header, [&](Json& entry) { entry["data_offsets"] = {data.size(), data.size() + 4}; });
     },
     4, "logit_scale"},
    {"overlapping",
     [](auto& header, auto& data) {
       Json entries = Json::parse(header);
       entries["another"] = {
           {"dtype", "U8"}, {"shape", {1}}, {"data_offsets", {data.size() - 1, data.size()}}};
       header = entries.dump();
     },
     4, "overlaps"},
    {"duplicate name",
     [](auto& header, auto&) {
       header.insert(1, R"("logit_scale":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)");
     },
     4, "found \"logit_scale\" twice"},
    {"trailing bytes", [](auto&, auto& data) { data += "xyz"; }, 4, "has 3 bytes after the last tensor"},
    {"truncated", [](auto&, auto& data) { data.resize(data.size() / 2); }, 4, "a range within"},
    {"NaN",
     [](auto&, auto& data) {
       const float bad = std::numeric_limits<float>::quiet_NaN();
       std::memcpy(data.data() + data.size() - 64, &bad, sizeof bad);
     },
     4, "not finite"},
    {"infinity",
     [](auto&, auto& data) {
       const float bad = std::numeric_limits<float>::infinity();
       std::memcpy(data.data() + data.size() - 64, &bad, sizeof bad);
     },
     4, "not finite"},
    {"nested", [](auto& header, auto&) { header = std::string(10'000, '['); }, 4, "nested deeper than"},
    {"no JSON", [](auto& header, auto&) { header = "no JSON"; }, 4, "not valid JSON"},
};

TEST_F(BadModelTest, SafetensorsThatLie) {
  for (const BadWeights& row : kBadWeights) {
    const AlteredModel model("clip-gelu");
    WeightFile file(model);
    row.change(file.header, file.data);
    model.write("model.safetensors", checkpoint::file_of(file.header, file.data));
    expect_failures({{row.name, row.status, {"info", model.path()}, row.said}});
  }
  const AlteredModel model("clip-gelu");
  model.write("model.safetensors", checkpoint::little_endian(std::uint64_t{1} << 62) + "{}");
  expect_failures({{"huge header", 4, {"info", model.path()}, "by its length"}});
  model.write("model.safetensors", "");
  expect_failures({{"zero bytes", 4, {"info", model.path()}, "model.safetensors: has 0 bytes"}});
}

struct BadConfig {
  const char* name;
  void (*change)(Json& config);
  int status;
  const char* said;
};

const BadConfig kBadConfigs[] = {
    {"without model_type", [](Json& config) { config.erase("model_type"); }, 4, "model_type: is missing"},
    {"another family", [](Json& config) { config["model_type"] = "flamingo"; }, 6, "flamingo"},
    {"another type", [](Json& config) { config["projection_dim"] = "wide"; }, 4,
     "projection_dim: found \"wide\""},
    {"a list for an object", [](Json& config) { config["text_config"] = Json::array(); }, 4, "text_config"},
    {"heads that do not divide", [](Json& config) { config["text_config"]["num_attention_heads"] = 7; }, 4,
     "a multiple of num_attention_heads (7)"},
    {"no heads", [](Json& config) { config["text_config"]["num_attention_heads"] = 0; }, 4,
     "num_attention_heads: found 0"},
    {"beyond any memory",
     [](Json& config) {
       for (const char* tower : {"text_config", "vision_config"}) {
         config[tower]["hidden_size"] = 65536;
         config[tower]["intermediate_size"] = 65536;
         config[tower]["num_hidden_layers"] = 1024;
       }
       config["text_config"]["vocab_size"] = 2147483647;
     },
     7, "config.json: out of memory"},
    {"a vocabulary shorter than the tokenizer's",
     [](Json& config) { config["text_config"]["vocab_size"] = 1000; }, 4,
     "found [1154, 32], wanted [1000, 32]"},
    {"another activation", [](Json& config) { config["text_config"]["hidden_act"] = "magic"; }, 6, "magic"},
};

TEST_F(BadModelTest, ConfigurationsThatCannotBe) {
  for (const BadConfig& row : kBadConfigs) {
    const AlteredModel model("clip-gelu");
    model.edit("config.json", row.change);
    expect_failures({{row.name, row.status, {"info", model.path()}, row.said}});
  }
  const AlteredModel model("clip-gelu");
  for (const auto& [text, said] : std::vector<std::pair<std::string, std::string>>{
           {"", "config.json: not valid JSON at byte"},
           {"[]", "config.json: found []"},
           {"{\"a\":" + std::string(10'000, '['), "config.json: nested deeper than"},
           {"{\"a\":\"\xFF\"}", "config.json: invalid UTF-8"}}) {
    model.write("config.json", text);
    expect_failures({{said, 4, {"info", model.path()}, said}});
  }
}

TEST_F(BadModelTest, MergesThatNameUnknownPieces) {
  const AlteredModel model("clip-gelu");
  fs::remove(model.path() / "tokenizer.json");
  model.write("merges.txt", model.read("merges.txt") + "zq qz\n");
  expect_failures({{"merges", 4, {"info", model.path()}, "merges.txt: "}});
}

TEST_F(BadModelTest, APreprocessorConfigThatIsMissingOrLongerThanAny) {
  const AlteredModel model("clip-gelu");
  const std::string file = "preprocessor_config.json";
  model.write(file, model.read(file) + std::string(2 << 20, ' '));
  expect_failures({{"many megabytes", 4, {"info", model.path()}, "preprocessor_config.json: has 2"}});
  fs::remove(model.path() / file);
  expect_failures(
      {{"missing", 3, {"info", model.path()}, "preprocessor_config.json: there is no such file"}});
}

TEST_F(BadModelTest, AFolderInPlaceOfAFile) {
  for (const char* name :
       {"config.json", "model.safetensors", "tokenizer.json", "preprocessor_config.json"}) {
    const AlteredModel model("clip-gelu");
    fs::remove(model.path() / name);
    fs::create_directory(model.path() / name);
    expect_failures(
        {{name, 2, {"embed", "--model", model.path(), "--text", "x"}, std::string(name) + ": is a folder"}});
  }
}

TEST_F(BadModelTest, APickleThatNamesAFunctionOfTheSystem) {
  const AlteredModel model("clip-gelu");
  fs::remove(model.path() / "model.safetensors");
  fs::copy_file(fs::path(TANDEM_TEST_DATA) / "torch-files/os_system_zip.pt",
                model.path() / "pytorch_model.bin");
  expect_failures({{"pickle", 6, {"info", model.path()}, "pytorch_model.bin: pickle, byte "}});
}

}  // namespace
}  // namespace tandem
