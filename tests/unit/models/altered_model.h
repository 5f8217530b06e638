// A copy of a small model folder, to be damaged.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "support/temporary_folder.h"

namespace tandem {

class AlteredModel {
 public:
  // `name` is a case of tests/golden/data.
  explicit AlteredModel(const std::string& name) {
    std::filesystem::copy(std::filesystem::path(TANDEM_TEST_DATA) / name / "model", path(),
                          std::filesystem::copy_options::recursive);
  }

  std::filesystem::path path() const { return folder_.path() / "model"; }

  std::string read(const std::string& file) const {
    std::ifstream in(path() / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  void write(const std::string& file, const std::string& bytes) const {
    std::ofstream(path() / file, std::ios::binary | std::ios::trunc) << bytes;
  }

  // Changes config.json (or another JSON file) by `edit(nlohmann::json&)`.
  template <typename Edit>
  void edit(const std::string& file, Edit change) const {
    auto object = nlohmann::json::parse(read(file));
    change(object);
    write(file, object.dump());
  }

  // Sets the first value of a float32 tensor of model.safetensors.
  void spoil(const std::string& tensor, float value) const {
    std::string bytes = read("model.safetensors");
    std::uint64_t header = 0;
    std::memcpy(&header, bytes.data(), sizeof header);
    const auto tensors = nlohmann::json::parse(bytes.substr(sizeof header, header));
    const std::size_t begin = tensors.at(tensor).at("data_offsets").at(0);
    std::memcpy(bytes.data() + sizeof header + header + begin, &value, sizeof value);
    write("model.safetensors", bytes);
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace tandem
