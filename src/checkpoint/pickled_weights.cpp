#include "checkpoint/pickled_weights.h"

#include <functional>
#include <optional>
#include <utility>

#include "checkpoint/json.h"
#include "checkpoint/torch_file.h"
#include "core/fail.h"

namespace tandem::checkpoint {
namespace {

// Tensors that do not lie row-major in the file are copied: together at most this often its size.
constexpr std::uint64_t kMostCopied = 4;
constexpr std::uint64_t kAlwaysCopied = 1 << 20;

bool has_tensors(const PickleValue& value) {
  if (!value.is(PickleKind::kDict)) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value.value(i).is(PickleKind::kTensor)) return true;
  }
  return false;
}

PickleValue find_state_dict(const PickleValue& root, const std::string& below, const std::string& place) {
  if (!below.empty()) {
    const auto found = root.find(below);
    if (found && has_tensors(*found)) return *found;
    fail(ErrorCode::kBadFormat, "{}: {}: {}, a dict of tensors is wanted", place, shown(below),
         found ? "found " + found->describe() : "is missing");
  }
  if (has_tensors(root)) return root;
  for (const char* key : {"state_dict", "model"}) {
    const auto found = root.is(PickleKind::kDict) ? root.find(key) : std::nullopt;
    if (found && has_tensors(*found)) return *found;
  }
  fail(ErrorCode::kBadFormat,
       "{}: found {}, a dict of tensors is wanted, or one below \"state_dict\" or \"model\"; save "
       "model.state_dict()",
       place, root.describe());
}

bool lies_in(std::span<const std::byte> file, const TensorView& tensor) {
  return tensor.bytes.empty() ||
         (std::less_equal<>()(file.data(), tensor.bytes.data()) &&
          std::less_equal<>()(tensor.bytes.data() + tensor.bytes.size(), file.data() + file.size()));
}

}  // namespace

PickledWeights read_pickled_weights(const std::filesystem::path& path, const std::string& below,
                                    const FileSystem& files) {
  const std::string place = path.string();
  PickledWeights weights{files.map(path), {}};
  const auto bytes = weights.file->bytes();
  const PickleValue dict = find_state_dict(read_torch_file(weights.file, place), below, place);
  std::uint64_t may_copy = kAlwaysCopied + kMostCopied * bytes.size();
  for (std::size_t i = 0; i < dict.size(); ++i) {
    if (!dict.value(i).is(PickleKind::kTensor)) continue;
    const std::string name(dict.key(i).text());
    TensorView tensor = dict.value(i).tensor();
    if (!lies_in(bytes, tensor)) {
      if (tensor.bytes.size() > may_copy) {
        fail(ErrorCode::kUnsupported,
             "{}: {}: the tensors unpacked take more than {} times the file; save them by .contiguous()",
             place, shown(name), kMostCopied);
      }
      may_copy -= tensor.bytes.size();
    }
    if (!weights.tensors.emplace(name, std::move(tensor)).second) {
      fail(ErrorCode::kBadFormat, "{}: found {} twice, each name is wanted once", place, shown(name));
    }
  }
  return weights;
}

}  // namespace tandem::checkpoint
