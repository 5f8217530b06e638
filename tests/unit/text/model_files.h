// Small tokenizer folders for tests: the files of a golden tokenizer, to be left out, replaced or edited.
#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "support/temporary_folder.h"

namespace tandem {

// A folder of tests/golden/data/tokenizers, or the model of a case.
inline std::filesystem::path golden_tokenizer(const std::string& name) {
  const std::filesystem::path data = TANDEM_TEST_DATA;
  const std::filesystem::path tokenizer = data / "tokenizers" / name;
  return std::filesystem::exists(tokenizer) ? tokenizer : data / name / "model";
}

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// A copy of a tokenizer's folder that a test may spoil.
class ModelFiles {
 public:
  ModelFiles() = default;
  explicit ModelFiles(const std::filesystem::path& source) {
    for (const auto& entry : std::filesystem::directory_iterator(source)) {
      if (entry.is_regular_file() && entry.path().extension() != ".safetensors") {
        std::filesystem::copy_file(entry.path(), path() / entry.path().filename());
      }
    }
  }

  const std::filesystem::path& path() const { return folder_.path(); }
  void remove(const std::string& name) const { std::filesystem::remove(path() / name); }
  std::string text(const std::string& name) const { return read_text(path() / name); }
  nlohmann::json json(const std::string& name) const { return nlohmann::json::parse(text(name)); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path() / name, std::ios::binary) << text;
  }
  void write_json(const std::string& name, const nlohmann::json& content) const {
    write(name, content.dump());
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace tandem
