#include "checkpoint/pickled_weights.h"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

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

using NamedTensors = std::vector<std::pair<std::string, PickleValue>>;

NamedTensors tensors_of_dict(const PickleValue& dict) {
  NamedTensors tensors;
  for (std::size_t i = 0; i < dict.size(); ++i) {
    if (dict.value(i).is(PickleKind::kTensor)) tensors.emplace_back(dict.key(i).text(), dict.value(i));
  }
  return tensors;
}

// The tensors of a module of TorchScript and of the modules in it, by the names that state_dict() gives them.
class ModuleTensors {
 public:
  explicit ModuleTensors(const std::string& place) : place_(place) {}

  NamedTensors find(const PickleValue& module) {
    visit(module, "", 0);
    if (found_.empty()) fail(ErrorCode::kBadFormat, "{}: a TorchScript module without a tensor", place_);
    return std::move(found_);
  }

 private:
  // Modules may be shared and hold themselves: neither may make this endless.
  static constexpr int kMaxDepth = 64;
  static constexpr std::size_t kMaxNames = 1 << 24;  // bytes of all names together

  void visit(const PickleValue& module, const std::string& prefix, int depth) {
    if (depth > kMaxDepth)
      fail(ErrorCode::kBadFormat, "{}: modules nested deeper than {}", place_, kMaxDepth);
    for (std::size_t i = 0; i < module.size(); ++i) {
      const PickleValue value = module.value(i);
      if (!value.is(PickleKind::kTensor) && !value.is(PickleKind::kModule)) continue;
      std::string name = prefix + std::string(module.key(i).text());
      names_ += name.size() + 1;
      if (names_ > kMaxNames) fail(ErrorCode::kBadFormat, "{}: its modules have far too many parts", place_);
      if (value.is(PickleKind::kModule)) {
        visit(value, name + ".", depth + 1);
      } else {
        found_.emplace_back(std::move(name), value);
      }
    }
  }

  const std::string& place_;
  NamedTensors found_;
  std::size_t names_ = 0;
};

NamedTensors find_tensors(const PickleValue& root, const std::string& below, const std::string& place) {
  if (root.is(PickleKind::kModule)) return ModuleTensors(place).find(root);
  return tensors_of_dict(find_state_dict(root, below, place));
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
  const NamedTensors tensors = find_tensors(read_torch_file(weights.file, place), below, place);
  std::uint64_t may_copy = kAlwaysCopied + kMostCopied * bytes.size();
  for (const auto& [name, value] : tensors) {
    TensorView tensor = value.tensor();
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
